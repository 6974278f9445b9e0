/** Programs that run others: what they run says more. */
const runners =
  /^(sudo|env|nice|ionice|nohup|exec|time|chronic|command|sh|bash|dash|zsh|python[\d.]*|php[\d.]*|node|ruby|perl|java|npx|bundle)$/

/** A name for what a command does: `/usr/bin/python3 /opt/app/report.py --daily` is `report`. */
export function nameOfCommand(command: string): string {
  // What comes before is preparation: `cd /opt/app && ./report`.
  const last = command
    .replace(/\s*(?:[|<>]|\d+>|&>|;\s*$).*$/s, '')
    .split(/&&|;/)
    .map((part) => part.trim())
    .filter((part) => part !== '' && !/^(cd|export|test|\[|\.|source)\b/.test(part))
    .at(-1)
  const words = (last ?? command).split(/\s+/).filter((word) => !/^([A-Za-z_]\w*=|-|\d+$)/.test(word))
  const meant = words.slice(words.findIndex((word) => !runners.test(baseName(word))))
  const name = meant
    .slice(0, 3)
    .filter((word, index) => index === 0 || /^[\w:./-]{1,60}$/.test(word))
    .map((word, index) => (index === 0 ? baseName(word).replace(/\.\w{1,4}$/, '') : baseName(word)))
    .join('-')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '')
  return name.slice(0, 100) || 'command'
}

function baseName(word: string): string {
  return word.replaceAll(/["']/g, '').replace(/\/+$/, '').replace(/^.*\//, '')
}
