import { type Due, isNamed } from './due.ts'
import type { Findings } from './findings.ts'
import type { History, Run } from './history.ts'

/**
 * Holds the rows of one schedule against what was due: each instant has a row of its own or lies in the range of a
 * missed one, never both, and there are no other rows.
 */
export function judgeCoverage(
  schedule: {
    readonly name: string
    readonly due: Due
    readonly runs: readonly Run[]
    readonly lapses: History['lapses']
  },
  until: number,
  findings: Findings,
): void {
  const { name, due, lapses } = schedule
  const ofTimetable = schedule.runs.filter(({ origin }) => origin !== 'manual')
  const ranges = ofTimetable.filter(isRange).sort((one, other) => sinceOf(one) - sinceOf(other))
  const own = new Map<number, Run>()
  for (const run of ofTimetable) {
    if (isRange(run)) continue
    if (own.has(run.scheduledFor)) findings.addOf(run, 'duplicate', 'the instant has another row')
    else if (!isExplained(due, run)) findings.addOf(run, 'unexplained', 'no timetable named this instant')
    else if ((run.missedCount ?? 1) !== 1)
      findings.addOf(run, 'duplicate', `it counts ${run.missedCount} instants and is one`)
    own.set(run.scheduledFor, own.get(run.scheduledFor) ?? run)
  }

  const instants = [...due.instants.keys()]
  const covered = new Set<number>()
  for (const range of ranges) {
    const within = between(instants, sinceOf(range), range.scheduledFor)
    judgeRange(range, within, own, until, findings)
    if (within.some((instant) => covered.has(instant))) findings.addOf(range, 'duplicate', 'it overlaps another range')
    for (const instant of within) covered.add(instant)
  }
  for (const { since, until: end, reason } of lapses) {
    if (since > until) continue
    findings.add('unexplained', { schedule: name, at: since, why: `what was ${reason} is not counted yet` })
    for (const instant of between(instants, since, end)) if (instant < end) covered.add(instant)
  }
  for (const instant of instants) {
    if (own.has(instant) || covered.has(instant) || due.doubtful.has(instant)) continue
    findings.add('lost', { schedule: name, at: instant, why: 'it was due, and no row accounts for it' })
  }
}

const isRange = (run: Run) => run.status === 'missed' && sinceOf(run) !== run.scheduledFor

const sinceOf = (run: Run) => run.missedSince ?? run.scheduledFor

/** A backfill asks for the instants of a timetable also where that did not hold. */
function isExplained(due: Due, { scheduledFor, origin }: Run): boolean {
  if (due.instants.has(scheduledFor)) return true
  return origin === 'backfill' && due.periods.some((period) => isNamed(period, scheduledFor))
}

function judgeRange(
  range: Run,
  within: readonly number[],
  own: ReadonlyMap<number, Run>,
  until: number,
  findings: Findings,
): void {
  const rows = within.flatMap((instant) => own.get(instant) ?? [])
  // A backfill gives an instant of a range from before an edit a row of its own, and leaves the range as it was.
  const backfilled = rows.filter(({ origin }) => origin === 'backfill').length
  const [another] = rows.filter(({ origin }) => origin !== 'backfill')
  const count = range.missedCount ?? 0
  if (another !== undefined) {
    findings.addOf(range, 'duplicate', `it covers ${instant(another.scheduledFor)}, which has a row of its own`)
  } else if (within.length === 0) {
    findings.addOf(range, 'unexplained', 'no timetable named any instant of this range')
  } else if (within[0] !== range.missedSince || (range.scheduledFor <= until && !endsAt(range, within.at(-1)))) {
    findings.addOf(range, 'unexplained', 'no timetable named its first or its last instant')
  } else if (range.scheduledFor <= until && (count > within.length || count < within.length - backfilled)) {
    findings.addOf(range, 'duplicate', `it counts ${count} instants where ${within.length} were due`)
  }
}

/** Where a backfill wanted the last instant, the range gave way by less than a millisecond. */
function endsAt({ scheduledFor }: Run, last: number | undefined): boolean {
  return last === scheduledFor || !Number.isInteger(scheduledFor)
}

const instant = (at: number) => new Date(at).toISOString()

/** Those from one moment to another, both inclusive. */
function between(sorted: readonly number[], first: number, last: number): readonly number[] {
  return sorted.slice(position(sorted, first), position(sorted, last + 0.000_5))
}

/** How many are smaller. */
function position(sorted: readonly number[], value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}
