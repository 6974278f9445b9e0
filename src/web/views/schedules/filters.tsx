import { api } from '../../data/api.ts'
import { useQuery } from '../../data/query.ts'
import { TextFilter } from '../../parts/text-filter.tsx'
import { type Filter, isEmpty } from './filter.ts'
import { words } from './words.ts'

interface FiltersProps {
  readonly filter: Filter
  readonly onChange: (filter: Filter) => void
}

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
