// Tells what a benchmark found: a table and, as the last line, one JSON object. With --record its section of
// docs/benchmarks.md says the same.

import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describeMachine } from './machine.ts'
import { replaceSection } from './section.ts'

export interface Target {
  /** What is to be reached, e.g. `10,000 queued in <= 300 ms`. */
  readonly what: string
  readonly measured: string
  readonly isMet: boolean
}

export interface Report {
  /** As in `npm run bench:<name>`. */
  readonly bench: string
  readonly title: string
  /** How it was measured; paragraphs. */
  readonly method: readonly string[]
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** What a reader of the table must know, of this run. */
  readonly notes: readonly string[]
  readonly targets: readonly Target[]
  /** Of the Postgres server. */
  readonly postgres: string
  /** The rest of the last line. */
  readonly json: Readonly<Record<string, unknown>>
}

const page = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url))

export async function tellReport(report: Report, { record }: { record: boolean }): Promise<void> {
  const notes = report.notes.map((note) => `- ${wrap(note).replaceAll('\n', '\n  ')}`).join('\n')
  const targets = table(['to reach', 'measured', 'met'], report.targets.map(targetRow))
  const body = [table(report.columns, report.rows), notes, targets].filter((part) => part !== '').join('\n\n')
  console.log(body)
  if (record) {
    const section = [`## ${report.title}`, ...[...report.method, described(report)].map(wrap), body].join('\n\n')
    await writeFile(page, replaceSection(await readFile(page, 'utf8'), report.bench, section))
  }
  console.log(JSON.stringify({ bench: report.bench, ...report.json }))
}

function described({ bench, postgres }: Report): string {
  return `\`npm run bench:${bench}\`, ${new Date().toISOString().slice(0, 10)}, ${describeMachine(postgres)}.`
}

function targetRow({ what, measured, isMet }: Target): string[] {
  return [what, measured, isMet ? 'yes' : '**no**']
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [columns, columns.map(() => '---'), ...rows].map(line).join('\n')
}

function wrap(paragraph: string): string {
  return paragraph.replace(/(.{1,120})(?: |$)/g, '$1\n').trim()
}

/** Says on standard error what takes time. */
export function progress(message: string): void {
  process.stderr.write(`${message}\n`)
}
