import type { ComponentChildren } from 'preact'
import { api } from '../../data/api.ts'
import { useQuery } from '../../data/query.ts'
import { Field, TextField } from '../../parts/field.tsx'
import type { Draft } from './draft.ts'
import { Payload } from './payload.tsx'
import { Policies } from './policies.tsx'
import { When } from './when.tsx'
import { words } from './words.ts'

export interface PartProps {
  readonly draft: Draft
  readonly set: (part: Partial<Draft>) => void
  /** What the API says is wrong, by field. */
  readonly errors: ReadonlyMap<string, string>
}

interface FormProps extends PartProps {
  readonly isSaving: boolean
  readonly onSave: () => void
  /** Above the buttons. */
  readonly children?: ComponentChildren
}

/** All that a schedule is made of. */
export function Form({ draft, set, errors, isSaving, onSave, children }: FormProps) {
  const w = words.value
  const tasks = useQuery('tasks', (signal) => api.call('GET /tasks', { signal })).data?.data ?? []
  const task = tasks.find(({ name }) => name === draft.task_name)
  // Its own is there before the catalogue is: without it the form would refuse to be saved.
  const names = new Set([...tasks.map(({ name }) => name), ...(draft.task_name === '' ? [] : [draft.task_name])])
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault()
        if (!isSaving) onSave()
      }}
    >
      <fieldset class="card stack">
        <legend>{w.basics}</legend>
        <TextField
          label={w.name}
          hint={w.nameHint}
          error={errors.get('name')}
          value={draft.name}
          onChange={(name) => set({ name })}
        />
        <Field
          label={w.task}
          hint={task?.description ?? undefined}
          error={errors.get('task_name') ?? (task?.live_workers === 0 ? w.noWorker : undefined)}
        >
          {(control) => (
            <select
              {...control}
              required
              value={draft.task_name}
              onChange={(event) => set({ task_name: event.currentTarget.value })}
            >
              <option value="">{w.chooseTask}</option>
              {[...names].map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <TextField
          label={w.description}
          error={errors.get('description')}
          value={draft.description}
          onChange={(description) => set({ description })}
        />
        <div class="grid">
          <TextField
            label={w.category}
            error={errors.get('category')}
            value={draft.category}
            onChange={(category) => set({ category })}
          />
          <TextField label={w.tags} error={errors.get('tags')} value={draft.tags} onChange={(tags) => set({ tags })} />
        </div>
        <label class="choice">
          <input
            type="checkbox"
            checked={draft.enabled}
            onChange={(event) => set({ enabled: event.currentTarget.checked })}
          />
          {w.enabled}
        </label>
      </fieldset>
      <When draft={draft} set={set} errors={errors} />
      <Payload
        value={draft.payload}
        schema={task?.payload_schema}
        errors={errors}
        onChange={(payload) => set({ payload })}
      />
      <Policies draft={draft} set={set} errors={errors} />
      {children}
      <div class="actions">
        <button type="button" onClick={() => history.back()}>
          {w.back}
        </button>
        <button type="submit" class="primary" aria-disabled={isSaving}>
          {w.save}
        </button>
      </div>
    </form>
  )
}
