import { useState } from 'preact/hooks'
import { Field } from '../../parts/field.tsx'
import { type Property, propertiesOf } from './json-schema.ts'
import { words } from './words.ts'

interface PayloadProps {
  /** JSON. */
  readonly value: string
  readonly schema: unknown
  /** What the API says is wrong, by the path of the property. */
  readonly errors: ReadonlyMap<string, string>
  readonly onChange: (value: string) => void
}

/** The payload as a form made from the task's schema, or as JSON. */
export function Payload({ value, schema, errors, onChange }: PayloadProps) {
  const w = words.value
  const [isRaw, setIsRaw] = useState(false)
  const properties = propertiesOf(schema)
  const parsed = parse(value)
  const isForm = properties !== null && !isRaw && isObject(parsed.value)
  return (
    <fieldset class="card stack">
      <legend>{w.payload}</legend>
      {properties !== null && (
        <div class="row" role="radiogroup" aria-label={w.payload}>
          {[false, true].map((raw) => (
            <label key={String(raw)} class="choice">
              <input type="radio" name="payload-as" checked={isRaw === raw} onChange={() => setIsRaw(raw)} />
              {raw ? w.asJson : w.asForm}
            </label>
          ))}
        </div>
      )}
      {isForm ? (
        properties.map((property) => (
          <PropertyField
            key={property.name}
            property={property}
            value={(parsed.value as Record<string, unknown>)[property.name]}
            error={errors.get(`payload.${property.name}`)}
            onChange={(changed) =>
              onChange(withProperty(parsed.value as Record<string, unknown>, property.name, changed))
            }
          />
        ))
      ) : (
        <Field
          label={w.payload}
          hint={properties === null ? w.noSchema : undefined}
          error={parsed.problem === undefined ? errors.get('payload') : w.notJson(parsed.problem)}
        >
          {(control) => (
            <textarea
              {...control}
              rows={10}
              spellcheck={false}
              value={value}
              onInput={(event) => onChange(event.currentTarget.value)}
            />
          )}
        </Field>
      )}
    </fieldset>
  )
}

interface PropertyFieldProps {
  readonly property: Property
  readonly value: unknown
  readonly error: string | undefined
  /** undefined leaves it out. */
  readonly onChange: (value: unknown) => void
}

function PropertyField({ property, value, error, onChange }: PropertyFieldProps) {
  const { name, description, isRequired, control: kind } = property
  const text = value === undefined || value === null ? '' : kind.kind === 'json' ? JSON.stringify(value) : String(value)
  const given = (typed: string, read: (typed: string) => unknown) => onChange(typed === '' ? undefined : read(typed))
  return (
    <Field label={isRequired ? `${name} *` : name} hint={description} error={error}>
      {(control) => {
        switch (kind.kind) {
          case 'choice':
          case 'flag': {
            const options = kind.kind === 'flag' ? [true, false] : kind.options
            return (
              <select
                {...control}
                value={value === undefined ? '' : JSON.stringify(value)}
                onChange={(event) => given(event.currentTarget.value, JSON.parse)}
              >
                <option value="">{leftOut(property)}</option>
                {options.map((option) => (
                  <option key={String(option)} value={JSON.stringify(option)}>
                    {String(option)}
                  </option>
                ))}
              </select>
            )
          }
          case 'number':
            return (
              <input
                {...control}
                type="number"
                step={kind.isInteger ? 1 : 'any'}
                placeholder={leftOut(property)}
                value={text}
                onInput={(event) => given(event.currentTarget.value, Number)}
              />
            )
          case 'texts':
            return (
              <input
                {...control}
                placeholder={leftOut(property)}
                value={Array.isArray(value) ? value.join(', ') : text}
                onChange={(event) => given(event.currentTarget.value, toTexts)}
              />
            )
          case 'text':
            return (
              <input
                {...control}
                placeholder={leftOut(property)}
                value={text}
                onInput={(event) => given(event.currentTarget.value, (typed) => typed)}
              />
            )
          case 'json':
            return (
              <textarea
                {...control}
                rows={3}
                value={text}
                onChange={(event) => given(event.currentTarget.value, (typed) => parse(typed).value)}
              />
            )
        }
      }}
    </Field>
  )
}

function leftOut({ default: value }: Property): string {
  return value === undefined ? words.value.leftOut : `${JSON.stringify(value)}`
}

function toTexts(typed: string): string[] {
  return typed
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
}

function withProperty(payload: Record<string, unknown>, name: string, value: unknown): string {
  const { [name]: _, ...others } = payload
  return JSON.stringify(value === undefined ? others : { ...others, [name]: value }, null, 2)
}

function parse(text: string): { value?: unknown; problem?: string } {
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    return { problem: (error as Error).message }
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
