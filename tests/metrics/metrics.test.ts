import t from 'tap'
import { createEvents } from '../../src/events.ts'
import { labelled, toText } from '../../src/metrics/figures.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import type { NodeKind } from '../../src/store/tables.ts'
import { parseExposition, total } from './exposition.ts'

const run = { runId: '1', scheduleId: 'a', scheduleName: 's', taskName: 'task', attempt: 1 }

/** The metrics of a process, as it would show them. */
function process() {
  const events = createEvents()
  const metrics = createMetrics(events)
  return {
    events,
    metrics,
    async read(role: NodeKind) {
      // Through the database they go as JSON.
      const figures = JSON.parse(JSON.stringify(await metrics.figures(role)))
      return parseExposition((await toText(labelled(figures, { node: 'n' }))).body)
    },
  }
}

t.test('fires are counted by what became of them, and a missed range by its instants', async (t) => {
  const { events, read } = process()
  const batch = { schedules: 5, runs: 5, jobs: 2, lateMs: 3 }
  events.emit('tick:fired', {
    ...batch,
    isLate: false,
    outcomes: [
      { origin: 'schedule', status: 'queued', reason: null, instants: 2 },
      { origin: 'schedule', status: 'waiting', reason: null, instants: 1 },
      { origin: 'schedule', status: 'skipped', reason: 'overlap', instants: 1 },
    ],
    fireDelaysMs: [{ origin: 'schedule', delaysMs: [4, 40] }],
  })
  events.emit('tick:fired', {
    ...batch,
    isLate: true,
    outcomes: [{ origin: 'schedule', status: 'missed', reason: 'catch_up_latest', instants: 60 }],
    fireDelaysMs: [],
  })
  events.emit('tick:missed', { reason: 'paused', instants: 7 })
  events.emit('tick:promoted', { jobs: 3, origin: 'waiting' })
  events.emit('tick:promoted', { jobs: 4, origin: 'backfill' })
  const metrics = await read('tick')
  const fires = (labels: Record<string, string>) => total(metrics, 'pgbeat_fires_total', labels)
  t.equal(fires({ origin: 'schedule', status: 'queued' }), 2)
  t.equal(fires({ origin: 'schedule', status: 'waiting' }), 1)
  t.equal(fires({ origin: 'schedule', status: 'skipped' }), 1)
  t.equal(fires({ origin: 'schedule', status: 'missed' }), 67)
  t.equal(fires({ origin: 'backfill', status: 'queued' }), 4)
  t.equal(total(metrics, 'pgbeat_promoted_runs_total'), 3)
  t.equal(total(metrics, 'pgbeat_skipped_total', { reason: 'overlap' }), 1)
  t.equal(total(metrics, 'pgbeat_missed_total', { reason: 'catch_up_latest' }), 60)
  t.equal(total(metrics, 'pgbeat_missed_total', { reason: 'paused' }), 7)
  t.equal(total(metrics, 'pgbeat_tick_batches_total', { timing: 'on_time' }), 1)
  t.equal(total(metrics, 'pgbeat_tick_batches_total', { timing: 'late' }), 1)
  const delays = metrics.get('pgbeat_fire_delay_seconds')?.samples ?? []
  t.match(
    delays.filter(({ labels: { le } }) => le === '0.005' || le === '0.05' || le === '+Inf').map(({ value }) => value),
    [1, 2, 2],
  )
  t.match(delays.find(({ name }) => name.endsWith('_sum'))?.value.toFixed(6), '0.044000')
})

