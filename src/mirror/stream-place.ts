import type { MirrorPlace } from '../store/mirror.ts'

/** Where to go on in the stream: after a number, or under ids that are greater than all it has. */
export type GoOn = { readonly after: number } | { readonly above: number }

/**
 * What the last id of the stream says of where the mirror is.
 *
 * It is that of the last event sent, as a rule. It is smaller when Redis has lost what it had: the stream then gets again
 * what is still known of it. It is greater when the answer to the last sending was lost. And if it is greater than any
 * number there is, the entries are another database's, or this one was restored to an earlier time.
 * @param lastId `0-0` for a stream that there is not
 */
export function whereToGoOn({ epoch, numbered }: MirrorPlace, lastId: string): GoOn {
  const [first = 0, second = 0] = lastId.split('-').map(Number)
  if (first < epoch) return { after: 0 }
  if (first === epoch && second <= numbered) return { after: second }
  return { above: first }
}

/** The id of an event's entry in the stream. */
export function entryId({ epoch }: MirrorPlace, number: number): string {
  return `${epoch}-${number}`
}
