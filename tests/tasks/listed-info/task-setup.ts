import type pg from 'pg'
import type { Test } from 'tap'
import { PartialResult } from '../../../src/task.ts'
import type { ListedInfoResult } from '../../../src/tasks/listed-info/result.ts'
import type { Scenario } from '../../../src/tasks/listed-info/stand-in/scenarios.ts'
import type { StandInOptions } from '../../../src/tasks/listed-info/stand-in/server.ts'
import { createFetchListedInfoTask } from '../../../src/tasks/listed-info/task.ts'
import { type FakeContextOptions, fakeClock, fakeContext, pluginDatabase, standInFor } from './support.ts'

export const KEY = 'a-secret-key'

/** The task with a database and a stand-in of its own. */
export async function taskSetup(t: Test, server: StandInOptions = {}, environment: Record<string, string> = {}) {
  const db = await pluginDatabase(t)
  const standIn = await standInFor(t, { apiKey: KEY, ...server })
  const clock = fakeClock()
  const variables = {
    JQUANTS_API_KEY: KEY,
    JQUANTS_BASE_URL: standIn.url,
    JQUANTS_REQUESTS_PER_MINUTE: '600',
    ...environment,
  }
  const task = createFetchListedInfoTask({ environment: () => variables, clock })
  return {
    db,
    standIn,
    clock,
    /** One attempt; the result is the task's own, partial or not. */
    async attempt(options: Omit<FakeContextOptions, 'db'> = {}) {
      const context = fakeContext({ db, ...options })
      const returned = await task.run(context)
      const partial = returned instanceof PartialResult
      return { context, partial, result: (partial ? returned.result : returned) as ListedInfoResult }
    },
  }
}

export function customPeriod(from_date: string, to_date: string, more: Record<string, unknown> = {}) {
  return { period_type: 'custom', from_date, to_date, ...more }
}

/** A server of which the n-th requests go wrong. */
export function failing(scenario: Scenario, ...requests: number[]): StandInOptions {
  return { scenarios: Object.fromEntries(requests.map((n) => [n, scenario])) }
}

/** The days of which something is saved. */
export async function datesIn(db: pg.Pool): Promise<string[]> {
  const { rows } = await db.query('select distinct date::text as date from jquants.listed_info order by date')
  return rows.map((row) => row.date)
}
