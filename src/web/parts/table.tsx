import type { ComponentChildren } from 'preact'

interface TableProps {
  readonly label: string
  readonly columns: readonly string[]
  /** Its rows. */
  readonly children: ComponentChildren
}

/** A table that can be seen whole; where the page is too narrow for it, it scrolls sideways. */
export function Table({ label, columns, children }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="table-frame scroll-x" tabIndex={0} aria-label={label}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  )
}
