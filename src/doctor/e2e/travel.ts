import { randomBytes } from 'node:crypto'
import { ApiError, Client } from '../../client/client.ts'
import { adviseOnApi, adviseOnFiring, adviseOnWorkers, RunFailed } from './advice.ts'
import { Heard, type RunNews } from './heard.ts'
import { type Step, Steps } from './steps.ts'

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
/** For what an API does by itself, and for what ticks and workers do; together less than a minute. */
const [apiMs, clusterMs] = [5_000, 8_000]

/**
 * Sends a schedule all the way: it is created, heard of, fired, run and found in the history, and taken away whatever
 * happens. Uses the HTTP API and nothing else. Ends at the first step that did not happen; answers whether all did.
 */
export async function travel({ url, key, signal, onStep }: JourneyOptions): Promise<boolean> {
  const client = new Client({ url, ...(key !== undefined && { key }) })
  const steps = new Steps(signal, onStep)
  const name = `doctor-e2e-${randomBytes(6).toString('hex')}`
  const params = { id: name }
  const heard = new Heard(name)
  const over = new AbortController()
  let isThere = false
  let following: Promise<void> | undefined

  const isWell =
    (await step('api', async (signal) => {
      await client.call('GET /readyz', { signal })
      return { message: `${url} is ready` }
    })) &&
    (await step('events', async (signal) => {
      following = heard.follow(client, task, over.signal)
      await heard.until(() => heard.isReady, signal)
      return { message: 'the stream of events is open' }
    })) &&
    (await step('created', async (signal) => {
      const next = await create(signal)
      return { message: `${name}, to run once; its instant is ${next ?? 'not planned yet'}` }
    })) &&
    (await step('told', async (signal) => {
      await heard.until(() => heard.isCreated, signal)
      return { message: 'the stream told that it was created' }
    })) &&
    (await steps.take({
      name: 'queued',
      patienceMs: clusterMs,
      take: async (signal) => {
        const { id, scheduled_for, queued_at } = await runThat(({ queued_at }) => queued_at !== null, signal)
        return { ms: between(scheduled_for, queued_at), message: `as run ${id}, after its instant ${scheduled_for}` }
      },
      advise: () => adviseOnFiring(client, name),
    })) &&
    (await steps.take({
      name: 'started',
      patienceMs: clusterMs,
      take: async (signal) => {
        const { queued_at, started_at } = await runThat(({ started_at }) => started_at !== null, signal)
        return { ms: between(queued_at, started_at), message: 'after it was queued' }
      },
      advise: adviseOnWorkers,
    })) &&
    (await steps.take({
      name: 'succeeded',
      patienceMs: clusterMs,
      take: async (signal) => {
        const { status, error, started_at, finished_at } = await runThat(
          ({ finished_at }) => finished_at !== null,
          signal,
        )
        if (status !== 'succeeded') throw new RunFailed(`the run ${status}: ${error?.message ?? 'it did not say why'}`)
        return { ms: between(started_at, finished_at), message: 'after it was started' }
      },
      advise: adviseOnWorkers,
    })) &&
    (await step('history', async (signal) => {
      const { data } = await client.call('GET /schedules/{id}/history', { params, signal })
      const [newest] = data.history
      if (newest?.status !== 'succeeded') throw new Error('the history does not have the run')
      return { message: `the history has it, executed at ${newest.executed_at}` }
    }))
  over.abort()
  await following
  const isGone =
    !isThere || (await steps.take({ name: 'deleted', patienceMs: apiMs, always: true, take: remove, advise }))
  return isWell && isGone

  function step(name: string, take: (signal: AbortSignal) => Promise<{ message: string }>): Promise<boolean> {
    return steps.take({ name, patienceMs: apiMs, take, advise: (error) => adviseOnApi(url, error) })
  }

  /** Answers when it is planned for. */
  async function create(signal: AbortSignal): Promise<string | null> {
    const body = { name, task_name: task, cron_expression: '* * * * * *', max_runs: 1, payload: { from: 'doctor' } }
    // It may be there even if no answer comes.
    isThere = true
    const { data } = await client.call('POST /schedules', { body, signal }).catch((error) => {
      isThere = !(error instanceof ApiError && error.status < 500)
      throw error
    })
    return data.next_run_at
  }

  async function runThat(isFar: (run: RunNews) => boolean, signal: AbortSignal): Promise<RunNews> {
    await heard.until(() => heard.run !== undefined && isFar(heard.run), signal)
    return heard.run as RunNews
  }

  async function remove(signal: AbortSignal): Promise<{ message: string }> {
    const { run } = heard
    await client.call('DELETE /schedules/{id}', { params, signal }).catch(unlessRefused)
    // Which would have been left to whichever worker comes next.
    if (run !== undefined && run.finished_at === null) {
      await client.call('POST /runs/{id}/cancel', { params: { id: run.id }, signal }).catch(unlessRefused)
    }
    return { message: `${name} is gone` }
  }

  function advise(): string {
    return `delete the schedule ${name} by hand`
  }
}

/** What is not there, or over, need not be taken away. */
function unlessRefused(error: unknown): void {
  if (!(error instanceof ApiError && [404, 409].includes(error.status))) throw error
}

function between(from: string | null, until: string | null): number {
  return from === null || until === null ? 0 : Date.parse(until) - Date.parse(from)
}
