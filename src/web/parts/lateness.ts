import type { AnswerOf } from '../../client/client.ts'

type Run = AnswerOf<'GET /runs'>['data'][number]

/** In milliseconds. A run that somebody asked for was not late for the past instant that it is for: it has none. */
export function latenessOf({ origin, lateness_ms }: Pick<Run, 'origin' | 'lateness_ms'>): number | null {
  return origin === 'schedule' || origin === 'catch_up' ? lateness_ms : null
}
