import type { JQuantsClient, MasterQuery } from './client.ts'
import { MixedDatesError } from './failures.ts'
import type { ListedInfo } from './page.ts'

/**
 * All rows of one day. Where J-Quants replaced its data between two pages, the day is read once more from the start.
 *
 * A day is held in memory as a whole, about 4,450 rows: it must be known to be of one piece before any of it is saved,
 * and no transaction may wait for the network.
 */
export async function fetchDay(client: JQuantsClient, query: MasterQuery, signal: AbortSignal): Promise<ListedInfo[]> {
  try {
    return await collect(client, query, signal)
  } catch (error) {
    if (!(error instanceof MixedDatesError)) throw error
    return await collect(client, query, signal)
  }
}

async function collect(client: JQuantsClient, query: MasterQuery, signal: AbortSignal): Promise<ListedInfo[]> {
  const rows: ListedInfo[] = []
  for await (const page of client.pages(query, signal)) rows.push(...page)
  return rows
}
