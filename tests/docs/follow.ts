import type { Test } from 'tap'
import type { LiveEvent } from '../../src/client/client.ts'
import { type Block, blocksOf } from './page.ts'
import type { Outcome, Reader } from './reader.ts'

/** What can't be done here, and why; it is checked otherwise. */
export interface NotDone {
  readonly line: RegExp
  readonly why: string
}

/** Until when a reader waits before going on. */
interface Wait {
  /** A part of the block. */
  readonly before: string
  /** How many of these have happened. */
  readonly count?: number
  readonly until: (event: LiveEvent) => boolean
}

export interface FollowOptions {
  readonly notDone?: readonly NotDone[]
  readonly waits?: readonly Wait[]
  /** Blocks that somebody else takes care of, by a part of each. */
  readonly others?: Readonly<Record<string, (block: Block) => Promise<void>>>
}

const starts = /(^| )npm start$/

/**
 * Does what a page says, block after block. Each must work, and print what the block of text behind it says: there, a
 * number stands for any, and `…` for anything.
 */
export async function follow(t: Test, reader: Reader, path: string, options: FollowOptions = {}): Promise<void> {
  const { notDone = [], waits = [], others = {} } = options
  const expectations = [...notDone.map(({ line }) => String(line)), ...waits.map(({ before }) => before)]
  const unmet = new Set([...expectations, ...Object.keys(others)])
  let last: Outcome | undefined
  for (const { block, printed } of await stepsOf(path)) {
    for (const { before, count = 1, until } of waits.filter((wait) => block.code.includes(wait.before))) {
      unmet.delete(before)
      await reader.happened(count, until)
    }
    const other = Object.keys(others).find((part) => block.code.includes(part))
    if (other !== undefined) {
      unmet.delete(other)
      await others[other]?.(block)
      continue
    }
    for (const part of partsOf(block)) {
      const skipped = notDone.find(({ line }) => line.test(part.code))
      if (skipped !== undefined) unmet.delete(String(skipped.line))
      else if (starts.test(part.code)) await reader.start(part.code)
      else {
        last = await reader.do(part)
        t.equal(hasFailed(last), printed?.startsWith('ERROR') === true, `${path}: ${part.code}\n${last.output}`)
        if (printed === undefined) t.notMatch(last.output, /urn:pgbeat:problem/, `${path}: ${part.code}`)
      }
    }
    if (printed !== undefined) t.match(last?.output, shape(printed), `${path}: ${block.code}`)
  }
  t.same([...unmet], [], 'nothing is expected of the page that it no longer has')
}

interface Step {
  readonly block: Block
  /** What the page says that it prints. */
  readonly printed: string | undefined
}

async function stepsOf(path: string): Promise<Step[]> {
  const blocks = await blocksOf(path)
  return blocks.flatMap((block, index) => {
    if (!['sh', 'sql', 'ts'].includes(block.language)) return []
    const next = blocks[index + 1]
    return [{ block, printed: next?.language === 'text' ? next.code : undefined }]
  })
}

function hasFailed({ code }: Outcome): boolean {
  return code !== null && code !== 0
}

/** The lines of sh that begin something or can't be done are done one by one; all else is one. */
function partsOf(block: Block): Block[] {
  const { language, code } = block
  if (language !== 'sh' || /\\\n|'\{\n/.test(code)) return [block]
  return code
    .split(/\n|&& /)
    .map((line) => line.replace(/(^| )# .*/, '').trim())
    .filter((line) => line !== '')
    .map((line) => ({ language, code: line }))
}

/** What matches a text: any number for a number, any amount of blanks and lines for some. */
function shape(text: string): RegExp {
  const source = text.trim().replace(/…|\d+|\s+|-{2,}|[\\^$.*+?()[\]{}|]/g, (part) => {
    if (/^\d/.test(part)) return '\\d+'
    if (/^\s/.test(part)) return '\\s+'
    if (/^--/.test(part)) return '-+'
    return part === '…' ? '[\\s\\S]*' : `\\${part}`
  })
  return new RegExp(`^\\s*${source}\\s*$`)
}