t.test('delays are those of runs, whatever number of attempts they take, and outcomes those of both', async (t) => {
  const { events, read } = process()
  events.emit('worker:started', { nodeId: 'n', tasks: ['task', 'idle'], concurrency: 1 })
  const started = { ...run, origin: 'schedule', latenessMs: 30, fireDelayMs: 10, queueDelayMs: 20 } as const
  const finished = { ...run, reason: null, durationMs: 250, result: null }
  events.emit('run:started', { ...started, isFirstAttempt: true })
  events.emit('run:finished', { ...finished, status: 'retrying', error: { code: 'busy', message: '' } })
  events.emit('run:started', { ...started, isFirstAttempt: false })
  events.emit('run:finished', { ...finished, status: 'succeeded', error: null })
  const metrics = await read('worker')
  t.equal(total(metrics, 'pgbeat_runs_started_total', { task_name: 'task', origin: 'schedule' }), 1)
  t.equal(total(metrics, 'pgbeat_queue_delay_seconds', { origin: 'schedule' }), 1)
  t.equal(total(metrics, 'pgbeat_lateness_seconds', { origin: 'schedule' }), 1)
  t.equal(total(metrics, 'pgbeat_attempt_duration_seconds', { task_name: 'task' }), 2)
  t.equal(total(metrics, 'pgbeat_runs_finished_total', { task_name: 'task' }), 1)
  t.equal(total(metrics, 'pgbeat_attempts_failed_total', { task_name: 'task', code: 'busy' }), 1)
  const idle = metrics.get('pgbeat_runs_finished_total')?.samples.filter(({ labels }) => labels.task_name === 'idle')
  t.equal(idle?.length, 3, 'what has never happened is 0 from the start on, so that its first time shows in a rate')
})

t.test('no label can have values without end', async (t) => {
  const { events, metrics, read } = process()
  for (let index = 0; index < 500; index += 1) {
    const error = { code: `${index}-${'x'.repeat(200)}`, message: '' }
    events.emit('run:finished', { ...run, status: 'failed', reason: null, durationMs: 1, result: null, error })
    events.emit('task:counted', { ...run, counter: `rows_${index}`, by: 2 })
    metrics.observeRequest({ method: `M${index}`, route: '/x', status: 200, seconds: 0.01 })
  }
  const worker = await read('worker')
  const codes = worker.get('pgbeat_attempts_failed_total')?.samples ?? []
  t.equal(codes.length, 51)
  t.ok(codes.every(({ labels }) => (labels.code?.length ?? 0) <= 64))
  t.equal(total(worker, 'pgbeat_attempts_failed_total', { code: 'other' }), 450)
  t.equal(worker.get('pgbeat_task_count_total')?.samples.length, 101)
  t.equal(total(worker, 'pgbeat_task_count_total'), 1_000)
  t.equal(total(await read('api'), 'pgbeat_http_request_duration_seconds', { method: 'OTHER' }), 500)
})

t.test('what comes from outside is escaped', async (t) => {
  const { events, read } = process()
  const error = { code: 'say "no"\\\nnow', message: '' }
  events.emit('run:finished', { ...run, status: 'failed', reason: null, durationMs: 1, result: null, error })
  const [sample] = (await read('worker')).get('pgbeat_attempts_failed_total')?.samples ?? []
  t.match(sample?.labels, { code: 'say \\"no\\"\\\\\\nnow' })
})

t.test('what the process itself uses is shown once, however many roles it plays', async (t) => {
  const { metrics } = process()
  const names = async (role: NodeKind) => (await metrics.processFigures(role)).map(({ name }) => name)
  const leaveWorker = metrics.enter('worker')
  metrics.enter('tick')
  t.ok((await names('worker')).includes('process_cpu_seconds_total'))
  t.same(await names('tick'), [])
  leaveWorker()
  t.ok((await names('tick')).includes('process_cpu_seconds_total'))
  parseExposition((await toText(await metrics.processFigures('tick'))).body)
})

t.test('failures count for the component that failed', async (t) => {
  const { events, read } = process()
  events.emit('component:failed', { component: 'tick', error: new Error('away'), retryInMs: 1 })
  t.equal(total(await read('tick'), 'pgbeat_component_failures_total', { component: 'tick' }), 1)
  t.equal(total(await read('worker'), 'pgbeat_component_failures_total'), 0)
})

t.test('who leads shows', async (t) => {
  const { events, read } = process()
  const leads = async () => total(await read('tick'), 'pgbeat_leader')
  t.equal(await leads(), 0)
  events.emit('leader:elected', { nodeId: 'n', term: 1 })
  t.equal(await leads(), 1)
  events.emit('leader:left', { nodeId: 'n', term: 1 })
  t.equal(await leads(), 0)
  events.emit('workers:recovered', {
    workers: ['a', 'b'],
    lostRuns: [{ runId: '1', scheduleName: 's', attempt: 1, status: 'retrying' }],
  })
  const metrics = await read('tick')
  t.equal(total(metrics, 'pgbeat_workers_recovered_total'), 2)
  t.equal(total(metrics, 'pgbeat_runs_lost_total', { status: 'retrying' }), 1)
})
