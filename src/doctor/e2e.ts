import { randomBytes } from 'node:crypto'
import { ApiError, Client } from '../client/client.ts'
import { reasonOf } from '../reason.ts'
import { Heard, type RunNews } from './heard.ts'

export interface Step {
  readonly name: string
  readonly status: 'pass' | 'fail'
  /** How long it took, by the clock of this host or, for what the run tells, the database's. */
  readonly ms: number
  readonly message: string
  /** What to do; null when it passed. */
  readonly action: string | null
}

export interface JourneyOptions {
  /** Where the API is. */
  readonly url: string
  readonly key?: string
  /** Aborted when it is to end early; it cleans up all the same. */
  readonly signal: AbortSignal
  /** Told of each step once it is over. */
  readonly onStep: (step: Step) => void
}

const task = 'echo'
/** Together less than a minute. */
const patienceMs = {
  api: 5_000,
  events: 5_000,
  created: 5_000,
  told: 5_000,
  run: 10_000,
  history: 5_000,
  deleted: 5_000,
}

/**
 * Sends a schedule all the way: it is created, heard of, fired, run and found in the history, and taken away whatever
 * happens. Uses the HTTP API and nothing else. Ends at the first step that did not happen; answers whether all did.
 */
export async function travel({ url, key, signal, onStep }: JourneyOptions): Promise<boolean> {
  const client = new Client({ url, ...(key !== undefined && { key }) })
  const name = `doctor-e2e-${randomBytes(6).toString('hex')}`
  const params = { id: name }
  const over = new AbortController()
  const heard = new Heard(name)
  let isThere = false

  const isAnswering = await step('api', patienceMs.api, adviseOnApi, async (signal) => {
    await client.call('GET /readyz', { signal })
    return { message: `${url} is ready` }
  })
  if (!isAnswering) return false
  const following = heard.follow(client, task, AbortSignal.any([signal, over.signal]))
  const isWell = await live()
  over.abort()
  await following
  const isGone = !isThere || (await remove())
  return isWell && isGone

  /** Each step needs the one before it. */
  async function live(): Promise<boolean> {
    return (
      (await step('events', patienceMs.events, adviseOnApi, async (signal) => {
        await heard.until(() => heard.isReady, signal)
        return { message: 'the stream of events is open' }
      })) &&
      (await step('created', patienceMs.created, adviseOnApi, async (signal) => {
        // From here on it may be there, whatever the answer is.
        isThere = true
        const body = { name, task_name: task, cron_expression: '* * * * * *', max_runs: 1, payload: { from: 'doctor' } }
        const { data } = await client.call('POST /schedules', { body, signal })
        return {
          message: `${name}, to run once within a second; first planned for ${data.next_run_at ?? 'no instant yet'}`,
        }
      })) &&
      (await step('told', patienceMs.told, adviseOnEvents, async (signal) => {
        await heard.until(() => heard.isCreated, signal)
        return { message: 'the stream told that it was created' }
      })) &&
      (await step('queued', patienceMs.run, adviseOnFiring, async (signal) => {
        const { id, scheduled_for, queued_at } = await run(({ queued_at }) => queued_at !== null, signal)
        return { ms: between(scheduled_for, queued_at), message: `run ${id}, after its instant ${scheduled_for}` }
      })) &&
      (await step('started', patienceMs.run, adviseOnWorkers, async (signal) => {
        const { queued_at, started_at } = await run(({ started_at }) => started_at !== null, signal)
        return { ms: between(queued_at, started_at), message: 'after it was queued' }
      })) &&
      (await step('succeeded', patienceMs.run, adviseOnWorkers, async (signal) => {
        const { status, error, started_at, finished_at } = await run(({ finished_at }) => finished_at !== null, signal)
        if (status !== 'succeeded') throw new Error(`the run ${status}: ${error?.message ?? 'it did not say why'}`)
        return { ms: between(started_at, finished_at), message: 'after it was started' }
      })) &&
      (await step('history', patienceMs.history, adviseOnApi, async (signal) => {
        const { data } = await client.call('GET /schedules/{id}/history', { params, signal })
        const [newest] = data.history
        if (newest?.status !== 'succeeded') throw new Error('the history does not have the run')
        return { message: `the history has it, executed at ${newest.executed_at}` }
      }))
    )
  }

  async function run(isFar: (run: RunNews) => boolean, signal: AbortSignal): Promise<RunNews> {
    await heard.until(() => heard.run !== undefined && isFar(heard.run), signal)
    return heard.run as RunNews
  }

  /** Also when it is to end early. */
  function remove(): Promise<boolean> {
    const advice = async () => `delete the schedule ${name} by hand`
    const work = async (signal: AbortSignal) => {
      const { run } = heard
      await client.call('DELETE /schedules/{id}', { params, signal }).catch(unlessRefused)
      // Which would have been left to whichever worker comes next.
      if (run !== undefined && run.finished_at === null)
        await client.call('POST /runs/{id}/cancel', { params: { id: run.id }, signal }).catch(unlessRefused)
      return { message: `${name} is gone` }
    }
    return take('deleted', AbortSignal.timeout(patienceMs.deleted), advice, work)
  }

  function step(name: string, ms: number, advise: Advise, work: Work): Promise<boolean> {
    return take(name, AbortSignal.any([signal, AbortSignal.timeout(ms)]), advise, work)
  }

  async function take(name: string, within: AbortSignal, advise: Advise, work: Work): Promise<boolean> {
    const beganAt = performance.now()
    try {
      const { ms = performance.now() - beganAt, message } = await work(within)
      onStep({ name, status: 'pass', ms, message, action: null })
      return true
    } catch (error) {
      const ms = performance.now() - beganAt
      if (signal.aborted && name !== 'deleted') {
        onStep({ name, status: 'fail', ms, message: 'stopped by a signal', action: 'run it again' })
      } else {
        const message = within.aborted ? `did not happen within ${(ms / 1_000).toFixed(0)} s` : describe(error)
        onStep({ name, status: 'fail', ms, message, action: await advise(error) })
      }
      return false
    }
  }

  async function adviseOnApi(error: unknown): Promise<string> {
    if (!(error instanceof ApiError)) return `start bin/api, or set PGBEAT_API_URL to where it is instead of ${url}`
    if (error.status === 401) return 'set PGBEAT_API_KEY: bin/pgbeat keys create --role admin'
    if (error.status === 403) return 'use a key with the role admin: bin/pgbeat keys create --role admin'
    return 'see what bin/doctor says, and the log of bin/api'
  }

  async function adviseOnEvents(): Promise<string> {
    return 'see notifications in bin/doctor, and in the log of bin/api'
  }

  async function adviseOnFiring(): Promise<string> {
    const found = await latest()
    if (found?.run !== undefined)
      return `the run is there (${found.run}), and the stream did not tell: see the log of bin/api`
    if (typeof found?.error === 'string') return `the schedule is invalid: ${found.error}`
    return 'no tick has fired it: see leader in bin/doctor, start bin/tick'
  }

  async function adviseOnWorkers(error: unknown): Promise<string> {
    if (!signal.aborted && error instanceof Error && error.name === 'Error') return 'see the log of bin/worker'
    return `no worker has run it: see workers and tasks in bin/doctor, start bin/worker`
  }

  /** What the API says when the stream says nothing. */
  async function latest() {
    const signal = AbortSignal.timeout(2_000)
    try {
      const { data: schedule } = await client.call('GET /schedules/{id}', { params, signal })
      const { data: runs } = await client.call('GET /schedules/{id}/runs', { params, signal })
      return { error: schedule.error, run: runs[0]?.status }
    } catch {
      return undefined
    }
  }
}

type Advise = (error: unknown) => Promise<string>
type Work = (signal: AbortSignal) => Promise<{ readonly ms?: number; readonly message: string }>

/** What is not there, or over, need not be taken away. */
function unlessRefused(error: unknown): void {
  if (!(error instanceof ApiError && [404, 409].includes(error.status))) throw error
}

function between(from: string | null, until: string | null): number {
  return from === null || until === null ? 0 : Date.parse(until) - Date.parse(from)
}

/** What fetch says is that it failed; why is its cause. */
function describe(error: unknown): string {
  if (error instanceof TypeError && error.cause !== undefined) return reasonOf(error.cause)
  return reasonOf(error)
}
