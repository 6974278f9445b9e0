import { mostActiveCounted, readActiveRuns } from '../store/active-runs.ts'
import { readBounded } from '../store/bounded-read.ts'
import { readLeader } from '../store/leader.ts'
import { readMirror } from '../store/mirror.ts'
import type { Labels, MetricFigures } from '../store/node-metrics.ts'
import { countNodes } from '../store/nodes.ts'
import { countSchedulesByState } from '../store/schedule-counts.ts'
import type { Db } from '../store/tables.ts'

/** What is read from the database when somebody asks, each with its labels. */
export const databaseGauges = {
  pgbeat_database_up: {
    labels: [],
    help: '1 when this process could read the database for this scrape, else 0: then there are only its own figures',
  },
  pgbeat_active_runs: {
    labels: ['status'],
    help: `Runs that are not over: waiting, queued, running or retrying. Up to ${mostActiveCounted} waiting ones are counted and as many of the others together; where there are more, it is a lower bound`,
  },
  pgbeat_oldest_queued_run_seconds: {
    labels: [],
    help: `How long the run that has been queued for longest could have started; 0 when none is queued. Of more than ${mostActiveCounted} active runs, the oldest of so many`,
  },
  pgbeat_leader_term: { labels: [], help: 'How many elections there have been' },
  pgbeat_leader_heartbeat_age_seconds: {
    labels: [],
    help: 'How long ago a leader last showed that it leads; absent before the first election',
  },
  pgbeat_mirror_lag_events: {
    labels: [],
    help: 'Schedule events that are not in Redis yet; 0 while nobody has ever mirrored',
  },
  pgbeat_mirror_lag_seconds: {
    labels: [],
    help: 'How long ago the first of them happened; 0 when there is none',
  },
  pgbeat_nodes: { labels: ['kind'], help: 'Processes that showed within the last 6 s that they are alive, by kind' },
  pgbeat_schedules: {
    labels: ['state'],
    help: 'Schedules: enabled, paused, and of both those that are invalid (they have an error) or finished (nothing is ever due again). Counted up to 10,000 each; of more it is the estimate that Postgres keeps of its tables',
  },
} as const satisfies Record<string, { labels: readonly string[]; help: string }>

type Name = keyof typeof databaseGauges

/** Of a bounded number of rows: some milliseconds, however many schedules and runs there are. */
export async function databaseFigures(db: Db): Promise<MetricFigures[]> {
  const read = await readBounded(db, async (trx) => ({
    runs: await readActiveRuns(trx),
    leader: await readLeader(trx),
    mirror: await readMirror(trx),
    nodes: await countNodes(trx),
    schedules: await countSchedulesByState(trx),
  }))
  const { leader, mirror, nodes } = read
  const { oldest_queued_seconds: oldest, is_bounded: _, ...active } = read.runs
  const { enabled, paused, invalid, finished } = read.schedules
  return [
    gauge('pgbeat_database_up', [[{}, 1]]),
    gauge('pgbeat_active_runs', byLabel('status', active)),
    gauge('pgbeat_oldest_queued_run_seconds', [[{}, oldest ?? 0]]),
    gauge('pgbeat_leader_term', [[{}, leader.term]]),
    gauge(
      'pgbeat_leader_heartbeat_age_seconds',
      leader.heartbeat_age_seconds === null ? [] : [[{}, leader.heartbeat_age_seconds]],
    ),
    gauge('pgbeat_mirror_lag_events', [[{}, mirror.lag_events]]),
    gauge('pgbeat_mirror_lag_seconds', [[{}, mirror.lag_seconds]]),
    gauge('pgbeat_nodes', byLabel('kind', nodes)),
    gauge('pgbeat_schedules', byLabel('state', { enabled, paused, invalid, finished })),
  ]
}

/** While Postgres does not answer. */
export const databaseAway: MetricFigures[] = [gauge('pgbeat_database_up', [[{}, 0]])]

function gauge(name: Name, values: (readonly [Labels, number])[]): MetricFigures {
  return { name, help: databaseGauges[name].help, type: 'gauge', values }
}

function byLabel(label: string, counts: object): [Labels, number][] {
  return Object.entries(counts).map(([value, count]) => [{ [label]: value }, Number(count)])
}
