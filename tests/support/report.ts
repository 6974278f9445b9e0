import type { Readable } from 'node:stream'
import { Parser, type Result } from 'tap-parser'

export interface Counts {
  passed: number
  failed: number
  skipped: number
}

/** Reads tap's output, prints a line a file and every failure in full, and counts the way tap's own summary does. */
export async function report(output: Readable, print: (line: string) => void): Promise<Counts> {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const failures: string[] = []
  let printed: string[] = []
  const parser = new Parser()
  collectPrinted(parser, (line) => printed.push(line))
  parser.on('pass', () => counts.passed++)
  parser.on('skip', (result) => {
    counts.skipped++
    print(`skip  ${result.fullname}${typeof result.skip === 'string' ? `: ${result.skip}` : ''}`)
  })
  parser.on('todo', (result) => {
    counts.skipped++
    print(`todo  ${result.fullname}${typeof result.todo === 'string' ? `: ${result.todo}` : ''}`)
  })
  parser.on('fail', (result) => {
    counts.failed++
    failures.push(result.fullname)
    print(`\nFAIL  ${result.fullname}\n${details(result)}`)
  })
  parser.on('assert', (file) => {
    const log = printed
    printed = []
    if (file.ok) return print(`ok    ${file.name} (${duration(file)})`)
    print(`FAIL  ${file.name} (${duration(file)})`)
    if (log.length > 0) print(indent(`It printed:\n${log.join('')}`))
  })
  parser.on('bailout', (reason) => print(`tap gave up: ${reason}`))
  const finished = new Promise((resolve) => parser.on('complete', resolve))
  output.pipe(parser)
  await finished
  if (failures.length > 0) print(`\nFailed:\n${failures.map((name) => `  ${name}`).join('\n')}`)
  return counts
}

function collectPrinted(parser: Parser, add: (line: string) => void): void {
  parser.on('child', (child) => {
    child.on('extra', add)
    collectPrinted(child, add)
  })
}

const duration = ({ time }: Result) => `${Math.round(time ?? 0)} ms`

const indent = (text: string) => text.trimEnd().replaceAll(/^/gm, '      ')

const withoutLibraries = (text: string) => text.replaceAll(/^.*\(node_modules\/.*\n?/gm, '')

/** What tap adds that says nothing about the failure. */
const noise = new Set(['source', 'at', 'tapCaught', 'stdio', 'cwd', 'externalID', 'command', 'args'])

function details({ diag }: Result): string {
  const known: Record<string, unknown> = diag ?? {}
  const lines = Object.entries(known)
    .filter(([key]) => !noise.has(key) && !(key === 'compare' && known.diff))
    .map(([key, value]) => {
      const text = typeof value === 'string' ? withoutLibraries(value).trimEnd() : JSON.stringify(value)
      return text.includes('\n') ? `${key}:\n${indent(text)}` : `${key}: ${text}`
    })
  const { fileName, lineNumber } = (known.at ?? {}) as { fileName?: string; lineNumber?: number }
  if (fileName && !known.stack) lines.unshift(`at ${fileName}:${lineNumber}`)
  return indent(lines.join('\n'))
}
