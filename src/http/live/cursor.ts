import type { Position } from '../../store/change-position.ts'
import { ChangeWindow, type Moment } from '../../store/change-window.ts'
import { isTooSlow, readChanges, readMoment } from '../../store/changes.ts'
import type { Db } from '../../store/tables.ts'
import { changeMessages, type Message, type Reload, reloadMessage } from './message.ts'

export interface Step {
  readonly messages: readonly Message[]
  /** Up to where they lead. */
  readonly position: Position
}

/** Goes through the changes from now on, a step at a time. A step that fails is none, and the next one begins there. */
export class ChangeCursor {
  readonly #db: Db
  #place: { readonly position: Position; readonly window: ChangeWindow } | undefined

  constructor(db: Db) {
    this.#db = db
  }

  /** Undefined before the first step. */
  get position(): Position | undefined {
    return this.#place?.position
  }

  /** The next step is a first one, from then on. */
  forget(): void {
    this.#place = undefined
  }

  /** All that is new since the step before; after the first one, and where the thread was lost, a message that says so. */
  async next(): Promise<Step> {
    if (this.#place === undefined) return this.#begin('reset')
    const { position: from, window } = this.#place
    try {
      const { moment, seen, changes } = await readChanges(this.#db, { from })
      if (moment.source !== from.source) return await this.#begin('reset')
      const position = positionAt(window, moment, seen)
      const messages =
        changes === null ? [reloadMessage('overflow', position)] : changeMessages(changes, from, position)
      this.#place = { position, window }
      return { messages, position }
    } catch (error) {
      if (isTooSlow(error)) return this.#begin('overflow')
      throw error
    }
  }

  async #begin(reload: Reload): Promise<Step> {
    this.#place = undefined
    const start = await readMoment(this.#db)
    const window = new ChangeWindow(start, performance.now())
    const from = positionAt(window, start, [])
    // What it finds is not told: it is to be known as seen.
    const { moment, seen } = await readChanges(this.#db, { from })
    const position = positionAt(window, moment, seen)
    this.#place = { position, window }
    return { messages: [reloadMessage(reload, position)], position }
  }
}

function positionAt(window: ChangeWindow, moment: Moment, seen: readonly bigint[]): Position {
  const since = window.after(moment, performance.now())
  return { source: moment.source, snapshot: moment.snapshot, seen, since }
}
