import { signal } from '@preact/signals'
import type { LiveEvent } from '../../client/client.ts'
import { api, checkSession, isRefusal, mayAct } from './api.ts'

type Listener = (event: LiveEvent) => void

const listeners = new Set<Listener>()

/** Whether changes are told at the moment. */
export const isLive = signal(false)

/** What tells that everything shown may be out of date. */
export const reloads: readonly string[] = ['ready', 'overflow', 'reset']

/** Has every change told to a listener; answers what ends that. */
export function onChange(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Follows what changes until it is told to stop. */
export async function follow(signal: AbortSignal): Promise<void> {
  try {
    for await (const event of api.events({ signal, onLost: () => (isLive.value = false) })) {
      isLive.value = true
      for (const listener of listeners) listener(event)
    }
  } catch (error) {
    isLive.value = false
    if (!isRefusal(error)) return
    await checkSession()
    // It was sent before the user was logged in: now they are.
    if (mayAct('viewer') && !signal.aborted) await follow(signal)
  } finally {
    isLive.value = false
  }
}
