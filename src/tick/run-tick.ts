import { setTimeout as delay } from 'node:timers/promises'
import { reconnectMs } from '../core/backoff.ts'
import type { Events } from '../events.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { publishMetrics } from '../metrics/publish.ts'
import { describeNode } from '../node.ts'
import type { Running } from '../running.ts'
import { openPool, overPool } from '../store/database.ts'
import { untilDue } from '../store/due-schedules.ts'
import { isLocked } from '../store/postgres-errors.ts'
import { Ahead, mostSessions } from './ahead.ts'
import { keepHistory } from './history.ts'
import { type Leadership, standForElection } from './leader.ts'
import { Pace } from './pace.ts'
import { openBeside } from './session.ts'
import { tick } from './tick.ts'
import { createUpkeep, upkeepEveryMs } from './upkeep.ts'

/** Covers a lost NOTIFY. */
const longestSleepMs = upkeepEveryMs
/** What is due and was not fired is locked by an edit that is not committed yet; it is asked for again after this. */
const lockedAgainMs = 25
/** While there is something to fire all the time. */
const askAgainMs = 20
const metricsTimeoutMs = 5_000

export interface RunTickOptions {
  readonly connectionString: string
  readonly events: Events
  /** How long a run is kept after it is over; 0 or left out, for ever. */
  readonly retentionDays?: number | undefined
  /** Published for `/metrics`; left out, they are not. */
  readonly metrics?: Metrics | undefined
}

/** Runs a tick: stands by, and fires what is due while it leads. Any number may run. */
export function runTick({ connectionString, events, metrics, retentionDays = 0 }: RunTickOptions): Running {
  const stopping = new AbortController()
  const { signal } = stopping
  const node = describeNode('tick')
  const beside = openBeside(connectionString, { applicationName: 'pgbeat tick beside', maxConnections: 1 })
  const forCrowds = openBeside(connectionString, { applicationName: 'pgbeat tick ahead', maxConnections: mostSessions })
  let failures = 0
  let isLeading = false
  const stopped = stand()
  const publishing = metrics && publish(metrics)
  const history = keepHistory({ connectionString, retentionDays, events, isLeading: () => isLeading })
  return {
    async stop() {
      stopping.abort()
      await stopped
      await publishing?.stop()
      await history.stop()
    },
  }

  /** On a connection of its own: a statement on the leader's would find itself in the middle of a transaction. */
  function publish(metrics: Metrics): Running {
    const pool = openPool({
      connectionString,
      applicationName: 'pgbeat metrics',
      maxConnections: 1,
      answerTimeoutMs: metricsTimeoutMs,
    })
    const publisher = publishMetrics({ db: overPool(pool), node, metrics })
    return {
      async stop() {
        await publisher.stop()
        await pool.end()
      },
    }
  }

  async function stand(): Promise<void> {
    try {
      await keepStanding()
    } finally {
      await Promise.all([beside.end(), forCrowds.end()])
    }
  }

  async function keepStanding(): Promise<void> {
    while (!signal.aborted) {
      try {
        await standForElection({ connectionString, node, signal, events, whileLeading: lead })
      } catch (error) {
        failures += 1
        const retryInMs = reconnectMs(failures, Math.random())
        events.emit('component:failed', { component: 'tick', error, retryInMs })
        await delay(retryInMs, undefined, { signal }).catch(() => {})
      }
    }
  }

  /** What is locked for long is asked for again. */
  function tellLocked(error: unknown): boolean {
    if (!isLocked(error)) throw error
    events.emit('component:failed', { component: 'tick', error, retryInMs: lockedAgainMs })
    return false
  }

  async function lead({ db, term, wake, contact }: Leadership): Promise<void> {
    events.emit('leader:elected', { nodeId: node.id, term })
    isLeading = true
    try {
      const upkeep = createUpkeep({ db, node, events, contact, retentionDays })
      const ahead = new Ahead({ db: forCrowds.db, events, onOver: () => wake.now() })
      const paces = { promote: new Pace(), advance: new Pace(), ask: new Pace({ leastRestMs: askAgainMs }) }
      let mayBeDue = true
      await upkeep()
      while (!signal.aborted) {
        const didSomething = await tick({ db, beside: [beside.db], events, paces, mayBeDue }).catch(tellLocked)
        failures = 0
        await upkeep()
        if (didSomething) {
          mayBeDue = true
          await ahead.look(db, 0)
          continue
        }
        const wait = (await untilDue(db)) ?? longestSleepMs
        if (wait === 0 && !mayBeDue) {
          mayBeDue = true
          continue
        }
        const lookInMs = await ahead.look(db, wait)
        const owedInMs = Math.min(paces.promote.owedInMs, paces.advance.owedInMs)
        const dueInMs = wait > 0 ? Math.ceil(wait) : lockedAgainMs
        const sleepMs = Math.min(dueInMs, Math.ceil(lookInMs), Math.ceil(owedInMs), longestSleepMs)
        const wasWoken = await wake.sleep(sleepMs)
        mayBeDue = wasWoken || sleepMs === dueInMs
      }
    } finally {
      isLeading = false
      events.emit('leader:left', { nodeId: node.id, term })
    }
  }
}
