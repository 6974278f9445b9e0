import type { Narrowing } from '../../data/filter.ts'
import { ChoiceFilter, Filters, TaskFilter } from '../../parts/filters.tsx'
import { TextFilter } from '../../parts/text-filter.tsx'
import { type Filter, states } from './filter.ts'
import { words } from './words.ts'

export function ScheduleFilters({ narrowing }: { narrowing: Narrowing<Filter> }) {
  const w = words.value
  const { filter, set } = narrowing
  return (
    <Filters narrowing={narrowing}>
      <TextFilter label={w.search} isSearch value={filter.search} onChange={(search) => set({ search })} />
      <ChoiceFilter
        label={w.state}
        any={w.anyState}
        choices={states}
        nameOf={(state) => w[state]}
        value={filter.state}
        onChange={(state) => set({ state })}
      />
      <TaskFilter value={filter.task} onChange={(task) => set({ task })} />
      <TextFilter label={w.category} value={filter.category} onChange={(category) => set({ category })} />
      <TextFilter label={w.tags} value={filter.tags} onChange={(tags) => set({ tags })} />
    </Filters>
  )
}
