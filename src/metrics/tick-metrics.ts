import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Events } from '../events.ts'
import { delayBuckets, passBuckets } from './buckets.ts'
import { countFailures } from './component-failures.ts'

/** What a tick counts. */
export function tickMetrics(events: Events): Registry {
  const registry = new Registry()
  countFires(events, [registry])
  countPasses(events, [registry])
  countForgotten(events, [registry])
  countLeadership(events, [registry])
  countMirrored(events, [registry])
  countFailures(events, registry, ['tick', 'history', 'mirror'])
  return registry
}

function countFires(events: Events, registers: Registry[]): void {
  const fires = new Counter({
    name: 'pgbeat_fires_total',
    help: 'Instants that the tick has decided about, by origin and by what became of them: queued, waiting, skipped or missed. A missed run that covers a range counts each instant. Manual runs are not fired by the tick: see pgbeat_runs_started_total',
    labelNames: ['origin', 'status'],
    registers,
  })
  for (const origin of ['schedule', 'catch_up']) {
    for (const status of ['queued', 'waiting', 'skipped']) fires.inc({ origin, status }, 0)
  }
  fires.inc({ origin: 'schedule', status: 'missed' }, 0)
  fires.inc({ origin: 'backfill', status: 'queued' }, 0)
  const skipped = new Counter({
    name: 'pgbeat_skipped_total',
    help: 'Instants that were skipped, by reason',
    labelNames: ['reason'],
    registers,
  })
  for (const reason of ['overlap', 'replaced']) skipped.inc({ reason }, 0)
  const missed = new Counter({
    name: 'pgbeat_missed_total',
    help: 'Instants that were counted as missed, by reason. Those that a backfill leaves of a missed run that it splits are counted again',
    labelNames: ['reason'],
    registers,
  })
  for (const reason of ['catch_up_none', 'catch_up_latest', 'outside_window', 'paused', 'edited', 'deleted']) {
    missed.inc({ reason }, 0)
  }
  const fireDelay = new Histogram({
    name: 'pgbeat_fire_delay_seconds',
    help: 'From the nominal instant of a run until it was queued, of runs that were queued when they were fired, by origin',
    labelNames: ['origin'],
    buckets: delayBuckets,
    registers,
  })
  const promoted = new Counter({
    name: 'pgbeat_promoted_runs_total',
    help: 'Waiting runs that were queued because the run before them was over',
    registers,
  })

  events.on('tick:fired', ({ outcomes, fireDelaysMs }) => {
    for (const { origin, status, reason, instants } of outcomes) {
      fires.inc({ origin, status }, instants)
      if (status === 'skipped') skipped.inc({ reason: reason ?? '' }, instants)
      if (status === 'missed') missed.inc({ reason: reason ?? '' }, instants)
    }
    for (const { origin, delaysMs } of fireDelaysMs) {
      const ofOrigin = fireDelay.labels({ origin })
      for (const delayMs of delaysMs) ofOrigin.observe(delayMs / 1_000)
    }
  })
  events.on('tick:missed', ({ reason, instants }) => {
    fires.inc({ origin: 'schedule', status: 'missed' }, instants)
    missed.inc({ reason }, instants)
  })
  events.on('tick:promoted', ({ jobs, origin }) => {
    if (origin === 'backfill') fires.inc({ origin, status: 'queued' }, jobs)
    else promoted.inc(jobs)
  })
}

