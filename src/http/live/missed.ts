import { type Bookmark, decodeBookmark, isUpTo, type Position } from '../../store/change-position.ts'
import { isTooSlow, mostChanges, readChanges } from '../../store/changes.ts'
import type { Db } from '../../store/tables.ts'
import { changeMessages, type Message, reloadMessage } from './message.ts'

/**
 * What somebody missed who got everything up to `lastEventId`, as messages that lead to `until`: the changes, or one that
 * says to load everything anew.
 */
export async function readMissed(db: Db, lastEventId: string, until: Position): Promise<Message[]> {
  const bookmark = decodeBookmark(lastEventId)
  if (bookmark === null || !isBefore(bookmark, until)) return [reloadMessage('reset', until)]
  try {
    const messages: Message[] = []
    for (const step of stepsTo(bookmark, until)) {
      const { changes } = await readChanges(db, { ...step, until: step.until.snapshot })
      if (changes === null || messages.length + changes.length > mostChanges) return [reloadMessage('overflow', until)]
      messages.push(...changeMessages(changes, step.from, step.until))
    }
    return messages
  } catch (error) {
    if (isTooSlow(error)) return [reloadMessage('overflow', until)]
    throw error
  }
}

/** Whether a bookmark is of this database, and of its past. Clients can make up any: only possible ones go into SQL. */
function isBefore({ position, within }: Bookmark, until: Position): boolean {
  if (position.source !== until.source) return false
  if (within === undefined) return isUpTo(position, until.snapshot)
  return isUpTo(within.until, until.snapshot) && isUpTo(position, within.until.snapshot)
}

/** First the rest of the batch that somebody got a part of, then what has come after it. */
function stepsTo({ position, within }: Bookmark, until: Position) {
  if (within === undefined) return [{ from: position, until }]
  return [
    { from: position, until: within.until, after: within.after },
    { from: within.until, until },
  ]
}
