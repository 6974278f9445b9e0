import { words } from './words.ts'

/** Each column with what it was and what it is. */
export function Differences({ changes }: { changes: Readonly<Record<string, unknown>> }) {
  const w = words.value
  const rows = Object.entries(changes) as [string, { from?: unknown; to?: unknown }][]
  if (rows.length === 0) return null
  return (
    <dl class="differences">
      {rows.map(([column, { from, to }]) => (
        <div key={column}>
          <dt>{column}</dt>
          <dd>
            {from !== undefined && (
              <del>
                <span class="visually-hidden">{w.was} </span>
                {JSON.stringify(from)}
              </del>
            )}
            {to !== undefined && (
              <ins>
                <span class="visually-hidden">{w.is} </span>
                {JSON.stringify(to)}
              </ins>
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}
