import type { DateText } from './calendar.ts'
import type { DayCounts } from './checkpoints.ts'

/** A day that is missing from a result, and why. */
export interface DayError {
  readonly date: DateText
  /** The code of the error that kept it away: `out_of_coverage`, `server_error`, `rate_limited`, … */
  readonly code: string
  readonly message: string
}

/** What a run of `fetch_listed_info_task` did; all its attempts together, but for `execution_time`. */
export interface ListedInfoResult {
  /** Rows that J-Quants sent. */
  readonly fetched_count: number
  /** Rows that are in `jquants.listed_info` because of this run, whether or not they were there already. */
  readonly saved_count: number
  /** Rows that were fetched and not saved: left out by `codes` or `market`, or sent twice. */
  readonly skipped_count: number
  /** Of the saved rows, those that were inserted or updated; the others were there just so. */
  readonly changed_count: number
  /** Seconds that the last attempt took. */
  readonly execution_time: number
  /** The calendar days that the payload stands for, both included. */
  readonly from_date: DateText
  readonly to_date: DateText
  /** The same as `fetched_count`, under the name that older clients read. */
  readonly total_fetched: number
  /** The same as `saved_count`, under the name that older clients read. */
  readonly total_saved: number
  /** How many of the effective dates worked. */
  readonly dates_processed: number
  /** The days to fetch once days without data were rolled forward, ascending. */
  readonly effective_dates: readonly DateText[]
  readonly codes: readonly string[] | null
  readonly market: string | null
  /** The effective dates that are missing; empty unless the run was a partial success. */
  readonly errors: readonly DayError[]
}

export interface ResultParts
  extends Pick<ListedInfoResult, 'execution_time' | 'from_date' | 'to_date' | 'effective_dates' | 'codes' | 'market'> {
  readonly days: readonly DayCounts[]
  readonly errors: readonly DayError[]
}

/** Adds up the days of a run. */
export function buildResult({ days, errors, ...asked }: ResultParts): ListedInfoResult {
  const sum = (key: 'fetched_count' | 'saved_count' | 'skipped_count' | 'changed_count') =>
    days.reduce((total, day) => total + day[key], 0)
  return {
    fetched_count: sum('fetched_count'),
    saved_count: sum('saved_count'),
    skipped_count: sum('skipped_count'),
    changed_count: sum('changed_count'),
    execution_time: asked.execution_time,
    from_date: asked.from_date,
    to_date: asked.to_date,
    total_fetched: sum('fetched_count'),
    total_saved: sum('saved_count'),
    dates_processed: days.length,
    effective_dates: asked.effective_dates,
    codes: asked.codes,
    market: asked.market,
    errors,
  }
}
