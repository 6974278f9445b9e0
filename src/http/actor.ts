import type { Actor } from '../store/as-actor.ts'

/** Who a request is made by. */
export function actor(note?: string): Actor {
  return { name: 'api', note }
}
