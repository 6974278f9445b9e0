import { localIso } from '../core/local-time.ts'
import type { Timetable } from '../core/timetable.ts'
import { type CronFields, readCron } from './cron-fields.ts'
import { cronInEnglish, everyInEnglish } from './english.ts'
import { cronInJapanese, everyInJapanese } from './japanese.ts'

interface Language {
  /** @throws what has no words */
  cron(fields: CronFields): string
  every(ms: number): string
  once(localInstant: string): string
}

const languages = {
  en: { cron: cronInEnglish, every: everyInEnglish, once: (at) => `once, at ${at}` },
  ja: { cron: cronInJapanese, every: everyInJapanese, once: (at) => `一度だけ ${at}` },
} as const satisfies Record<string, Language>

/**
 * A timetable in plain words, with 24-hour times, such as `at 09:30, Monday through Friday` or `毎週月〜金曜 09:30`; null
 * for an expression that there are no right words for. Cron expressions speak of local time.
 */
export function plainWords(
  { cronExpression, everyMs, runAt, timezone }: Timetable,
  language: keyof typeof languages = 'en',
): string | null {
  const say = languages[language]
  if (cronExpression !== null) return cronWords(cronExpression, say)
  if (everyMs !== null) return say.every(everyMs)
  return runAt === null ? null : say.once(localIso(timezone, runAt))
}

function cronWords(expression: string, say: Language): string | null {
  try {
    return say.cron(readCron(expression))
  } catch {
    return null
  }
}
