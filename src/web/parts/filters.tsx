import { type ComponentChildren, toChildArray } from 'preact'
import { useState } from 'preact/hooks'
import { api } from '../data/api.ts'
import type { Narrowing } from '../data/filter.ts'
import { useQuery } from '../data/query.ts'
import { words } from './words.ts'

interface FiltersProps {
  readonly narrowing: Pick<Narrowing<Record<never, string>>, 'isNarrowed' | 'clear'>
  readonly children: ComponentChildren
}

/** So many are behind a button where there is no room; what is searched for never is. */
const fewest = 3

/** What a list can be narrowed down by, and the way back to all of it. */
export function Filters({ narrowing: { isNarrowed, clear }, children }: FiltersProps) {
  const [isOpen, setIsOpen] = useState(false)
  const mayClose = toChildArray(children).length >= fewest
  return (
    <search class={`row filters ${mayClose && !isOpen ? 'filters-closed' : ''}`}>
      {mayClose && (
        <button type="button" class="filters-toggle" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          {words.value.filters}
        </button>
      )}
      {children}
      {isNarrowed && (
        <button type="button" onClick={clear}>
          {words.value.clearFilter}
        </button>
      )}
    </search>
  )
}

interface ChoiceFilterProps<Choice extends string> {
  readonly label: string
  /** What it says when any will do. */
  readonly any: string
  readonly choices: readonly Choice[]
  /** A choice for people; left out, as it is. */
  readonly nameOf?: (choice: Choice) => string
  readonly value: Choice | ''
  readonly onChange: (value: Choice | '') => void
}

/** One of some choices, or any. */
export function ChoiceFilter<Choice extends string>(props: ChoiceFilterProps<Choice>) {
  const { label, any, choices, nameOf = String, value, onChange } = props
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value as Choice | '')}>
        <option value="">{any}</option>
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {nameOf(choice)}
          </option>
        ))}
      </select>
    </label>
  )
}

type TaskFilterProps = Pick<ChoiceFilterProps<string>, 'value' | 'onChange'>

/** One of the tasks that workers have published. */
export function TaskFilter({ value, onChange }: TaskFilterProps) {
  const w = words.value
  const tasks = useQuery('tasks', (signal) => api.call('GET /tasks', { signal })).data?.data ?? []
  // What the address asks for is shown, whether or not there is such a task.
  const names = new Set([...tasks.map(({ name }) => name), ...(value === '' ? [] : [value])])
  return <ChoiceFilter label={w.task} any={w.anyTask} choices={[...names]} value={value} onChange={onChange} />
}
