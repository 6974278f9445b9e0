import { Field, TextField } from '../../parts/field.tsx'
import { ownZone } from '../../parts/instant.tsx'
import { kinds } from './draft.ts'
import { Explanation } from './explanation.tsx'
import type { PartProps } from './form.tsx'
import { words } from './words.ts'

const zones = Intl.supportedValuesOf('timeZone')

/** When it runs. */
export function When({ draft, set, errors }: PartProps) {
  const w = words.value
  const instantField = (name: 'run_at' | 'starts_at' | 'ends_at', label: string) => (
    <Field label={label} hint={ownZone} error={errors.get(name)}>
      {(control) => (
        <input
          {...control}
          type="datetime-local"
          step={1}
          required={name === 'run_at'}
          value={draft[name]}
          onInput={(event) => set({ [name]: event.currentTarget.value })}
        />
      )}
    </Field>
  )
  return (
    <fieldset class="card stack">
      <legend>{w.when}</legend>
      <div class="row" role="radiogroup" aria-label={w.when}>
        {kinds.map((kind) => (
          <label key={kind} class="choice">
            <input type="radio" name="kind" checked={draft.kind === kind} onChange={() => set({ kind })} />
            {w.kinds[kind]}
          </label>
        ))}
      </div>
      {draft.kind === 'cron' && (
        <TextField
          label={w.cron}
          hint={w.cronHint}
          error={errors.get('cron_expression')}
          isRequired
          isMono
          value={draft.cron_expression}
          onChange={(cron_expression) => set({ cron_expression })}
        />
      )}
      {draft.kind === 'every' && (
        <TextField
          label={w.every}
          hint={w.everyHint}
          error={errors.get('every')}
          isRequired
          isMono
          value={draft.every}
          onChange={(every) => set({ every })}
        />
      )}
      {draft.kind === 'once' && instantField('run_at', w.runAt)}
      <TextField
        label={w.timezone}
        hint={w.timezoneHint}
        error={errors.get('timezone')}
        isRequired
        value={draft.timezone}
        suggestions={zones}
        onChange={(timezone) => set({ timezone })}
      />
      <Explanation draft={draft} />
      <div class="grid">
        {instantField('starts_at', w.starts)}
        {instantField('ends_at', w.ends)}
      </div>
    </fieldset>
  )
}
