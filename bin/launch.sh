#!/bin/sh
# Becomes Node running the command line: through exec the process id stays, so a signal reaches the process itself.

fail() {
  echo "pgbeat: $1" >&2
  exit 1
}

root=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")

# Prints the first directory, from the package upwards, that has the given file: npm may have put it further up.
find_up() {
  directory=$root
  until [ -e "$directory/$1" ]; do
    [ "$directory" != / ] || return 1
    directory=$(dirname -- "$directory")
  done
  echo "$directory"
}

# Node runs TypeScript without a flag from 22.18 on.
is_new_enough() {
  version=$("$1" --version 2>/dev/null) || return 1
  found=${found:-$version}
  numbers=${version#v}
  major=${numbers%%.*}
  numbers=${numbers#*.}
  minor=${numbers%%.*}
  [ "$major" -gt 22 ] || { [ "$major" -eq 22 ] && [ "$minor" -ge 18 ]; }
}

modules=$(find_up node_modules/graphile-worker) || fail "its dependencies are missing: run npm ci first"
modules=$modules/node_modules

found=
node=node
if ! is_new_enough node; then
  node=$(find_up node_modules/.bin/node)/node_modules/.bin/node
  is_new_enough "$node" || fail "needs Node.js 22.18 or newer, found ${found:-none}: run npm ci, or install it"
fi

# A clone runs from its source, of which `import 'pgbeat'` is a part then; an image has what was made of it.
[ -e "$root/src/cli/main.ts" ] || exec "$node" "$root/dist/cli/main.js" "$@"
# Node keeps what it made of the source: the next process starts sooner and need not load what reads TypeScript.
[ ! -w "$modules" ] || export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE-$modules/.cache/pgbeat}"
exec "$node" --conditions=pgbeat-source "$root/src/cli/main.ts" "$@"
