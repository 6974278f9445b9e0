import type { Logger } from 'pino'
import type { Db } from '../store/tables.ts'
import type { Catalogue } from './catalogue.ts'

/** What endpoints work with. */
export interface Services {
  /** All statements of a request that has an `Idempotency-Key` go through one transaction. */
  readonly db: Db
  /** Connections of its own for the question whether Postgres answers, which must not wait behind others. */
  readonly health: Db
  readonly catalogue: Catalogue
  /** The OpenAPI document, as JSON. */
  readonly openApi: string
  readonly renderMetrics: () => Promise<{ readonly contentType: string; readonly body: string }>
  readonly log: Logger
}
