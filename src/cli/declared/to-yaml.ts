import { Document, isMap, isNode, isSeq } from 'yaml'
import type { Fields } from './read-declared.ts'

/** A schedule to be written, and what a person is to know of it. */
interface Written {
  readonly fields: Fields
  readonly comments?: readonly string[]
}

export interface Declarations {
  readonly comments?: readonly string[]
  readonly set?: string | undefined
  readonly defaults: Fields
  readonly schedules: readonly Written[]
}

/** A file that `apply` reads. */
export function toYaml({ comments = [], set, defaults, schedules }: Declarations): string {
  const document = new Document({
    ...(set !== undefined && { set }),
    defaults,
    schedules: schedules.map(({ fields }) => fields),
  })
  if (comments.length > 0) document.commentBefore = commented(comments)
  const list = document.get('schedules', true)
  if (isSeq(list)) {
    for (const [index, item] of list.items.entries()) {
      const { comments = [] } = schedules[index] ?? {}
      if (!isNode(item)) continue
      item.spaceBefore = index > 0
      if (comments.length > 0) item.commentBefore = commented(comments)
      if (isMap(item)) item.flow = false
    }
  }
  return document.toString({ lineWidth: 0, commentString: (text) => text.replaceAll(/^/gm, '#') })
}

function commented(lines: readonly string[]): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these would end the comment, or break the file
  return lines.map((line) => ` ${line.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]+/g, ' ')}`).join('\n')
}
