#!/usr/bin/env bash
# The compose stack as its user has it, with the redis profile: starts it, runs the doctor in every container, sees a
# schedule's event on the Redis channel and its run in the history, kills the leading tick and sees the next instants run
# on time. Says so and ends with 0 where no Docker engine answers. It has its own project, image and port, and removes
# all of it in the end.
#
#   tests/compose.sh     with docker compose v2, or docker-compose from 1.29 on
set -euo pipefail
cd "$(dirname "$0")/.."

if ! docker info >/dev/null 2>&1; then
  echo "tests/compose.sh is left out: no Docker engine answers"
  exit 0
fi
if ! command -v curl >/dev/null; then
  echo "tests/compose.sh needs curl"
  exit 1
fi
if docker compose version >/dev/null 2>&1; then
  composer=(docker compose)
elif docker-compose version >/dev/null 2>&1; then
  composer=(docker-compose)
else
  echo "tests/compose.sh is left out: there is neither docker compose nor docker-compose"
  exit 0
fi

project=pgbeat-test-$$
image=pgbeat-test:$$
work=$(mktemp -d)
api_key=pgb_$(head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=')
export COMPOSE_ANSI=never

# What the shell has would win over the file.
while read -r name; do unset "$name"; done < <(grep -oE '^#?[A-Z_]+=' .env.example | tr -d '#=')
cp .env.example "$work/env"
cat >>"$work/env" <<EOF

IMAGE=$image
API_PUBLISH=127.0.0.1:0
COMPOSE_PROFILES=redis
PGBEAT_REDIS_SYNC_ENABLED=true
REDIS_URL=redis://redis:6379
PGBEAT_API_KEY=$api_key
EOF

compose() { "${composer[@]}" --project-name "$project" --env-file "$work/env" --file docker-compose.yml "$@"; }
containers() { compose ps -q "$@"; }
sql() { docker exec "$(containers postgres)" psql -U pgbeat -d pgbeat -Atc "$1"; }
say() { printf '%4d s  %s\n' "$SECONDS" "$1"; }
fail() {
  say "FAILED: $1"
  exit 1
}

# Asks until a command succeeds: within SECONDS_LEFT, WHAT, COMMAND…
within() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || fail "$what"
    sleep 0.5
  done
}

