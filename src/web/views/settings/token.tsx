import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { say } from '../../shell/announcer.tsx'
import { words } from './words.ts'

/** The key that was just made: outside of the page, which is another one for somebody who is no admin. */
export const issued = signal<{ readonly name: string; readonly token: string } | undefined>(undefined)

/** A token, as long as nobody has said that they have it. */
export function IssuedToken() {
  const w = words.value
  const field = useRef<HTMLInputElement>(null)
  const key = issued.value
  useEffect(() => {
    field.current?.focus()
    field.current?.select()
  }, [key])
  if (key === undefined) return null
  const copy = async () => {
    const isCopied = await copyText(key.token, field.current)
    say(isCopied ? w.copied : w.notCopied, isCopied ? 'done' : 'failure')
  }
  return (
    <section class="card stack issued" aria-label={w.token(key.name)}>
      <label>
        {w.token(key.name)}
        <input ref={field} class="mono" readOnly value={key.token} />
      </label>
      <p role="status">
        <span aria-hidden="true">⚠</span> {w.tokenOnce}
      </p>
      <div class="row">
        <button type="button" class="primary" onClick={copy}>
          {w.copy}
        </button>
        <button type="button" onClick={() => (issued.value = undefined)}>
          {w.gotIt}
        </button>
      </div>
    </section>
  )
}

/** Over plain HTTP a page has no clipboard; what is selected can be copied all the same. */
async function copyText(text: string, field: HTMLInputElement | null): Promise<boolean> {
  try {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text)
      return true
    }
  } catch {
    // Refused: the older way may be allowed.
  }
  field?.select()
  return document.execCommand('copy')
}
