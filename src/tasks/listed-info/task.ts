import { defineTask, PartialResult, type Task, type TaskContext } from '../../task.ts'
import { createClient, type JQuantsClient } from './api/client.ts'
import { fetchDay } from './api/fetch-day.ts'
import type { DateText } from './calendar.ts'
import { clearCheckpoints, type DayCounts, readCheckpoints } from './checkpoints.ts'
import { type Clock, systemClock } from './clock.ts'
import { readConfig, variables } from './config.ts'
import { DayFailures } from './day-failures.ts'
import { createReachCheck, keyCheck } from './doctor.ts'
import { type ListedInfoPayload, listedInfoPayload } from './payload.ts'
import { planPeriod } from './period.ts'
import { createRateLimit } from './rate-limit.ts'
import { buildResult, type ListedInfoResult } from './result.ts'
import { selectRows } from './select-rows.ts'
import { saveDay } from './store.ts'

export interface ListedInfoTaskOptions {
  /** Read at each run. Default: the process's. */
  readonly environment?: () => Readonly<Record<string, string | undefined>>
  readonly clock?: Clock
  readonly fetch?: typeof fetch
}

type Context = TaskContext<ListedInfoPayload>

/** The task with its surroundings chosen; tests give it a clock of their own. */
export function createFetchListedInfoTask(options: ListedInfoTaskOptions = {}): Task<ListedInfoPayload> {
  return defineTask({
    name: 'fetch_listed_info_task',
    description: 'Fetches the companies listed on the Tokyo Stock Exchange from J-Quants into jquants.listed_info',
    payload: listedInfoPayload,
    migrations: { schema: 'jquants', directory: new URL('./migrations/', import.meta.url) },
    variables,
    checks: [keyCheck, createReachCheck()],
    run: (context) => fetchListedInfo(context, options),
  })
}

/**
 * Fetches and saves each day of the period that is not saved yet by an earlier attempt of the run.
 *
 * What can be mended by another attempt asks for one. Once no attempt is left, the days that worked are kept and
 * returned as a partial result that lists the others.
 */
async function fetchListedInfo(
  context: Context,
  options: ListedInfoTaskOptions,
): Promise<ListedInfoResult | PartialResult> {
  const { payload, run, db, log } = context
  const clock = options.clock ?? systemClock
  const started = clock.now()
  const client = connect(context, options, clock)
  const period = planPeriod(payload, run.scheduledFor, started)
  const days = await readCheckpoints(db, run.id)
  if (days.length > 0) log.info('Going on after the days that earlier attempts saved', { days: days.length })

  const failures = await fetchMissingDays(context, client, period.dates, days)
  throwIfHopeless(context, failures, days.length)

  await clearCheckpoints(db, run.id)
  const result = buildResult({
    days,
    errors: failures.list(),
    execution_time: (clock.now().getTime() - started.getTime()) / 1000,
    from_date: period.from,
    to_date: period.to,
    effective_dates: period.dates,
    codes: payload.codes ?? null,
    market: payload.market ?? null,
  })
  return failures.count > 0 ? new PartialResult(result) : result
}

function connect({ run, db }: Context, { environment, fetch }: ListedInfoTaskOptions, clock: Clock): JQuantsClient {
  const { apiKey, baseUrl, requestsPerMinute } = readConfig(environment ? environment() : process.env)
  const lastAttempt = run.attempt >= run.maxAttempts
  const gate = createRateLimit({ db, apiKey, baseUrl, requestsPerMinute, lastAttempt, clock })
  return createClient({ apiKey, baseUrl, attempt: run.attempt, gate, clock, ...(fetch && { fetch }) })
}

/** Adds to `days` each day that it saves, and returns the others. */
async function fetchMissingDays(
  context: Context,
  client: JQuantsClient,
  dates: readonly DateText[],
  days: DayCounts[],
): Promise<DayFailures> {
  const failures = new DayFailures()
  const saved = new Set(days.map((day) => day.date))
  for (const date of dates) {
    if (saved.has(date)) continue
    context.signal.throwIfAborted()
    if (failures.stoppedBy) {
      failures.add(date, failures.stoppedBy)
      continue
    }
    const message = await fetchOneDay(context, client, date, days, failures)
    await context.progress(days.length + failures.count, dates.length, message)
  }
  return failures
}

async function fetchOneDay(
  context: Context,
  client: JQuantsClient,
  date: DateText,
  days: DayCounts[],
  failures: DayFailures,
): Promise<string> {
  const { log } = context
  try {
    const foreseen = failures.foreseen(date)
    if (foreseen) throw foreseen
    const counts = await fetchAndSaveDay(context, client, date)
    days.push(counts)
    failures.worked()
    log.info('Saved a day', { ...counts })
    return `${date}: ${counts.saved_count} rows`
  } catch (error) {
    context.signal.throwIfAborted()
    failures.add(date, error)
    const message = error instanceof Error ? error.message : String(error)
    log.warn('A day is missing', { date, message })
    return `${date}: ${message}`
  }
}

async function fetchAndSaveDay(context: Context, client: JQuantsClient, date: DateText): Promise<DayCounts> {
  const { payload, run, db, log, signal } = context
  const codes = payload.codes ?? []
  // One company is asked for by itself; several would each cost a request, the whole day costs one.
  const code = codes.length === 1 ? codes[0] : undefined
  const fetched = await fetchDay(client, { date, code }, signal)
  context.count('rows_fetched', fetched.length)
  const answered = fetched[0]?.date
  if (answered === undefined && code === undefined) log.warn('J-Quants has no companies for a whole day', { date })
  if (answered !== undefined && answered !== date) log.warn('J-Quants answered for another day', { date, answered })
  const rows = selectRows(fetched, { codes, market: payload.market ?? null })
  const counts = await saveDay(db, { runId: run.id, date, fetchedCount: fetched.length, rows })
  context.count('rows_saved', counts.saved_count)
  return counts
}

/** Throws where another attempt may do better, and where there is nothing to return. */
function throwIfHopeless({ run }: Context, failures: DayFailures, worked: number): void {
  const attemptsLeft = run.attempt < run.maxAttempts
  if (attemptsLeft && failures.retryable) throw failures.retryable
  if (worked === 0 && failures.worst) throw failures.worst
}
