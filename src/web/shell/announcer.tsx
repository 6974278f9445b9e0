import { signal } from '@preact/signals'
import { words } from './words.ts'

interface Notice {
  readonly id: number
  readonly text: string
  readonly kind: 'done' | 'failure'
}

const notices = signal<readonly Notice[]>([])
let lastId = 0

/** How long something that went well is shown; what failed stays until it is dismissed. */
const shownMs = 6_000

/** Shows a line, and has it read out. */
export function say(text: string, kind: Notice['kind'] = 'done'): void {
  lastId += 1
  const id = lastId
  notices.value = [...notices.value, { id, text, kind }].slice(-5)
  if (kind === 'done') setTimeout(() => dismiss(id), shownMs)
}

function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id)
}

/** Where notices are shown. */
export function Announcer() {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ id, text, kind }) => (
        <div key={id} class={`notice notice-${kind}`}>
          <span aria-hidden="true">{kind === 'done' ? '✓' : '!'}</span>
          <p>{text}</p>
          <button type="button" class="quiet" aria-label={words.value.dismiss} onClick={() => dismiss(id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  )
}
