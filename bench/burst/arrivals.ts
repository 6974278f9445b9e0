import pg from 'pg'

/**
 * Counts jobs as graphile-worker announces them: it notifies of how many were added, which arrives when they are
 * committed. To be started before they can come.
 */
export async function listenForJobs(connectionString: string) {
  const client = new pg.Client({ connectionString, application_name: 'pgbeat bench' })
  client.on('error', () => {})
  await client.connect()
  let count = 0
  let expected = Number.POSITIVE_INFINITY
  let arrived: (at: number) => void = () => {}
  client.on('notification', ({ payload = '' }) => {
    count += JSON.parse(payload).count
    if (count >= expected) arrived(Date.now())
  })
  await client.query('listen "jobs:insert"')
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
    close: () => client.end(),
  }
}

export type Arrivals = Awaited<ReturnType<typeof listenForJobs>>
