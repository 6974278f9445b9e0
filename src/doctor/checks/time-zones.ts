import { localIso } from '../../core/local-time.ts'
import { firstChange, type OffsetAt, offsetsOf } from '../../core/time-zone.ts'
import { TimetableError } from '../../core/timetable-error.ts'
import { type Finding, fail, pass, warn } from '../../finding.ts'
import { knownZones, mostSchedules, offsetsInPostgres, readZonesInUse, type ZonedInstant } from '../../store/zones.ts'
import type { Check } from '../check.ts'

const yearsAhead = 5
const stepDays = 10
const stepMs = stepDays * 86_400_000
const mostNamed = 5

/** Whether Node.js, by which schedules fire, and Postgres agree on the zones of the schedules. */
export const timeZones: Check = {
  name: 'time-zones',
  needs: 'schema',
  async look({ db, config }) {
    const { zones, is_bounded } = await readZonesInUse(db)
    const all = [...new Set([...zones, config.PGBEAT_TIMEZONE])]
    const known = await knownZones(db, all)
    const inNode = all.filter(isKnownToNode)
    const instants = inNode.filter((zone) => known.has(zone)).flatMap((zone) => instantsOf(zone, Date.now()))
    const inPostgres = await offsetsInPostgres(db, instants)
    return judge({
      zones: all,
      unknownToNode: all.filter((zone) => !inNode.includes(zone)),
      unknownToPostgres: all.filter((zone) => !known.has(zone)),
      disagreements: instants.flatMap((instant, index) => compare(instant, inPostgres[index] ?? 0)),
      isBounded: is_bounded,
    })
  },
}

/** What the clocks of a zone show at an instant. */
interface Disagreement extends ZonedInstant {
  readonly inNode: number
  readonly inPostgres: number
}

export interface Comparison {
  readonly zones: readonly string[]
  readonly unknownToNode: readonly string[]
  readonly unknownToPostgres: readonly string[]
  readonly disagreements: readonly Disagreement[]
  readonly isBounded: boolean
}

export function judge({ zones, unknownToNode, unknownToPostgres, disagreements, isBounded }: Comparison): Finding {
  const others = unknownToPostgres.filter((zone) => !unknownToNode.includes(zone))
  const problems = [
    ...unknownToNode.map((zone) => `${zone} is unknown to Node.js, and its schedules do not fire`),
    ...others.map((zone) => `${zone} is unknown to Postgres, and its schedules can't be changed`),
    ...firstOfEach(disagreements).map(describe),
  ]
  const named = problems.slice(0, mostNamed).join('; ')
  const message = problems.length > mostNamed ? `${named}; and ${problems.length - mostNamed} more` : named
  if (unknownToNode.length > 0) {
    return fail(message, 'give these schedules the name of an IANA zone such as Asia/Tokyo, or upgrade Node.js')
  }
  if (problems.length > 0) {
    return warn(
      message,
      'schedules go by Node.js: upgrade whichever has the older data (tzdata, process.versions.tz), and use names such as Europe/Paris, for Postgres takes CET for a fixed abbreviation',
    )
  }
  const where = isBounded ? ` of the first ${mostSchedules} schedules` : ' in use'
  const count = zones.length === 1 ? `the time zone${where}` : `the ${zones.length} time zones${where}`
  return pass(`Node.js (${process.versions.tz}) and Postgres agree on ${count} for ${yearsAhead} years`)
}

function firstOfEach(disagreements: readonly Disagreement[]): Disagreement[] {
  const first = new Map<string, Disagreement>()
  for (const found of disagreements)
    if (found.at < (first.get(found.zone)?.at ?? Infinity)) first.set(found.zone, found)
  return [...first.values()]
}

function describe({ zone, at, inNode, inPostgres }: Disagreement): string {
  const differMin = (inPostgres - inNode) / 60_000
  const direction = differMin > 0 ? 'later' : 'earlier'
  return `${zone} at ${localIso(zone, at)} by Node.js is ${Math.abs(differMin)} min ${direction} by Postgres`
}

function compare(instant: ZonedInstant, inPostgres: number): Disagreement[] {
  const inNode = offsetsOf(instant.zone)(instant.at)
  return inNode === inPostgres ? [] : [{ ...instant, inNode, inPostgres }]
}

/** Every ten days, less than any zone leaves between two changes of its clocks, and both sides of each change. */
function instantsOf(zone: string, now: number): ZonedInstant[] {
  const offsetAt = offsetsOf(zone)
  const steps = Array.from({ length: Math.ceil((yearsAhead * 366) / stepDays) }, (_, step) => now + step * stepMs)
  return steps.flatMap((from) => [from, ...changeBetween(offsetAt, from, from + stepMs)]).map((at) => ({ zone, at }))
}

function changeBetween(offsetAt: OffsetAt, from: number, until: number): number[] {
  const at = firstChange(offsetAt, offsetAt(from), from, until)
  return at === null ? [] : [at - 1_000, at]
}

function isKnownToNode(zone: string): boolean {
  try {
    return offsetsOf(zone) !== undefined
  } catch (error) {
    if (error instanceof TimetableError) return false
    throw error
  }
}
