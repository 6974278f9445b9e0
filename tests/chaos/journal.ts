import type { Cluster, Member } from './cluster.ts'
import { type Fault, hitsMember } from './faults.ts'
import type { FaultKind, PlannedFault } from './plan.ts'

/** A fault that happened. Unix milliseconds. */
export interface Befallen {
  readonly fault: Fault
  readonly at: number
  /** Whom it hit, where it hit a process. */
  readonly member: Member | undefined
  readonly wasLeader: boolean
}

/** Has faults befall a cluster and remembers when. */
export class Journal {
  readonly befallen: Befallen[] = []
  readonly #cluster: Cluster
  readonly #onFault: (befallen: Befallen, number: number) => void
  readonly #startedAt = performance.now()
  readonly #mended = new Map<FaultKind['place'], Promise<void>>()

  constructor(cluster: Cluster, onFault: (befallen: Befallen, number: number) => void = () => {}) {
    this.#cluster = cluster
    this.#onFault = onFault
  }

  get seconds(): number {
    return Math.round((performance.now() - this.#startedAt) / 1_000)
  }

  /** Resolves when the fault is mended. One that its place has not recovered from by the planned time is waited for. */
  befall(planned: PlannedFault<Fault>): Promise<void> {
    const { place } = planned.kind
    const before = this.#mended.get(place) ?? Promise.resolve()
    const mended = before.then(() => this.#begin(planned))
    this.#mended.set(place, mended)
    return mended
  }

  async #begin(planned: PlannedFault<Fault>): Promise<void> {
    const { kind: fault, choice } = planned
    const [member, befall] = this.#aim(fault, choice)
    const wasLeader = member !== undefined && member === this.#cluster.leader
    const befallen = { fault, at: Date.now(), member, wasLeader }
    this.befallen.push(befallen)
    this.#onFault(befallen, this.befallen.length)
    await befall(planned)
  }

  #aim(fault: Fault, choice: number): [Member | undefined, (planned: PlannedFault) => Promise<unknown>] {
    if (!hitsMember(fault)) return [undefined, (planned) => fault.befall(this.#cluster, planned)]
    const member = this.#choose(fault.place, choice)
    return [member, (planned) => fault.befall(member, planned)]
  }

  /** Of the ticks more often the leader, if one is known. */
  #choose(place: 'ticks' | 'workers', choice: number): Member {
    const { leader } = this.#cluster
    if (place === 'ticks' && leader && choice % 3 > 0) return leader
    const members = this.#cluster[place]
    return members[choice % members.length] as Member
  }

  counts(): Record<string, number> {
    const byName = Object.groupBy(this.befallen, ({ fault }) => fault.name)
    return Object.fromEntries(Object.entries(byName).map(([name, all]) => [name, all?.length ?? 0]))
  }
}
