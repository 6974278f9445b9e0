import { setTimeout as delay } from 'node:timers/promises'
import { isUnavailable } from '../../src/store/postgres-errors.ts'
import type { ReplicatedServer } from '../cluster/replica.ts'
import { type Cluster, canStepClocks, type Member } from './cluster.ts'
import type { FaultKind, PlannedFault } from './plan.ts'
import { edits } from './schedules.ts'

type Details = Pick<PlannedFault, 'forMs' | 'choice'>

/** What befalls one tick or worker. */
interface MemberFault extends FaultKind {
  readonly place: 'ticks' | 'workers'
  /** Does it and, when its time is over, mends it. */
  befall(member: Member, details: Details): Promise<unknown>
}

/** What befalls all of them. */
interface ClusterFault extends FaultKind {
  readonly place: 'server' | 'schedules'
  /** Does it; it needs no mending. */
  befall(cluster: Cluster, details: Details): Promise<unknown>
}

export type Fault = MemberFault | ClusterFault

export function hitsMember(fault: Fault): fault is MemberFault {
  return fault.place === 'ticks' || fault.place === 'workers'
}

const moment = [0, 0] as const
const hour = 3_600

const memberFaults: Omit<MemberFault, 'place'>[] = [
  { name: 'kill -9', weight: 4, lasts: [100, 3_000], befall: endedBy('SIGKILL') },
  { name: 'SIGTERM', weight: 3, lasts: [100, 2_000], befall: endedBy('SIGTERM') },
  {
    name: 'SIGSTOP',
    weight: 3,
    lasts: [300, 10_000],
    async befall({ process }, { forMs }) {
      process.freeze()
      await delay(forMs)
      process.thaw()
    },
  },
  { name: 'connections reset', weight: 2, lasts: moment, befall: async ({ network }) => network.cut() },
  {
    name: 'silent network',
    weight: 2,
    lasts: [500, 10_000],
    async befall({ network }, { forMs }) {
      network.silence()
      await delay(forMs)
      network.restore()
    },
  },
  {
    name: 'slow network',
    weight: 2,
    lasts: [1_000, 4_000],
    async befall({ network }, { forMs, choice }) {
      network.delay(20 + (choice % 200))
      await delay(forMs)
      network.restore()
    },
  },
  {
    name: 'clock step',
    weight: canStepClocks ? 2 : 0,
    lasts: [1_000, 4_000],
    async befall(member, { forMs, choice }) {
      await member.stepClock(choice % 2 === 0 ? hour : -hour)
      await delay(forMs)
      await member.stepClock(0)
    },
  },
]

function endedBy(signal: NodeJS.Signals): MemberFault['befall'] {
  return async ({ process }, { forMs }) => {
    await process.kill(signal)
    await delay(forMs)
    await process.restart()
  }
}

function ofMembers(place: MemberFault['place']): MemberFault[] {
  return memberFaults.map((fault) => ({ ...fault, name: `${fault.name} (${place.slice(0, -1)})`, place }))
}

const serverFaults: ClusterFault[] = [
  {
    name: 'pg_terminate_backend',
    place: 'server',
    weight: 3,
    lasts: moment,
    befall: (cluster) =>
      insist(() =>
        cluster.pool.query(`
          select pg_terminate_backend(pid) from pg_stat_activity
          where application_name like 'pgbeat%' and random() < 0.5`),
      ),
  },
  {
    name: 'Postgres restart, fast',
    place: 'server',
    weight: 1,
    lasts: moment,
    befall: ({ host }) => host.restart('fast'),
  },
  {
    name: 'Postgres restart, immediate',
    place: 'server',
    weight: 1,
    lasts: moment,
    befall: ({ host }) => host.restart('immediate'),
  },
  { name: 'kill -9 (Postgres)', place: 'server', weight: 1, lasts: moment, befall: ({ host }) => host.restart('kill') },
]

const editFaults: ClusterFault[] = Object.entries(edits).map(([name, edit]) => ({
  name: `edit: ${name}`,
  place: 'schedules',
  weight: 1,
  lasts: moment,
  befall: (cluster, { choice }) => insist(() => edit(cluster.pool, choice)),
}))

/** The primary dies, its replica takes its place, and everybody is led there. */
export function promotion(host: ReplicatedServer): ClusterFault {
  return {
    name: 'promotion of the replica',
    place: 'server',
    weight: 1,
    lasts: moment,
    async befall(cluster) {
      await host.promote('kill')
      await cluster.follow()
    },
  }
}

const insistForMs = 30_000

/** Faults overlap: the server may be down just now. */
async function insist(act: () => Promise<unknown>): Promise<void> {
  const giveUpAt = performance.now() + insistForMs
  for (;;) {
    try {
      await act()
      return
    } catch (error) {
      if (!isUnavailable(error) || performance.now() > giveUpAt) throw error
      await delay(100)
    }
  }
}

export const faults: Fault[] = [...ofMembers('ticks'), ...ofMembers('workers'), ...serverFaults, ...editFaults]
