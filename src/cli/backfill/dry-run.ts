import { styleOf } from '../output/style.ts'
import type { Column } from '../output/table.ts'
import { exact } from '../output/times.ts'
import { tell, writeList } from '../output/write.ts'

interface Instant {
  readonly scheduled_for: string
  readonly found: string | null
  readonly chosen: boolean
  readonly clock_change: string | null
}

const columns: readonly Column<Instant>[] = [
  { title: 'instant', text: ({ scheduled_for }) => exact(scheduled_for) },
  { title: 'is', text: ({ found }) => found ?? 'missing', style: ({ found }) => styleOf(found ?? 'missed') },
  {
    title: 'would be',
    text: ({ chosen }) => (chosen ? 'run' : 'left'),
    style: ({ chosen }) => styleOf(chosen ? 'running' : 'skipped'),
  },
  { title: 'clock change', text: ({ clock_change }) => clock_change ?? '' },
]

/** Shows what a backfill would run; its route answers two things, and this is the other one. */
export async function showDryRun(answer: unknown, isForPeople: boolean): Promise<void> {
  const { data, meta } = answer as {
    readonly data: readonly Instant[]
    readonly meta: { readonly instants: number; readonly chosen: number; readonly shown: number }
  }
  await writeList(data, columns, isForPeople)
  const rest = meta.shown < meta.instants ? `; the first ${meta.shown} are shown` : ''
  tell(`${meta.chosen} of ${meta.instants} instants would be run${rest}. Nothing was done.`)
}
