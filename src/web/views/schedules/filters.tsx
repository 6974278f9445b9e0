import { useEffect, useState } from 'preact/hooks'
import { api } from '../../data/api.ts'
import { useQuery } from '../../data/query.ts'
import { type Filter, isEmpty } from './filter.ts'
import { words } from './words.ts'

interface FiltersProps {
  readonly filter: Filter
  readonly onChange: (filter: Filter) => void
}

/** Typing is waited for. */
const typingMs = 250

export function Filters({ filter, onChange }: FiltersProps) {
  const w = words.value
  const tasks = useQuery('tasks', (signal) => api.call('GET /tasks', { signal }))
  const set = (part: Partial<Filter>) => onChange({ ...filter, ...part })
  return (
    <search class="row filters">
      <TextFilter label={w.search} isSearch value={filter.search} onChange={(search) => set({ search })} />
      <label>
        {w.state}
        <select value={filter.state} onChange={(event) => set({ state: event.currentTarget.value as Filter['state'] })}>
          <option value="">{w.anyState}</option>
          <option value="enabled">{w.enabled}</option>
          <option value="paused">{w.paused}</option>
          <option value="invalid">{w.invalid}</option>
        </select>
      </label>
      <label>
        {w.task}
        <select value={filter.task} onChange={(event) => set({ task: event.currentTarget.value })}>
          <option value="">{w.anyTask}</option>
          {tasks.data?.data.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <TextFilter label={w.category} value={filter.category} onChange={(category) => set({ category })} />
      <TextFilter label={w.tags} value={filter.tags} onChange={(tags) => set({ tags })} />
      {!isEmpty(filter) && (
        <button type="button" onClick={() => onChange({ search: '', state: '', task: '', category: '', tags: '' })}>
          {w.clear}
        </button>
      )}
    </search>
  )
}

interface TextFilterProps {
  readonly label: string
  readonly value: string
  readonly isSearch?: boolean
  readonly onChange: (value: string) => void
}

function TextFilter({ label, value, isSearch = false, onChange }: TextFilterProps) {
  const [typed, setTyped] = useState(value)
  useEffect(() => setTyped(value), [value])
  useEffect(() => {
    if (typed === value) return
    const timer = setTimeout(() => onChange(typed), typingMs)
    return () => clearTimeout(timer)
  }, [typed, value, onChange])
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: it has one of the two
    <label>
      {label}
      {isSearch ? (
        <input type="search" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
      ) : (
        <input value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
      )}
    </label>
  )
}
