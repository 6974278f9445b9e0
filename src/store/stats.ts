import { type ActiveRuns, readActiveRuns } from './active-runs.ts'
import { readBounded } from './bounded-read.ts'
import { type LeaderRow, readLeader } from './leader.ts'
import { countNodes, type NodeCounts } from './nodes.ts'
import {
  type FinishedRuns,
  type FireRate,
  type NotRun,
  readFinishedRuns,
  readFireRate,
  readNotRun,
} from './recent-runs.ts'
import { countSchedulesByState, type ScheduleCounts } from './schedule-counts.ts'
import type { Db } from './tables.ts'

/** Numbers for an overview. Each is exact as long as it is small; beyond its bound it says so. */
export interface Stats extends FinishedRuns {
  readonly schedules: ScheduleCounts
  readonly active_runs: ActiveRuns
  readonly fires: FireRate
  readonly not_run_last_hour: { readonly by_reason: NotRun[]; readonly is_bounded: boolean }
  readonly leader: LeaderRow
  /** Those that are alive. */
  readonly nodes: NodeCounts
}

/**
 * Reads them one after the other, on one connection. Each looks at a bounded number of rows, however many schedules and
 * runs there are.
 */
export async function readStats(db: Db): Promise<Stats> {
  return readBounded(db, async (trx) => {
    const schedules = await countSchedulesByState(trx)
    const active_runs = await readActiveRuns(trx)
    const finished = await readFinishedRuns(trx)
    const fires = await readFireRate(trx)
    const { not_run: by_reason, is_bounded } = await readNotRun(trx)
    const leader = await readLeader(trx)
    const nodes = await countNodes(trx)
    return { schedules, active_runs, ...finished, fires, not_run_last_hour: { by_reason, is_bounded }, leader, nodes }
  })
}
