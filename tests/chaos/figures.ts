import { readFile, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import type { Summary } from './summary.ts'

const page = new URL('../../docs/reliability.md', import.meta.url)

/** Writes the figures of one mode into the documentation, in place of the last ones. */
export async function recordFigures(mode: Summary['mode'], summaries: readonly Summary[]): Promise<void> {
  const text = await readFile(page, 'utf8')
  const [begin, end] = [`<!-- figures: ${mode} -->\n`, '<!-- end of figures -->']
  const from = text.indexOf(begin) + begin.length
  const until = text.indexOf(end, from)
  if (from < begin.length || until < from) throw new Error(`docs/reliability.md has no place for figures of ${mode}`)
  await writeFile(page, text.slice(0, from) + table(summaries) + text.slice(until))
}

function table(summaries: readonly Summary[]): string {
  const heads = ['seed', 'faults', 'minutes', 'instants due', 'lost', 'duplicate', 'early', 'unexplained']
  const rows = summaries.map((summary) => [
    summary.seed,
    summary.faults,
    (summary.seconds / 60).toFixed(1),
    summary.due,
    summary.lost,
    summary.duplicate,
    summary.early,
    summary.unexplained,
    ...[summary.failover_ms, summary.recovery_ms].map(
      ({ n, p50, p99, max }) =>
        `${n === 0 ? 'none' : `${inSeconds(p50)} / ${inSeconds(p99)} / ${inSeconds(max)} (${n})`}`,
    ),
  ])
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |\n`
  const all = [...heads, 'fail-over, s', 'recovery, s']
  return [
    `Measured on ${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, Node ${process.version}. The durations are p50 / p99 / longest, and how many there were.\n\n`,
    line(all),
    line(all.map(() => '---')),
    ...rows.map(line),
  ].join('')
}

function inSeconds(ms: number): string {
  return (ms / 1_000).toFixed(2)
}
