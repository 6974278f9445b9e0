import { type Style, styled } from './style.ts'
import { cut, plain, widthOf } from './text-width.ts'

/** A column of a table for people. */
export interface Column<Row> {
  readonly title: string
  readonly text: (row: Row) => string
  readonly style?: (row: Row) => Style | undefined
  readonly isRight?: boolean
  /** It may be cut where the terminal is narrow. */
  readonly shrinks?: boolean
}

/** Widths are those of so many rows; the rest of a long list is fitted in as it comes. */
const measured = 200
const gap = 2
const narrowest = 8

/** The lines of a table, as its rows come. */
export async function* table<Row>(
  rows: AsyncIterable<Row> | Iterable<Row>,
  columns: readonly Column<Row>[],
): AsyncGenerator<string, void> {
  let first: Row[] | null = []
  let widths: number[] = []
  const begin = (known: readonly Row[]) => {
    widths = measure(columns, known)
    return [heading(columns, widths), ...known.map((row) => line(columns, widths, row))].join('')
  }
  for await (const row of rows) {
    if (first === null) yield line(columns, widths, row)
    else if (first.push(row) === measured) {
      yield begin(first)
      first = null
    }
  }
  if (first !== null && first.length > 0) yield begin(first)
}

/** As wide as needed; of what the terminal has not, the widest that may be cut lose most. */
function measure<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): number[] {
  const widths = columns.map(({ title, text }) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(plain(text(row))))),
  )
  const room = (process.stdout.columns || 80) - gap * (columns.length - 1)
  for (let excess = sum(widths) - room; excess > 0; excess -= 1) {
    const widest = columns.reduce<number>((found, { shrinks }, index) => {
      const isCandidate = shrinks === true && (widths[index] ?? 0) > narrowest
      return isCandidate && (found === -1 || (widths[index] ?? 0) > (widths[found] ?? 0)) ? index : found
    }, -1)
    if (widest === -1) break
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

function heading<Row>(columns: readonly Column<Row>[], widths: readonly number[]): string {
  return joined(columns.map((column, index) => styled('bold', placed(column.title, widths[index] ?? 0, column))))
}

function line<Row>(columns: readonly Column<Row>[], widths: readonly number[], row: Row): string {
  return joined(
    columns.map((column, index) => {
      const width = widths[index] ?? 0
      const text = plain(column.text(row))
      return styled(column.style?.(row), placed(column.shrinks === true ? cut(text, width) : text, width, column))
    }),
  )
}

function placed(text: string, width: number, { isRight }: { readonly isRight?: boolean }): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)))
  return isRight === true ? blanks + text : text + blanks
}

function joined(cells: readonly string[]): string {
  return `${cells.join(' '.repeat(gap)).trimEnd()}\n`
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
