import { readFileSync } from 'node:fs'
import { problems } from '../../src/http/problems.ts'
import { markdownTable } from './markdown-table.ts'

const schema = readFileSync(new URL('../../db/schema.sql', import.meta.url), 'utf8')

/** docs/reference/errors.md: the problems of the HTTP API, and what the checks in SQL refuse. */
export function errorsReference(): string {
  return [
    `# Errors

Made from the source by \`npm run reference\`; not to be edited. What a run can end with is in
[concepts.md](../concepts.md#what-becomes-of-a-run), what processes suffer from in
[operations.md](../operations.md#what-to-do-about-findings).

## HTTP

Anything but success is \`application/problem+json\` (RFC 9457): \`status\`, \`title\`, \`detail\` for people, and a \`code\` that is
stable. Where fields are wrong \`errors\` lists them, each with \`field\`, \`message\` and mostly a \`hint\`.`,
    markdownTable(
      ['code', 'status', 'when', 'what to do'],
      Object.entries(problems).map(([code, { status, when, action }]) => [`\`${code}\``, String(status), when, action]),
    ),
    `## SQL

A row that can't be used fails at the statement that writes it, with SQLSTATE 22023 (\`invalid_parameter_value\`), the name of
the column, and a hint. A name that another schedule has is 23505 (\`unique_violation\`); a schedule or run that there isn't is
P0002 (\`no_data_found\`). Over HTTP the same texts are in \`errors\`. \`…\` stands for what depends on the case.`,
    ...(['schedules', 'backfills'] as const).flatMap((table) => [
      `### ${table}`,
      markdownTable(['column', 'message', 'hint'], refusalsOf(table)),
    ]),
  ]
    .join('\n\n')
    .concat('\n')
}

const functions = { schedules: 'schedule_problem', backfills: 'backfill_problem' }

/** The problems that a check in SQL can find: each is a `row(column, message, hint)`. */
function refusalsOf(table: keyof typeof functions): string[][] {
  const [, source = ''] =
    new RegExp(`FUNCTION pgbeat\\.${functions[table]}\\([\\s\\S]*?(\\$function\\$[\\s\\S]*?\\$function\\$)`).exec(
      schema,
    ) ?? []
  const rows = [...source.matchAll(/\brow\(([\s\S]*?)\)::pgbeat\.problem/g)].map(([, args = '']) =>
    argumentsOf(args).map(textsOf),
  )
  if (rows.length === 0 || rows.some((row) => row.length !== 3)) throw new Error(`${functions[table]} reads otherwise`)
  return rows.map(([columns = [], messages = [], hints = []]) => [
    columns.map((column) => `\`${column}\``).join(' or ') || '…',
    messages[0] ?? '…',
    hintOf(hints),
  ])
}

/** What is not a sentence is only compared with, or put in between. */
function hintOf(texts: readonly string[]): string {
  const sentences = texts.filter((text) => text.trim().includes(' ')).map((text) => text.replace(/^\. /, ''))
  return sentences.map((text) => text.replace(/: $/, ': …')).join(' / ')
}

/** The texts in an expression, as they are shown; what is filled in is an ellipsis. */
function textsOf(expression: string): string[] {
  return [...expression.matchAll(/'((?:[^']|'')*)'/g)].map(([, text = '']) =>
    text.replaceAll("''", "'").replaceAll('%s', '…'),
  )
}

/** Splits at the commas that stand outside of brackets and texts. */
function argumentsOf(source: string): string[] {
  const parts = ['']
  let depth = 0
  for (const [token] of source.matchAll(/'(?:[^']|'')*'|[^']/g)) {
    if (token === '(' || token === '[') depth += 1
    if (token === ')' || token === ']') depth -= 1
    if (token === ',' && depth === 0) parts.push('')
    else parts.push((parts.pop() ?? '') + token)
  }
  return parts
}
