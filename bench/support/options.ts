import { parseArgs } from 'node:util'

/**
 * Reads `--name=value` from the command line; whoever is left out has its default. `--record` has every benchmark write
 * its section of docs/benchmarks.md.
 * @throws for an option that the benchmark doesn't know
 */
export function readOptions<Defaults extends Record<string, string>>(
  defaults: Defaults,
): { readonly [Name in keyof Defaults]: string } & { readonly record: boolean } {
  const known = Object.entries(defaults).map(([name, value]) => [name, { type: 'string', default: value }] as const)
  const { values } = parseArgs({
    options: { ...Object.fromEntries(known), record: { type: 'boolean', default: false } },
  })
  return values as ReturnType<typeof readOptions<Defaults>>
}

/** e.g. `1000,10000` */
export function numbers(text: string): number[] {
  return text.split(',').map(number)
}

/** @throws for what isn't a positive whole number */
export function number(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`${text} is not a positive whole number`)
  return Number(text)
}
