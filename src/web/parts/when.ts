import type { AnswerOf } from '../../client/client.ts'
import { plainWords } from '../../plain-words/plain-words.ts'
import { language } from '../words/words.ts'

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

const isoDuration = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/

/** @param iso as the API writes durations: days at most, no weeks or months */
function durationMs(iso: string): number | null {
  const parts = isoDuration.exec(iso)
  if (parts === null) return null
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0))
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000
}
