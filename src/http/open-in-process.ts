import type { Logger } from 'pino'
import type { Calls } from '../client/calls.ts'
import { openPool, overPool } from '../store/database.ts'
import { readQueue } from '../store/queue.ts'
import { readStats } from '../store/stats.ts'
import { Catalogue } from './catalogue.ts'
import type { DoctorReport } from './endpoints/doctor.ts'
import { InProcess } from './in-process.ts'
import { OwnFeed } from './live/own-feed.ts'
import { Shared } from './shared.ts'

/** One command asks a thing at a time; what lists need besides is asked at the same time. */
const maxConnections = 3

export interface OpenInProcessOptions {
  readonly connectionString: string
  /** Whose name the audit trail gets, such as `cli:ann`. */
  readonly actor: string
  /** IANA name: the time zone of a schedule that is created without one; left out, UTC. */
  readonly timezone?: string
  readonly log: Logger
  readonly diagnose: () => Promise<DoctorReport>
}

/** The API over a database of its own connections, which are made when they are needed. */
export function openInProcess({
  connectionString,
  actor,
  timezone = 'UTC',
  log,
  diagnose,
}: OpenInProcessOptions): Calls & { close(): Promise<void> } {
  const pool = openPool({ connectionString, applicationName: 'pgbeat cli', maxConnections })
  const db = overPool(pool)
  const services = {
    db,
    writes: db,
    timezone,
    catalogue: new Catalogue(db),
    // The APIs hear of it from Postgres.
    forgetKeys: () => {},
    diagnosis: new Shared(diagnose, 0),
    overview: new Shared(() => readStats(db), 0),
    queue: new Shared(() => readQueue(db), 0),
  }
  const live = new OwnFeed(connectionString, log)
  const inProcess = new InProcess({
    services,
    caller: { name: actor, keyName: null, role: 'admin' },
    follow: (options) => live.follow(options),
  })
  return Object.assign(inProcess, {
    async close() {
      await live.stop()
      await pool.end()
    },
  })
}