function countPasses(events: Events, registers: Registry[]): void {
  const passes = new Histogram({
    name: 'pgbeat_tick_pass_duration_seconds',
    help: 'How long the passes of the leading tick took, those that found nothing to do included',
    buckets: passBuckets,
    registers,
  })
  const batches = new Counter({
    name: 'pgbeat_tick_batches_total',
    help: 'Batches of due schedules that were fired, each in a transaction of its own; late: what came more than a minute late',
    labelNames: ['timing'],
    registers,
  })
  for (const timing of ['on_time', 'late']) batches.inc({ timing }, 0)
  const planned = new Counter({
    name: 'pgbeat_schedules_planned_total',
    help: 'How often a new, edited or resumed schedule was given its next instant',
    registers,
  })
  const refused = new Counter({
    name: 'pgbeat_schedules_refused_total',
    help: 'How often a schedule was marked as invalid because it could not be planned',
    registers,
  })
  const backfills = new Counter({
    name: 'pgbeat_backfills_finished_total',
    help: 'Backfills that came to an end, by status; cancelled ones are not in it',
    labelNames: ['status'],
    registers,
  })
  for (const status of ['completed', 'failed']) backfills.inc({ status }, 0)

  events.on('tick:passed', ({ durationMs }) => passes.observe(durationMs / 1_000))
  events.on('tick:fired', ({ isLate }) => batches.inc({ timing: isLate ? 'late' : 'on_time' }))
  events.on('tick:planned', (event) => {
    planned.inc(event.planned)
    refused.inc(event.refused.length)
  })
  events.on('backfill:finished', ({ status }) => backfills.inc({ status }))
}

function countForgotten(events: Events, registers: Registry[]): void {
  const days = new Counter({
    name: 'pgbeat_days_dropped_total',
    help: 'Days of runs that were dropped because all of them were older than they are kept',
    registers,
  })
  events.on('history:day-dropped', () => days.inc())
}

function countMirrored(events: Events, registers: Registry[]): void {
  const mirrored = new Counter({
    name: 'pgbeat_mirrored_events_total',
    help: 'Schedule events that were copied to Redis',
    registers,
  })
  const received = new Counter({
    name: 'pgbeat_mirror_messages_received_total',
    help: 'What subscribers of the channel in Redis were sent: each event counts once for each of them',
    registers,
  })
  const restored = new Counter({
    name: 'pgbeat_mirror_restored_events_total',
    help: 'Schedule events that Redis had lost and was given again',
    registers,
  })
  const failures = new Counter({
    name: 'pgbeat_mirror_failures_total',
    help: 'How often Redis could not be used; while that lasts it counts again every 30 s',
    registers,
  })
  const heard = new Counter({
    name: 'pgbeat_mirror_messages_heard_total',
    help: 'Messages that others published on the channel in Redis',
    registers,
  })
  events.on('mirror:sent', (event) => {
    mirrored.inc(event.events)
    received.inc(event.receivers)
  })
  events.on('mirror:restored', (event) => restored.inc(event.events))
  events.on('mirror:failed', () => failures.inc())
  events.on('mirror:heard', ({ messages }) => heard.inc(messages))
}

function countLeadership(events: Events, registers: Registry[]): void {
  const leads = new Gauge({
    name: 'pgbeat_leader',
    help: '1 while this tick leads, else 0; the sum is 1 but for the moments of an election',
    registers,
  })
  const elections = new Counter({
    name: 'pgbeat_leader_elections_total',
    help: 'How often this tick was elected',
    registers,
  })
  const fenced = new Counter({
    name: 'pgbeat_leader_fenced_total',
    help: 'How often this tick ended the session of a leader that gave no sign of life',
    registers,
  })
  const recovered = new Counter({
    name: 'pgbeat_workers_recovered_total',
    help: 'Dead workers that this tick took over from',
    registers,
  })
  const lost = new Counter({
    name: 'pgbeat_runs_lost_total',
    help: 'Attempts that were closed because their worker had died, by what their run became: retrying, failed or cancelled',
    labelNames: ['status'],
    registers,
  })
  for (const status of ['retrying', 'failed', 'cancelled']) lost.inc({ status }, 0)

  events.on('leader:elected', () => {
    leads.set(1)
    elections.inc()
  })
  events.on('leader:left', () => leads.set(0))
  events.on('leader:fenced', () => fenced.inc())
  events.on('workers:recovered', ({ workers, lostRuns }) => {
    recovered.inc(workers.length)
    for (const { status } of lostRuns) lost.inc({ status })
  })
}
