import { useState } from 'preact/hooks'
import { ApiError } from '../../../client/client.ts'
import { act } from '../../data/act.ts'
import { api, changeSession, session } from '../../data/api.ts'
import { Field, TextField } from '../../parts/field.tsx'
import { ownZone } from '../../parts/instant.tsx'
import { issued } from './token.tsx'
import { words } from './words.ts'

const roles = ['viewer', 'operator', 'admin'] as const
type Role = (typeof roles)[number]

/** Makes a key. The first one closes the API, so the browser goes on with it. */
export function NewKey({ onSettled }: { onSettled: () => void }) {
  const w = words.value
  const isFirst = session.value?.is_open === true
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>(isFirst ? 'admin' : 'viewer')
  const [expires, setExpires] = useState('')
  const [errors, setErrors] = useState<ReadonlyMap<string, string>>(new Map())
  const create = async () => {
    const body = {
      role,
      ...(name !== '' && { name }),
      ...(expires !== '' && { expires_at: new Date(expires).toISOString() }),
    }
    const { data } = await api.call('POST /keys', { body })
    issued.value = data
    if (data.is_first) await api.call('POST /session', { body: { key: data.token } })
    return data
  }
  const submit = async (event: Event) => {
    event.preventDefault()
    setErrors(new Map())
    const created = await act({
      run: () =>
        (isFirst ? changeSession(create) : create()).catch((error) => {
          if (error instanceof ApiError) setErrors(new Map(error.errors.map(({ field, message }) => [field, message])))
          throw error
        }),
      done: (key) => w.created(key.name),
      failed: w.notCreated,
      settle: onSettled,
    })
    if (created === undefined) return
    setName('')
    setExpires('')
  }
  return (
    <form class="card grid new-key" aria-label={w.create} onSubmit={submit}>
      <TextField label={w.name} hint={w.nameHint} error={errors.get('name')} value={name} onChange={setName} />
      <Field label={w.role} error={errors.get('role') ?? (isFirst && role !== 'admin' ? w.firstNoAdmin : undefined)}>
        {(control) => (
          <select {...control} value={role} onChange={(event) => setRole(event.currentTarget.value as Role)}>
            {roles.map((choice) => (
              <option key={choice} value={choice}>
                {w.roles[choice]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={w.expires} hint={w.expiresHint(ownZone)} error={errors.get('expires_at')}>
        {(control) => (
          <input
            {...control}
            type="datetime-local"
            value={expires}
            onInput={(event) => setExpires(event.currentTarget.value)}
          />
        )}
      </Field>
      <div class="actions">
        <button type="submit" class="primary">
          {w.create}
        </button>
      </div>
    </form>
  )
}
