import { addDays, type DateText, tokyoDate } from '../calendar.ts'

export type Plan = 'free' | 'light' | 'standard' | 'premium'

export const requestsPerMinute: Readonly<Record<Plan, number>> = { free: 5, light: 60, standard: 120, premium: 500 }

/** The days a plan may see; null: no bound. */
export interface Coverage {
  readonly from: DateText | null
  readonly to: DateText | null
}

/** Free sees two years, of which the last ended 12 weeks ago; the others see up to the present. */
export function coverageOf(plan: Plan, now: Date): Coverage {
  const today = tokyoDate(now)
  switch (plan) {
    case 'free': {
      const to = addDays(today, -12 * 7)
      return { from: yearsBefore(to, 2), to }
    }
    case 'light':
      return { from: yearsBefore(today, 5), to: null }
    case 'standard':
      return { from: yearsBefore(today, 10), to: null }
    case 'premium':
      return { from: null, to: null }
  }
}

export function covers({ from, to }: Coverage, date: DateText): boolean {
  return (from === null || date >= from) && (to === null || date <= to)
}

export function coverageMessage({ from, to }: Coverage): string {
  const dates = `${from ?? ''} ~ ${to ?? ''}`
  return `Your subscription covers the following dates: ${dates}. If you want more data, please check other plans`
}

function yearsBefore(date: DateText, years: number): DateText {
  const day = new Date(`${date}T00:00:00Z`)
  day.setUTCFullYear(day.getUTCFullYear() - years)
  return day.toISOString().slice(0, 10)
}
