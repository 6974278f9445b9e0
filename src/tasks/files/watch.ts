import { type FSWatcher, watch } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** Editors write a file in several steps. */
const settleMs = 50

export interface Watch {
  /** Resolves when what was begun because of a change is over. */
  close(): Promise<void>
}

/**
 * Does something whenever a file in one of the folders changes, one time after the other.
 * @param onChange not to reject
 */
export function watchFolders(folders: readonly string[], onChange: () => Promise<void>): Watch {
  let isClosed = false
  let hasChanged = false
  let working: Promise<void> | undefined
  const work = async () => {
    while (hasChanged && !isClosed) {
      await delay(settleMs)
      hasChanged = false
      await onChange()
    }
    working = undefined
  }
  const watchers: FSWatcher[] = folders.map((folder) => {
    const watcher = watch(folder, { recursive: true }, () => {
      hasChanged = true
      working ??= work()
    })
    // What can't be watched any more is read no more, and what was read stays.
    return watcher.on('error', () => {})
  })
  return {
    async close() {
      isClosed = true
      for (const watcher of watchers) watcher.close()
      await working
    },
  }
}
