import { styleText } from 'node:util'

export type Style = Parameters<typeof styleText>[0]

/** In colour on a terminal, unless NO_COLOR is set. */
export function styled(style: Style | undefined, text: string): string {
  return style === undefined ? text : styleText(style, text, { stream: process.stdout })
}

const styles: Readonly<Record<string, Style>> = {
  succeeded: 'green',
  active: 'green',
  alive: 'green',
  running: 'cyan',
  queued: 'cyan',
  waiting: 'cyan',
  retrying: 'yellow',
  paused: 'yellow',
  draining: 'yellow',
  missed: 'yellow',
  cancelled: 'yellow',
  failed: 'red',
  invalid: 'red',
  dead: 'red',
  skipped: 'gray',
  finished: 'gray',
}

/** What a status looks like. */
export function styleOf(status: string): Style | undefined {
  return styles[status]
}
