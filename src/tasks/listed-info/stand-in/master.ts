import {
  type DateText,
  FIRST_DATA_DATE,
  isBusinessDay,
  nextBusinessDay,
  parseDate,
  rollForward,
  tokyoDate,
  tokyoMinuteOfDay,
} from '../calendar.ts'
import { openPageKey, pageKey, rowsThatFit } from './pages.ts'
import { coverageMessage, coverageOf, covers, type Plan } from './plans.ts'
import { errorReply, jsonReply, type Reply } from './reply.ts'
import { dayLater, type MasterRow, masterRows } from './rows.ts'
import type { Scenario } from './scenarios.ts'

export interface MasterOptions {
  readonly plan: Plan
  readonly pageBytes: number
  readonly now: Date
  readonly scenario: Scenario | undefined
}

/** Data for the next business day is there from 17:30. */
const PUBLISHED_AT_MINUTE = 17 * 60 + 30

/** `GET /v2/equities/master` */
export function answerMaster(parameters: URLSearchParams, options: MasterOptions): Reply {
  const { plan, now, pageBytes, scenario } = options
  const code = parameters.get('code') ?? undefined
  const asked = parameters.get('date')
  const askedDate = asked === null ? null : parseDate(asked)
  if (asked !== null && askedDate === null) return errorReply(400, "This value is not a valid date; 'date'")
  if (code !== undefined && !/^[0-9A-Z]{4,5}$/.test(code)) return errorReply(400, "This value is not valid; 'code'")

  const coverage = coverageOf(plan, now)
  if (askedDate !== null && !covers(coverage, askedDate)) return errorReply(400, coverageMessage(coverage))
  const date = dayWithData(askedDate ?? coverage.to ?? tokyoDate(now), now)

  const query = `${date}|${code ?? ''}`
  const key = parameters.get('pagination_key')
  const start = key === null ? { query, offset: 0 } : openPageKey(key, query)
  if (start === null) return errorReply(400, "This value is not valid; 'pagination_key'")

  const rows = scenario === 'empty-day' ? [] : masterRows(date, code, plan)
  const end = start.offset + rowsThatFit(rows, start.offset, pageBytes)
  const next = end < rows.length ? pageKey({ query, offset: end }) : undefined
  return jsonReply(200, {
    data: altered(rows.slice(start.offset, end), scenario),
    pagination_key: scenario === 'repeated-key' ? (key ?? pageKey({ query, offset: 0 })) : next,
  })
}

function altered(rows: MasterRow[], scenario: Scenario | undefined): MasterRow[] {
  if (scenario === 'mixed-dates') return dayLater(rows)
  const [first] = rows
  if (scenario === 'duplicate-rows' && first) return [...rows, { ...first, CoName: `${first.CoName}（再送）` }]
  return rows
}

/** A closed day becomes the next business day; before the first and after the last day with data it is those. */
function dayWithData(date: DateText, now: Date): DateText {
  if (date < FIRST_DATA_DATE) return FIRST_DATA_DATE
  const last = lastDayWithData(now)
  return date > last ? last : rollForward(date)
}

/** On a closed day the next business day's data is there since 17:30 of the last open one. */
function lastDayWithData(now: Date): DateText {
  const today = tokyoDate(now)
  const published = !isBusinessDay(today) || tokyoMinuteOfDay(now) >= PUBLISHED_AT_MINUTE
  return published ? nextBusinessDay(today) : today
}
