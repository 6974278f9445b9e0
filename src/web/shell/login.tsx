import { useEffect, useRef, useState } from 'preact/hooks'
import { api, changeSession } from '../data/api.ts'
import { words } from './words.ts'

/** Asks for a key, and changes it for a cookie. */
export function Login() {
  const w = words.value
  const [key, setKey] = useState('')
  const [error, setError] = useState<string>()
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  const submit = async (event: Event) => {
    event.preventDefault()
    try {
      await changeSession(() => api.call('POST /session', { body: { key } }))
    } catch (reason) {
      setError(reason instanceof Error ? reason.message : String(reason))
    }
  }
  return (
    <main class="login">
      <form onSubmit={submit}>
        <h1>pgbeat</h1>
        <p>{w.logInWhy}</p>
        <label>
          {w.key}
          <input
            ref={field}
            type="password"
            autoComplete="current-password"
            required
            value={key}
            aria-describedby={error === undefined ? undefined : 'login-error'}
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        {error !== undefined && (
          <p id="login-error" class="field-error" role="alert">
            {error}
          </p>
        )}
        <button type="submit" class="primary">
          {w.logIn}
        </button>
        <p class="hint">{w.logInHow}</p>
      </form>
    </main>
  )
}
