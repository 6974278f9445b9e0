import pg from 'pg'

/** Jobs that were added together, and when it was heard of them, in Unix milliseconds. */
export interface Arrival {
  readonly jobs: number
  readonly at: number
}

/**
 * Hears of jobs as graphile-worker announces them: it notifies of how many were added, which arrives when they are
 * committed. To be started before they can come.
 */
export async function hearOfJobs(connectionString: string, onArrival: (arrival: Arrival) => void) {
  const client = new pg.Client({ connectionString, application_name: 'pgbeat bench' })
  client.on('error', () => {})
  await client.connect()
  client.on('notification', ({ payload = '' }) => onArrival({ jobs: JSON.parse(payload).count, at: Date.now() }))
  await client.query('listen "jobs:insert"')
  return { close: () => client.end() }
}

/** Counts jobs as they are committed. */
export async function listenForJobs(connectionString: string) {
  let count = 0
  let expected = Number.POSITIVE_INFINITY
  let arrived: (at: number) => void = () => {}
  const { close } = await hearOfJobs(connectionString, ({ jobs, at }) => {
    count += jobs
    if (count >= expected) arrived(at)
  })
  return {
    get count() {
      return count
    },
    /** Resolves with the instant at which as many were there, from now on. */
    until(jobs: number): Promise<number> {
      count = 0
      expected = jobs
      return new Promise((resolve) => {
        arrived = resolve
      })
    },
    close,
  }
}

export type Arrivals = Awaited<ReturnType<typeof listenForJobs>>
