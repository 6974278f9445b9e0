import type pg from 'pg'
import { type Heard, leads } from './cluster.ts'
import type { Befallen } from './journal.ts'

/** After a fault of Postgres all processes are busy coming back for so long. */
const comingBackMs = 5_000

/**
 * From each fault of a leader until the next election; none where there was no other before the next fault, nor when
 * Postgres itself had only just come back.
 */
export function failovers(befallen: readonly Befallen[], heard: readonly Heard[]): number[] {
  const elections = heard.filter(({ line }) => line.msg === leads).map(({ at }) => at)
  const concerning = befallen.filter(({ fault }) => fault.place === 'ticks' || fault.place === 'server')
  return concerning.flatMap(({ at, wasLeader }, index) => {
    const isServerBack = befallen.every(
      (other) => other.fault.place !== 'server' || other.at > at || at - other.at > comingBackMs,
    )
    if (!wasLeader || !isServerBack) return []
    const next = concerning[index + 1]?.at ?? Number.POSITIVE_INFINITY
    const electedAt = elections.find((election) => election >= at)
    return electedAt !== undefined && electedAt < next ? [electedAt - at] : []
  })
}

/** From each fault of a worker until the attempts that it lost were made again by another. */
export async function recoveries(
  pool: pg.Pool,
  befallen: readonly Befallen[],
  heard: readonly Heard[],
): Promise<number[]> {
  const memberOf = new Map(
    heard.flatMap(({ member, line }) =>
      line.msg === 'worker started' ? [[String(line.nodeId), member] as const] : [],
    ),
  )
  const { rows } = await pool.query<{ node: string; startedAt: number; lostAt: number; againAt: number }>(`
    select lost.node_id as node, ${milliseconds('lost.started_at')} as "startedAt",
      ${milliseconds('lost.finished_at')} as "lostAt", ${milliseconds('again.started_at')} as "againAt"
    from pgbeat.attempts lost join pgbeat.attempts again
      on (again.run_id, again.scheduled_for, again.attempt) = (lost.run_id, lost.scheduled_for, lost.attempt + 1)
    where lost.status = 'worker_lost'`)
  return rows.flatMap(({ node, startedAt, lostAt, againAt }) => {
    const cause = befallen.findLast(({ at, member }) => member?.name === memberOf.get(node) && at < lostAt)
    // What was begun after the fault was lost to another cause.
    return cause?.member !== undefined && cause.at >= startedAt ? [againAt - cause.at] : []
  })
}

const milliseconds = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`
