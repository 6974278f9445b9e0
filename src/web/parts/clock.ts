import { signal } from '@preact/signals'

/** Unix milliseconds, once a second: what is told relative to now is told anew. */
export const now = signal(Date.now())

setInterval(() => {
  if (!document.hidden) now.value = Date.now()
}, 1_000)

document.addEventListener('visibilitychange', () => {
  now.value = Date.now()
})
