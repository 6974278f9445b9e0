import { createRequire } from 'node:module'

interface OwnPackage {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly engines: { readonly node: string }
  readonly exports: Readonly<Record<string, Readonly<Record<'pgbeat-source' | 'default', string>>>>
}

/** What pgbeat's package.json says; it lies above `src` and above `dist`. */
export const ownPackage: OwnPackage = createRequire(import.meta.url)('../package.json')
