import type { Command, Diagnosis } from './command.ts'
import type { Argument, Flag, Flags } from './flags.ts'

type Described = Command | Diagnosis

const helpFlag: Flags = { help: { summary: 'show this' } }

/** What `pgbeat` by itself shows. */
export async function overview(commands: NonNullable<Described['commands']>): Promise<string> {
  return `Usage: pgbeat <command>

${await wordsOf(commands)}
\`pgbeat help <command>\` says more of each. The environment configures it: DATABASE_URL, PGBEAT_API_URL, PGBEAT_PORT and
others; see docs/operations.md.
`
}

/** What `--help` shows of a command. */
export async function helpOf(path: readonly string[], described: Described): Promise<string> {
  const { summary, description, commands, examples = [], flags, arguments: takes = [] } = described
  const parts = [
    `Usage: ${usagesOf(path, described).join('\n       ')}`,
    sentence(summary),
    ...(description === undefined ? [] : [description]),
    ...(commands === undefined ? [] : [`Commands:\n${(await wordsOf(commands)).trimEnd()}`]),
    ...(takes.length === 0 ? [] : [`Arguments:\n${columns(takes.map((one) => [placeholder(one), one.summary]))}`]),
    ...(flags === undefined ? [] : [`Flags:\n${columns(flagRows({ ...flags, ...helpFlag }))}`]),
    ...(examples.length === 0 ? [] : [`Examples:\n${examples.map((line) => `  pgbeat ${line}`).join('\n')}`]),
  ]
  return `${parts.join('\n\n')}\n`
}

/** The forms that a command has. */
export function usagesOf(path: readonly string[], described: Described): string[] {
  const { commands, flags, arguments: takes = [] } = described
  const words = ['pgbeat', ...path].join(' ')
  const own = [words, ...takes.map(placeholder), ...(flags === undefined ? [] : ['[<flags>]'])].join(' ')
  if (commands === undefined) return [own]
  return [...(flags === undefined ? [] : [own]), `${words} <command>`]
}

/** A flag as it is written, with its other name. */
export function flagTitle(name: string, { value, alias, short, negatable }: Flag): string {
  const names = [name, ...(alias === undefined ? [] : [alias])].map(
    (one) => `--${negatable === true ? '[no-]' : ''}${one}`,
  )
  return `${[...(short === undefined ? [] : [`-${short}`]), ...names].join(', ')}${value === undefined ? '' : ` ${value}`}`
}

export function flagSummary({ summary, choices, many }: Flag): string {
  const said = choices === undefined || choices.length > 10 ? summary : `${summary}: ${choices.join(', ')}`
  return many === true ? `${said} (several with commas, or given again)` : said
}

function placeholder({ name, isOptional, isMany }: Argument): string {
  const one = `<${name}>${isMany === true ? ' …' : ''}`
  return isOptional === true ? `[${one}]` : one
}

async function wordsOf(commands: NonNullable<Described['commands']>): Promise<string> {
  const rows = await Promise.all(
    Object.entries(commands).map(async ([name, read]) => [name, (await read()).summary] as const),
  )
  return `${columns(rows)}\n`
}

function flagRows(flags: Flags): (readonly [string, string])[] {
  return Object.entries(flags).map(([name, flag]) => [flagTitle(name, flag), flagSummary(flag)] as const)
}

const widestTitle = 34

/** Two columns; a title that is too wide has a line of its own. */
function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.min(widestTitle, Math.max(...rows.map(([title]) => title.length)))
  return rows
    .map(([title, text]) =>
      title.length > width ? `  ${title}\n  ${''.padEnd(width)}  ${text}` : `  ${title.padEnd(width)}  ${text}`,
    )
    .join('\n')
}

function sentence(summary: string): string {
  return `${summary.slice(0, 1).toUpperCase()}${summary.slice(1)}.`
}
