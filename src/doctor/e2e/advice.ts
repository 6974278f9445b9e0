import { ApiError, type Client } from '../../client/client.ts'

/** What to do when the API, at an address, did not do as it was asked. */
export function adviseOnApi(url: string, error: unknown): string {
  if (!(error instanceof ApiError)) return `start bin/api, or set PGBEAT_API_URL to where it is instead of ${url}`
  if (error.status === 401) return 'set PGBEAT_API_KEY: bin/pgbeat keys create --role admin'
  if (error.status === 403) return 'use a key with the role admin: bin/pgbeat keys create --role admin'
  return 'see what bin/doctor says, and the log of bin/api'
}

const patienceMs = 2_000

/** What to do when nobody has heard that a schedule was fired: what the API says when the stream says nothing. */
export async function adviseOnFiring(client: Client, schedule: string): Promise<string> {
  const options = { params: { id: schedule }, signal: AbortSignal.timeout(patienceMs) }
  try {
    const { data: found } = await client.call('GET /schedules/{id}', options)
    if (found.error !== null) return `the schedule is invalid: ${found.error}`
    const { data: runs } = await client.call('GET /schedules/{id}/runs', options)
    if (runs.length === 0) return 'no tick has fired it: see leader in bin/doctor, start bin/tick'
    return `its run is ${runs[0]?.status}, and the stream did not tell: see the log of bin/api`
  } catch {
    return 'the API does not answer any more: see its log, and bin/doctor'
  }
}

/** The run is over, and did not succeed. */
export class RunFailed extends Error {
  override readonly name = 'RunFailed'
}

/** What to do when a run did not come to a good end. */
export function adviseOnWorkers(error: unknown): string {
  if (error instanceof RunFailed) return 'see the log of bin/worker'
  return 'no worker has run it: see workers and tasks in bin/doctor, start bin/worker'
}
