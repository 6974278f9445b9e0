import { TextField } from '../../parts/field.tsx'
import { words as partWords } from '../../parts/words.ts'
import type { Draft } from './draft.ts'
import type { PartProps } from './form.tsx'
import { words } from './words.ts'

/** What to do when things don't go as planned, explained where it is chosen. */
export function Policies({ draft, set, errors }: PartProps) {
  const w = words.value
  const text = (name: keyof Draft & keyof typeof labels, hint?: string) => (
    <TextField
      label={labels[name]}
      hint={hint}
      error={errors.get(name)}
      value={draft[name] as string}
      onChange={(value) => set({ [name]: value })}
    />
  )
  const labels = {
    catch_up_window: w.catchUpWindow,
    max_attempts: w.maxAttempts,
    retry_delay: w.retryDelay,
    timeout: w.timeout,
    jitter: w.jitter,
    priority: w.priority,
    queue_name: w.queueName,
    max_runs: w.maxRuns,
  }
  return (
    <fieldset class="card stack">
      <legend>{w.policies}</legend>
      <Choice
        title={w.overlap}
        name="overlap_policy"
        options={partWords.value.overlaps}
        value={draft.overlap_policy}
        onChange={(overlap_policy) => set({ overlap_policy })}
      />
      <Choice
        title={w.catchUp}
        name="catch_up"
        options={partWords.value.catchUps}
        value={draft.catch_up}
        onChange={(catch_up) => set({ catch_up })}
      />
      <div class="grid">
        {text('catch_up_window', w.durationHint)}
        {text('max_attempts')}
        {text('retry_delay', w.durationHint)}
        {text('timeout', w.durationHint)}
        {text('jitter', w.durationHint)}
        {text('priority')}
        {text('queue_name')}
        {text('max_runs')}
      </div>
    </fieldset>
  )
}

interface ChoiceProps<Value extends string> {
  readonly title: string
  readonly name: string
  readonly options: Readonly<Record<Value, string>>
  readonly value: Value
  readonly onChange: (value: Value) => void
}

function Choice<Value extends string>({ title, name, options, value, onChange }: ChoiceProps<Value>) {
  return (
    <div role="radiogroup" aria-label={title} class="stack-tight">
      <span class="hint">{title}</span>
      {(Object.entries(options) as [Value, string][]).map(([option, text]) => (
        <label key={option} class="choice">
          <input type="radio" name={name} checked={value === option} onChange={() => onChange(option)} />
          <span>
            <code>{option}</code>: {text}
          </span>
        </label>
      ))}
    </div>
  )
}
