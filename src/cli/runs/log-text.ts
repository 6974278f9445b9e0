import type { AnswerOf } from '../../client/client.ts'
import { styled } from '../output/style.ts'
import { plain } from '../output/text-width.ts'
import { exact } from '../output/times.ts'

export type LogLine = AnswerOf<'GET /runs/{id}/logs'>['data'][number]

const styles = { debug: 'gray', info: 'reset', warn: 'yellow', error: 'red' } as const

/** A line that a run has logged, for people. */
export function logText({ logged_at, level, message, fields }: LogLine): string {
  const more = Object.keys(fields ?? {}).length === 0 ? '' : ` ${JSON.stringify(fields)}`
  return `${exact(logged_at)} ${styled(styles[level], level.padEnd(5))} ${plain(message + more)}\n`
}
