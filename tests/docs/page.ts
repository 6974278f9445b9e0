import { readFile } from 'node:fs/promises'

export const root = new URL('../../', import.meta.url)

/** The text of a file, by its path from the top of the repository. */
export const text = (path: string): Promise<string> => readFile(new URL(path, root), 'utf8')

/** A block of code as its reader sees it. */
export interface Block {
  /** What stands behind the fence: sh, sql, ts, text … */
  readonly language: string
  readonly code: string
}

/** The blocks of code in a page, in their order. */
export async function blocksOf(path: string): Promise<Block[]> {
  return [...(await text(path)).matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', code = '']) => ({
    language,
    code,
  }))
}
