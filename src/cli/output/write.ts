import { print } from '../print.ts'
import { styled } from './style.ts'
import { type Column, table } from './table.ts'
import { plain } from './text-width.ts'

/** A list: a table for people, otherwise a JSON object a line. */
export async function writeList<Row>(
  rows: AsyncIterable<Row> | Iterable<Row>,
  columns: readonly Column<Row>[],
  isForPeople: boolean,
): Promise<void> {
  await print(isForPeople ? table(rows, columns) : jsonLines(rows))
}

/** One thing: what is said of it for people, otherwise one JSON document. */
export async function writeOne(value: unknown, forPeople: () => Iterable<string>, isForPeople: boolean): Promise<void> {
  await print(isForPeople ? forPeople() : [`${JSON.stringify(value, null, 2)}\n`])
}

/** Names and what they have, one a line; those with nothing are left out. */
export function* facts(pairs: Readonly<Record<string, string | null | undefined>>): Generator<string, void> {
  const told = Object.entries(pairs).filter(([, text]) => text !== null && text !== undefined && text !== '')
  const width = Math.max(...told.map(([name]) => name.length))
  for (const [name, text] of told) yield `${styled('bold', name.padEnd(width))}  ${plain(text ?? '')}\n`
}

/** To whoever gave the command, besides what it puts out. */
export function tell(message: string): void {
  process.stderr.write(`${message}\n`)
}

async function* jsonLines(rows: AsyncIterable<unknown> | Iterable<unknown>): AsyncGenerator<string, void> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`
}