clean_up() {
  local code=$?
  trap '' INT TERM
  set +e
  [ -z "${listener:-}" ] || kill "$listener" 2>/dev/null
  if [ "$code" != 0 ]; then
    compose ps
    compose logs --no-color --tail 60
  fi
  compose down --volumes --remove-orphans --timeout 20 >/dev/null 2>&1
  docker image rm "$image" >/dev/null 2>&1
  rm -rf "$work"
  if [ "$code" = 0 ]; then say "passed, and all is removed"; else say "failed with $code, and all is removed"; fi
  exit "$code"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

say "building with $("${composer[@]}" version --short)"
# Where packages are to be had over the network of the host only, this finds them.
docker build --network host --tag "$image" . >"$work/build.log" 2>&1 || {
  cat "$work/build.log"
  fail "the image is not built"
}

compose up --detach --no-build >"$work/up.log" 2>&1 || {
  cat "$work/up.log"
  fail "the stack does not start"
}
ours=$(containers api tick worker)
[ "$(wc -w <<<"$ours")" = 4 ] || fail "there should be an API, two ticks and a worker"
are_healthy() {
  local container
  for container in $ours $(containers redis); do
    [ "$(docker inspect --format '{{.State.Health.Status}}' "$container")" = healthy ] || return 1
  done
}
within 90 "not all containers are healthy" are_healthy
say "all containers are healthy"

name_of() { docker inspect --format '{{.Name}}' "$1" | tr -d /; }
for container in $ours; do
  code=0
  docker exec "$container" doctor >"$work/doctor" 2>&1 || code=$?
  [ "$code" -le 1 ] || {
    cat "$work/doctor"
    fail "the doctor in $(name_of "$container") ends with $code"
  }
  say "doctor in $(name_of "$container"): $(tail -1 "$work/doctor")"
  grep -E -A1 '^warn' "$work/doctor" || true
done
compose run --rm -T migrate doctor --only postgres,migrations >"$work/doctor" 2>&1 || {
  cat "$work/doctor"
  fail "the doctor in migrate"
}
docker exec "$(containers worker)" doctor e2e >"$work/doctor" 2>&1 || {
  cat "$work/doctor"
  fail "the doctor's e2e"
}
say "doctor e2e in the worker: $(grep -c '^pass' "$work/doctor") steps"

url=http://$(compose port api 8000)/api/v1
call() { curl --silent --show-error --fail-with-body --max-time 10 -H "Authorization: Bearer $api_key" "$@"; }
[ "$(curl --silent --output "$work/refused" --write-out '%{http_code}' "$url/schedules")" = 401 ] ||
  fail "the API lets somebody in without a key"

: >"$work/channel"
docker exec "$(containers redis)" redis-cli subscribe celery_beat_schedule_updates >"$work/channel" &
listener=$!
within 10 "the channel can't be listened to" grep -q '^subscribe' "$work/channel"

since=$SECONDS
answer=$(call "$url/schedules" -H 'content-type: application/json' \
  -d '{"name": "compose", "task_name": "echo", "cron_expression": "*/5 * * * * *", "payload": {"from": "compose"}}')
id=$(grep -oE '"id":"[0-9a-f-]{36}"' <<<"$answer" | head -1 | cut -d'"' -f4)
[ -n "$id" ] || fail "the API made no schedule: $answer"
within 60 "its event is not on the channel" \
  grep -qE "\"event_type\":\"schedule_created\",\"schedule_id\":\"$id\",\"timestamp\":\"" "$work/channel"
say "its event was on the channel after $((SECONDS - since)) s at most"
has_run() { call "$url/schedules/compose/history" | grep -q '"status":"succeeded"'; }
within $((60 - SECONDS + since)) "its run is not in the history" has_run
say "its run was in the history after $((SECONDS - since)) s at most"

# The host of a node is the id of its container.
leader() { sql "select n.host from pgbeat.nodes n join pgbeat.leader l on l.node_id = n.id"; }
runs_since() { sql "select count(*) from pgbeat.runs where schedule_name = 'compose' and scheduled_for > '$1' and status = 'succeeded'"; }
has_runs_since() { [ "$(runs_since "$2")" -ge "$1" ]; }

# Just after an instant, so that who takes over has until the next one, 5 s later.
before=$(sql "select max(scheduled_for) from pgbeat.runs where schedule_name = 'compose'")
within 15 "no further run" has_runs_since 1 "$before"
killed=$(leader)
last=$(sql "select max(scheduled_for) from pgbeat.runs where schedule_name = 'compose'")
docker kill "$killed" >/dev/null
say "killed the leader, $(name_of "$killed")"
within 40 "no three runs after the leader was killed" has_runs_since 3 "$last"
[ "$(leader)" != "$killed" ] || fail "the killed container still leads"

shown="select to_char(scheduled_for, 'HH24:MI:SS') || '  ' || status
  || '  started ' || round(extract(epoch from started_at - scheduled_for) * 1000) || ' ms after'
  from pgbeat.runs where schedule_name = 'compose' and scheduled_for between '$before' and timestamptz '$last' + interval '15 s'
  order by scheduled_for"
sql "$shown" | sed 's/^/        /'
wrong=$(sql "select count(*) from generate_series(timestamptz '$before', timestamptz '$last' + interval '15 s', '5 s') instant
  left join pgbeat.runs r on r.schedule_name = 'compose' and r.scheduled_for = instant
  where r.status is distinct from 'succeeded' or r.origin <> 'schedule' or r.started_at > instant + interval '3 s'")
[ "$wrong" = 0 ] || fail "of the instants around the kill $wrong did not run, or more than 3 s late"
say "$(name_of "$(leader)") leads, and each instant around the kill ran within 3 s"
