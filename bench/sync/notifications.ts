import { withClient } from '../support/server.ts'

/** Milliseconds from when a NOTIFY is committed until somebody who listens has heard it and read a row. */
export async function notifications(connectionString: string, count: number): Promise<number[]> {
  return withClient(connectionString, (sender) =>
    withClient(connectionString, async (listener) => {
      await listener.query('listen bench')
      const durations: number[] = []
      for (let n = 1; n <= count; n += 1) {
        const heard = new Promise((resolve) => listener.once('notification', resolve)).then(() =>
          listener.query('select from pgbeat.schedules limit 1'),
        )
        await sender.query('notify bench')
        const sentAt = performance.now()
        await heard
        durations.push(performance.now() - sentAt)
      }
      return durations
    }),
  )
}
