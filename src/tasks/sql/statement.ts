import pg from 'pg'
import type { SqlPayload } from './payload.ts'

export interface StatementResult {
  /** SELECT, INSERT and so on. */
  readonly command: string
  /** How many rows it answered, or else changed; null where neither can be said. */
  readonly row_count: number | null
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  /** Whether there were more rows than are kept. */
  readonly truncated: boolean
}

const keptBytes = 262_144

/** Numbers that JSON has, JSON itself, true and false; all else is kept as Postgres writes it, to the last digit. */
const parsed = new Set<number>([
  pg.types.builtins.BOOL,
  pg.types.builtins.INT2,
  pg.types.builtins.INT4,
  pg.types.builtins.JSON,
  pg.types.builtins.JSONB,
  pg.types.builtins.FLOAT4,
  pg.types.builtins.FLOAT8,
])

const types = {
  getTypeParser: (type: number) => (text: string) => {
    if (!parsed.has(type)) return text
    const value = pg.types.getTypeParser(type)(text)
    return typeof value === 'number' && !Number.isFinite(value) ? text : value
  },
}

/**
 * Sends one statement, and keeps no more of its rows in memory than are asked for. Postgres itself refuses several: they
 * can't be prepared, which every statement here is, with parameters or without.
 * @throws pg.DatabaseError
 */
export function sendStatement(
  client: pg.ClientBase,
  { statement, parameters, keep_rows: most }: SqlPayload,
): Promise<StatementResult> {
  const rows: Record<string, unknown>[] = []
  let count = 0
  let bytes = 0
  const { promise, resolve, reject } = Promise.withResolvers<StatementResult>()
  const config = { text: statement, values: parameters.map(asParameter), types, queryMode: 'extended' }
  const query = new pg.Query<Record<string, unknown>>(config as pg.QueryConfig<unknown[]>)
  query.on('row', (row) => {
    count += 1
    if (count !== rows.length + 1 || rows.length >= most) return
    bytes += JSON.stringify(row).length
    if (bytes <= keptBytes) rows.push(row)
  })
  query.on('error', reject)
  query.on('end', ({ command, rowCount }) =>
    resolve({ command, row_count: rowCount ?? null, rows, truncated: rows.length < count }),
  )
  client.query(query)
  return promise
}

/** pg makes arrays of lists by itself, and JSON of objects that are no Buffer or Date. */
function asParameter(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? JSON.stringify(value) : value
}
