import type { ExecutedRun } from './execution.ts'
import type { Findings } from './findings.ts'
import type { Run, ScheduleEvent } from './history.ts'
import type { Period } from './periods.ts'

/** What did not run says why, and the schedule had been such, at one time or another, that this can be. */
export function judgeReason(
  run: Run,
  schedule: { readonly periods: readonly Period[]; readonly events: readonly ScheduleEvent[] },
  findings: Findings,
): void {
  const { status, reason } = run
  if (status !== 'skipped' && status !== 'missed' && status !== 'cancelled') return
  if (reason === null) findings.addOf(run, 'unexplained', `it was ${status} without a reason`)
  else if (!isPossible(reason, run, schedule)) {
    findings.addOf(run, 'unexplained', `it was ${status} as ${reason}, and nothing of the schedule explains that`)
  }
}

function isPossible(
  reason: string,
  { status, scheduledFor }: Run,
  { periods, events }: { readonly periods: readonly Period[]; readonly events: readonly ScheduleEvent[] },
): boolean {
  const isLater = ({ occurredAt }: ScheduleEvent) => occurredAt > scheduledFor
  switch (`${status} ${reason}`) {
    case 'skipped overlap':
      return periods.some(({ overlapPolicy }) => overlapPolicy === 'skip')
    case 'skipped replaced':
    case 'cancelled replaced':
      return periods.some(({ overlapPolicy }) => overlapPolicy === 'replace')
    case 'cancelled cancelled':
      return events.some(({ type }) => type === 'cancelled')
    case 'missed catch_up_none':
      return periods.some(({ catchUp }) => catchUp === 'none')
    case 'missed catch_up_latest':
      return periods.some(({ catchUp }) => catchUp === 'latest')
    case 'missed outside_window':
      return periods.some(({ hasCatchUpWindow }) => hasCatchUpWindow)
    case 'missed paused':
      return periods.some(({ enabled, to }) => !enabled && to > scheduledFor)
    case 'missed edited':
      return events.some((event) => isLater(event) && event.type !== 'created')
    case 'missed deleted':
      return events.some((event) => isLater(event) && event.type === 'deleted')
    default:
      return false
  }
}

/** Nothing fires in a pause, unless somebody asks for it. */
export function judgePause({ run, isRepeated }: ExecutedRun, period: Period | undefined, findings: Findings): void {
  if (period === undefined || period.enabled || isRepeated || run.status === 'missed') return
  findings.addOf(run, 'unexplained', `it is ${run.status}, and its schedule was paused`)
}
