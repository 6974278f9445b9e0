import type pg from 'pg'
import type { ListedInfo } from './api/page.ts'
import type { DateText } from './calendar.ts'
import { type DayCounts, writeCheckpoint } from './checkpoints.ts'
import { inTransaction } from './transaction.ts'

const BATCH_ROWS = 1_000

const columns = [
  'date',
  'code',
  'company_name',
  'company_name_english',
  'sector_17_code',
  'sector_17_code_name',
  'sector_33_code',
  'sector_33_code_name',
  'scale_category',
  'market_code',
  'market_code_name',
  'margin_code',
  'margin_code_name',
  'product_category',
] as const satisfies readonly (keyof ListedInfo)[]

/** Left out below the Standard plan, so their absence says nothing about the company. */
const keptWhenAbsent: ReadonlySet<string> = new Set(['margin_code', 'margin_code_name', 'product_category'])

const upsert = upsertStatement()

/** What to save for one day of one run. */
export interface Day {
  readonly runId: string
  /** The day as it was asked for; the rows say themselves which day they are of. */
  readonly date: DateText
  readonly fetchedCount: number
  /** One a date and code, by code: see selectRows. */
  readonly rows: readonly ListedInfo[]
}

/**
 * Saves a day in one transaction, its checkpoint included. Rows that are the same already are left untouched, and
 * nothing is ever deleted.
 * @throws DatabaseError of pg; then nothing of the day is saved
 */
export async function saveDay(pool: pg.Pool, { runId, date, fetchedCount, rows }: Day): Promise<DayCounts> {
  return inTransaction(pool, async (client) => {
    let changed = 0
    for (let start = 0; start < rows.length; start += BATCH_ROWS) {
      const batch = rows.slice(start, start + BATCH_ROWS)
      const { rowCount } = await client.query(
        upsert,
        columns.map((column) => batch.map((row) => row[column])),
      )
      changed += rowCount ?? 0
    }
    const counts: DayCounts = {
      date,
      fetched_count: fetchedCount,
      saved_count: rows.length,
      skipped_count: fetchedCount - rows.length,
      changed_count: changed,
    }
    await writeCheckpoint(client, runId, counts)
    return counts
  })
}

function upsertStatement(): string {
  const newValue = (column: string) =>
    keptWhenAbsent.has(column) ? `coalesce(excluded.${column}, stored.${column})` : `excluded.${column}`
  const arrays = columns.map((column, index) => `$${index + 1}::${column === 'date' ? 'date' : 'text'}[]`)
  const changeable = columns.filter((column) => column !== 'date' && column !== 'code')
  return `
    insert into jquants.listed_info as stored (${columns.join(', ')})
    select * from unnest(${arrays.join(', ')})
    on conflict (date, code) do update
       set ${changeable.map((column) => `${column} = ${newValue(column)}`).join(', ')}, updated_at = now()
     where (${changeable.map((column) => `stored.${column}`).join(', ')})
           is distinct from (${changeable.map(newValue).join(', ')})`
}
