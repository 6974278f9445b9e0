import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

interface FieldProps {
  readonly label: string
  readonly hint?: string | undefined
  readonly error?: string | undefined
  readonly children: (control: { readonly id: string; readonly 'aria-describedby': string }) => ComponentChildren
}

/** A control with its label, what there is to know about it, and what is wrong with it. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId()
  const describedBy = `${id}-about`
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, 'aria-describedby': describedBy })}
      <div id={describedBy}>
        {hint !== undefined && <span class="hint">{hint}</span>}
        {error !== undefined && (
          <span class="field-error" role="alert">
            {error}
          </span>
        )}
      </div>
    </div>
  )
}

interface TextFieldProps extends Omit<FieldProps, 'children'> {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly isRequired?: boolean
  readonly isMono?: boolean
  readonly suggestions?: readonly string[]
}

export function TextField({
  value,
  onChange,
  isRequired = false,
  isMono = false,
  suggestions,
  ...field
}: TextFieldProps) {
  const listId = useId()
  return (
    <Field {...field}>
      {(control) => (
        <>
          <input
            {...control}
            class={isMono ? 'mono' : undefined}
            required={isRequired}
            value={value}
            spellcheck={false}
            autoComplete="off"
            list={suggestions && listId}
            onInput={(event) => onChange(event.currentTarget.value)}
          />
          {suggestions && (
            <datalist id={listId}>
              {suggestions.map((suggestion) => (
                <option key={suggestion} value={suggestion} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Field>
  )
}
