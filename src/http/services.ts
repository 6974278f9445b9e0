import type { Probe } from '../store/probe.ts'
import type { Queue } from '../store/queue.ts'
import type { Stats } from '../store/stats.ts'
import type { Db } from '../store/tables.ts'
import type { Admission } from './access/admission.ts'
import type { Catalogue } from './catalogue.ts'
import type { DoctorReport } from './endpoints/doctor.ts'
import type { LiveFeed } from './live/feed.ts'
import type { Shared } from './shared.ts'

/** What endpoints work with. */
export interface Services {
  /** For an endpoint that changes something, the same as `writes`; with an `Idempotency-Key`, one transaction of it. */
  readonly db: Db
  readonly writes: Db
  /** The time zone of a schedule that is created without one. */
  readonly timezone: string
  readonly catalogue: Catalogue
  /** Who may come in has changed. */
  readonly forgetKeys: () => void
  readonly overview: Shared<Stats>
  readonly diagnosis: Shared<DoctorReport>
  readonly queue: Shared<Queue>
}

/** What those work with that are about HTTP. */
export interface HttpServices extends Services {
  readonly probe: Probe
  readonly admission: Admission
  readonly feed: LiveFeed
  /** The OpenAPI document, as JSON. */
  readonly openApi: string
  readonly metricsText: () => Promise<{ readonly contentType: string; readonly body: string }>
}
