import { type ParseArgsConfig, parseArgs } from 'node:util'
import type { Argument, Flags, Values } from './flags.ts'
import { didYouMean } from './suggest.ts'
import { UsageError } from './usage-error.ts'

/** @throws UsageError for an option that there is not, or that lacks its value */
function readArguments<Options extends ParseArgsConfig>(args: string[], options: Options) {
  try {
    return parseArgs({ ...options, args })
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error
  }
}

/** @throws UsageError */
export function readInvocation<F extends Flags>(
  { flags, arguments: takes = [] }: { readonly flags: F; readonly arguments?: readonly Argument[] },
  args: string[],
): { values: Values<F>; given: string[] } {
  refuseUnknown(flags, args)
  const { values, positionals } = readArguments(args, {
    options: optionsOf(flags),
    allowPositionals: true,
    allowNegative: true,
  })
  const most = takes.at(-1)?.isMany === true ? Number.POSITIVE_INFINITY : takes.length
  const [extra] = positionals.slice(most)
  if (extra !== undefined) {
    throw new UsageError(
      most === 0
        ? `it takes no arguments, but was given ${extra}`
        : `${extra} is too many: it takes ${takes.map(({ name, summary }) => `<${name}>, ${summary}`).join('; ')}`,
    )
  }
  const missing = takes.filter(({ isOptional }) => isOptional !== true)[positionals.length]
  if (missing !== undefined) throw new UsageError(`<${missing.name}> is missing: ${missing.summary}`)
  return { values: toValues(flags, values), given: positionals }
}

/** As parseArgs describes them. */
function optionsOf(flags: Flags) {
  return Object.fromEntries(
    Object.entries(flags).flatMap(([name, { value, many, alias, short }]) => {
      const option = { type: value === undefined ? 'boolean' : 'string', multiple: many === true } as const
      const first = { ...option, ...(short !== undefined && { short }) }
      return [[name, first] as const, ...(alias === undefined ? [] : [[alias, option] as const])]
    }),
  )
}

function refuseUnknown(flags: Flags, args: string[]): void {
  const { tokens } = parseArgs({ args, options: optionsOf(flags), strict: false, tokens: true, allowNegative: true })
  const known = Object.entries(flags).flatMap(([name, { alias }]) => (alias === undefined ? [name] : [name, alias]))
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const isNegated = token.rawName === `--no-${token.name}`
    const isKnown = known.includes(token.name) && (!isNegated || flags[token.name]?.negatable === true)
    if (!isKnown) {
      const close = didYouMean(token.rawName, [...known.map((name) => `--${name}`), '--help'])
      throw new UsageError(`there is no flag ${token.rawName}${close}`)
    }
  }
}

function toValues<F extends Flags>(flags: F, parsed: Readonly<Record<string, unknown>>): Values<F> {
  return Object.fromEntries(
    Object.entries(flags).map(([name, { alias, many }]) => {
      const value = parsed[name] ?? (alias === undefined ? undefined : parsed[alias])
      if (many !== true || value === undefined) return [name, value]
      return [name, (value as string[]).flatMap((one) => one.split(',').filter((part) => part !== ''))]
    }),
  ) as Values<F>
}
