import { Counter, Histogram, Registry } from 'prom-client'
import type { Events } from '../events.ts'
import { BoundedLabels } from './bounded-labels.ts'
import { delayBuckets, durationBuckets } from './buckets.ts'
import { countFailures } from './component-failures.ts'

const mostCodes = 50
const longestCode = 64
const mostCounters = 100
const outcomes = ['succeeded', 'failed', 'cancelled']

/** What a worker counts. */
export function workerMetrics(events: Events): Registry {
  const registry = new Registry()
  countStarts(events, [registry])
  countOutcomes(events, [registry])
  countForTasks(events, [registry])
  countFailures(events, registry, ['worker'])
  return registry
}

function countStarts(events: Events, registers: Registry[]): void {
  const started = new Counter({
    name: 'pgbeat_runs_started_total',
    help: 'Runs whose first attempt has begun, by task and origin',
    labelNames: ['task_name', 'origin'],
    registers,
  })
  const queueDelay = new Histogram({
    name: 'pgbeat_queue_delay_seconds',
    help: "From when a run was queued until its first attempt began, by origin; the jitter that the schedule asks for is in it. A backfill's runs let all others go first",
    labelNames: ['origin'],
    buckets: delayBuckets,
    registers,
  })
  const lateness = new Histogram({
    name: 'pgbeat_lateness_seconds',
    help: 'From the nominal instant of a run until its first attempt began, by origin: fire delay and queue delay together. Only origin="schedule" is meant to be small: catch_up and backfill run what has passed',
    labelNames: ['origin'],
    buckets: delayBuckets,
    registers,
  })
  events.on('run:started', ({ isFirstAttempt, taskName, origin, queueDelayMs, latenessMs }) => {
    if (!isFirstAttempt) return
    started.inc({ task_name: taskName, origin })
    queueDelay.observe({ origin }, queueDelayMs / 1_000)
    lateness.observe({ origin }, latenessMs / 1_000)
  })
}

function countOutcomes(events: Events, registers: Registry[]): void {
  const finished = new Counter({
    name: 'pgbeat_runs_finished_total',
    help: 'Runs that a worker has brought to an end, by task and status. Not those that were cancelled before they started, and those that ended because their worker died: see pgbeat_runs_lost_total',
    labelNames: ['task_name', 'status'],
    registers,
  })
  const duration = new Histogram({
    name: 'pgbeat_attempt_duration_seconds',
    help: 'How long attempts took, by task: from when the attempt was opened until its outcome was written, however it ended',
    labelNames: ['task_name'],
    buckets: durationBuckets,
    registers,
  })
  const failed = new Counter({
    name: 'pgbeat_attempts_failed_total',
    help: `Attempts that failed, by task and error code, whether the run is tried again or not; beyond ${mostCodes} codes a task, further ones are counted as other`,
    labelNames: ['task_name', 'code'],
    registers,
  })
  const refused = new Counter({
    name: 'pgbeat_outcomes_refused_total',
    help: 'Attempts that ended after they had been given up for lost: what came of them was not kept',
    registers,
  })
  const codes = new BoundedLabels(mostCodes)

  events.on('worker:started', ({ tasks }) => {
    for (const task_name of tasks) for (const status of outcomes) finished.inc({ task_name, status }, 0)
  })
  events.on('run:finished', ({ taskName, status, durationMs, error }) => {
    duration.observe({ task_name: taskName }, durationMs / 1_000)
    if (outcomes.includes(status)) finished.inc({ task_name: taskName, status })
    if (status === 'failed' || status === 'retrying') {
      failed.inc({ task_name: taskName, code: codes.of(taskName, codeOf(error)) })
    }
  })
  events.on('run:outcome-refused', () => refused.inc())
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'error'
  return code.slice(0, longestCode)
}

function countForTasks(events: Events, registers: Registry[]): void {
  const counts = new Counter({
    name: 'pgbeat_task_count_total',
    help: `What tasks count themselves, by task and the name of the counter; beyond ${mostCounters} names a task, further ones are counted as other. What a failed attempt has counted stays`,
    labelNames: ['task_name', 'counter'],
    registers,
  })
  const names = new BoundedLabels(mostCounters)
  events.on('task:counted', ({ taskName, counter, by }) => {
    counts.inc({ task_name: taskName, counter: names.of(taskName, counter) }, by)
  })
}
