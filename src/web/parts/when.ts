import type { AnswerOf } from '../../client/client.ts'
import { plainWords } from '../../plain-words/plain-words.ts'
import { language } from '../words/words.ts'
import { durationMs } from './duration.ts'

type Schedule = AnswerOf<'GET /schedules/{id}'>['data']

/** When a schedule runs, in plain words; the expression itself where there are none. */
export function whenOf({
  cron_expression,
  every,
  run_at,
  timezone,
}: Pick<Schedule, 'cron_expression' | 'every' | 'run_at' | 'timezone'>): string {
  const timetable = {
    cronExpression: cron_expression,
    everyMs: every === null ? null : durationMs(every),
    runAt: run_at === null ? null : Date.parse(run_at),
    timezone,
    anchor: 0,
    startsAt: null,
    endsAt: null,
  }
  return plainWords(timetable, language.value) ?? cron_expression ?? every ?? ''
}
