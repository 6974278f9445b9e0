import {
  addDays,
  type DateText,
  FIRST_DATA_DATE,
  isBusinessDay,
  isNationalHoliday,
  isWeekend,
  isYearEnd,
  parseDate,
  tokyoDate,
} from '../calendar.ts'
import { coverageMessage, coverageOf, covers, type Plan } from './plans.ts'
import { errorReply, jsonReply, type Reply } from './reply.ts'

/** The exchange's last half days: the last and first sessions of a year, while they were half ones. */
const halfDays: ReadonlySet<DateText> = new Set(['2008-12-30', '2009-01-05'])
/** Since then derivatives are traded on national holidays that fall on a weekday. */
const HOLIDAY_TRADING_SINCE = '2022-09-23'

/** `GET /v2/markets/calendar` */
export function answerCalendar(parameters: URLSearchParams, plan: Plan, now: Date): Reply {
  const coverage = coverageOf(plan, now)
  const from = boundary(parameters.get('from'), coverage.from ?? FIRST_DATA_DATE)
  const to = boundary(parameters.get('to'), coverage.to ?? `${tokyoDate(now).slice(0, 4)}-12-31`)
  if (from === null || to === null) return errorReply(400, "This value is not a valid date; 'from' or 'to'")
  if (!covers(coverage, from) || !covers(coverage, to)) return errorReply(400, coverageMessage(coverage))
  const wanted = parameters.get('hol_div')
  const data = []
  for (let date = from; date <= to; date = addDays(date, 1)) {
    const division = holidayDivision(date)
    if (wanted === null || wanted === division) data.push({ Date: date, HolDiv: division })
  }
  return jsonReply(200, { data })
}

/** 0 closed, 1 open, 2 half day, 3 closed with derivatives trading. */
function holidayDivision(date: DateText): string {
  if (halfDays.has(date)) return '2'
  if (isBusinessDay(date)) return '1'
  const holiday = isNationalHoliday(date) && !isWeekend(date) && !isYearEnd(date)
  return holiday && date >= HOLIDAY_TRADING_SINCE ? '3' : '0'
}

function boundary(text: string | null, otherwise: DateText): DateText | null {
  return text === null ? otherwise : parseDate(text)
}
