import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** What can befall the system, as far as the plan is concerned. */
export interface FaultKind {
  readonly name: string
  /** Faults of one place come one after the other; those of different places overlap. */
  readonly place: 'ticks' | 'workers' | 'server' | 'schedules'
  /** How often it is chosen, compared with the others. */
  readonly weight: number
  /** For how long it lasts, in milliseconds: from and to. */
  readonly lasts: readonly [number, number]
}

export interface PlannedFault<Kind extends FaultKind = FaultKind> {
  readonly kind: Kind
  /** Milliseconds from the beginning. */
  readonly at: number
  readonly forMs: number
  /** Chooses whom it hits, and how: 0 to 2³¹ − 1. */
  readonly choice: number
}

const gap = [200, 1_000] as const
/** How long a place is left alone after a fault, so that it can be seen to recover. */
const restMs = 1_200

/** What befalls the system when: always the same for the same seed. */
export function planFaults<Kind extends FaultKind>(
  kinds: readonly Kind[],
  count: number,
  seed: number,
): PlannedFault<Kind>[] {
  const random = xoroshiro128plus(seed)
  const between = ([from, to]: readonly [number, number]) => uniformInt(random, from, to)
  const lots = kinds.flatMap((kind) => Array.from({ length: kind.weight }, () => kind))
  const freeFrom = new Map<string, number>()
  const planned: PlannedFault<Kind>[] = []
  let now = 0
  while (planned.length < count) {
    now += between(gap)
    const kind = lots[between([0, lots.length - 1])] as Kind
    const at = Math.max(now, freeFrom.get(kind.place) ?? 0)
    const forMs = between(kind.lasts)
    // A server that comes and goes is a matter for everybody: nobody else is hit until it is back.
    const places = kind.place === 'server' ? ['ticks', 'workers', 'server'] : [kind.place]
    const begin = Math.max(at, ...places.map((place) => freeFrom.get(place) ?? 0))
    for (const place of places) freeFrom.set(place, begin + forMs + restMs)
    planned.push({ kind, at: begin, forMs, choice: between([0, 2 ** 31 - 1]) })
  }
  return planned.toSorted((a, b) => a.at - b.at)
}
