import type { Config } from '../config/variables.ts'
import type { Forecast, ForecastMinute } from '../core/forecast.ts'
import { minutesOfForecast, readForecast } from '../forecast.ts'
import { forecastJson, forecastQuery, forecastWindow } from '../http/endpoints/forecast.ts'
import { openPool, overPool } from '../store/database.ts'
import { readClock } from '../store/forecast.ts'
import { requireMigrated } from '../store/migrate.ts'
import { readOptions, requireDatabase } from './command.ts'
import { print } from './print.ts'

const longestMs = 60_000

interface ForecastFlags {
  readonly from?: string | undefined
  readonly until?: string | undefined
  readonly json?: boolean | undefined
}

/** Prints what will fire, as a table or as JSON. @throws UsageError, MigrationError */
export async function showForecast(config: Config, { json, ...range }: ForecastFlags): Promise<void> {
  const connectionString = requireDatabase(config)
  await requireMigrated(connectionString)
  const pool = openPool({ connectionString, applicationName: 'pgbeat forecast', maxConnections: 1 })
  try {
    const db = overPool(pool)
    const found = await readForecast(db, readOptions(forecastQuery.pipe(forecastWindow(await readClock(db))), range))
    await print(json ? forecastJson(found, longestMs) : table(found))
  } finally {
    await pool.end()
  }
}

async function* table(forecast: Forecast): AsyncGenerator<string, void> {
  yield row('minute', 'runs', 'schedules')
  for await (const minutes of minutesOfForecast(forecast, longestMs)) {
    for (const { minute, runs, ...who } of minutes) yield row(toMinute(minute), String(runs), names(who))
  }
  const { window, schedules, runs, completeUntil } = forecast
  yield `\n${runs} runs of ${schedules} schedules until ${new Date(completeUntil).toISOString()}\n`
  if (completeUntil < window.until)
    yield `It took too long: go on with --from ${new Date(completeUntil).toISOString()}\n`
}

function row(minute: string, runs: string, schedules: string): string {
  return `${minute.padEnd(17)}  ${runs.padStart(6)}  ${schedules}\n`
}

function toMinute(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 16)}Z`
}

function names({ schedules, more }: Pick<ForecastMinute, 'schedules' | 'more'>): string {
  const named = schedules.map(({ name, runs }) => (runs === 1 ? name : `${name} ×${runs}`)).join(', ')
  return more === 0 ? named : `${named} and ${more} more`
}
