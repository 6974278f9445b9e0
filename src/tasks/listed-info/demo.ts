import { tokyoDate } from './calendar.ts'
import { startStandIn } from './stand-in/server.ts'

/** The demo's schedule; it stays in the database when the demo is over. */
export const demoScheduleName = 'listed-info-demo'

export interface Demo {
  /** To be set for the worker that runs the task. */
  readonly environment: Readonly<Record<string, string>>
  /** The columns of a row for `pgbeat.schedules`. */
  readonly schedule: {
    readonly name: string
    readonly task_name: string
    readonly every: string
    readonly timezone: string
    readonly payload: Readonly<Record<string, unknown>>
    readonly description: string
    readonly category: string
    readonly tags: string[]
  }
  /** What to tell whoever sees the demo: what its data is, and how to get real data. */
  readonly note: string
  /** Stops the stand-in. */
  close(): Promise<void>
}

/**
 * Starts what the task needs to run without an account.
 * @returns null where `JQUANTS_API_KEY` is set, for then there is an account
 */
export async function startDemo(environment: Readonly<Record<string, string | undefined>>): Promise<Demo | null> {
  if (environment.JQUANTS_API_KEY?.trim()) return null
  const service = await startDemoService()
  return {
    environment: service.environment,
    schedule: {
      name: demoScheduleName,
      task_name: 'fetch_listed_info_task',
      every: '5 minutes',
      timezone: 'Asia/Tokyo',
      payload: { period_type: 'yesterday', from_date: null, to_date: null, codes: null, market: null },
      description: 'Companies listed on the Tokyo Stock Exchange, from a stand-in with made-up data',
      category: 'demo',
      tags: ['demo', 'jquants'],
    },
    note: 'made-up companies; set JQUANTS_API_KEY for real ones',
    close: () => service.close(),
  }
}

/** What answers the task in the demo: a server with companies that do not exist. */
export interface DemoService {
  readonly url: string
  /** To be set for workers that are to use it. */
  readonly environment: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** Starts it by itself; where nothing else is said, on any free port of the loopback interface. */
export async function startDemoService(address: { host?: string; port?: number } = {}): Promise<DemoService> {
  const standIn = await startStandIn({
    ...address,
    requestsPerMinute: Number.POSITIVE_INFINITY,
    apiKey: 'demo-key',
    now: thisEvening,
  })
  return {
    url: standIn.url,
    environment: {
      JQUANTS_API_KEY: standIn.apiKey,
      JQUANTS_BASE_URL: standIn.url,
      JQUANTS_PLAN: 'premium',
      JQUANTS_REQUESTS_PER_MINUTE: '600',
    },
    close: () => standIn.close(),
  }
}

/** J-Quants has the next business day's data from 17:30; in the demo it is there all day. */
function thisEvening(): Date {
  return new Date(`${tokyoDate(new Date())}T18:00:00+09:00`)
}
