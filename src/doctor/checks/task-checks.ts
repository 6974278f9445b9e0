import type { Task } from '../../task.ts'
import type { Check } from '../check.ts'

/** What tasks look at for themselves, under the names that they give. */
export function taskChecks(tasks: readonly Task[]): Check[] {
  return tasks.flatMap(({ checks = [] }) =>
    checks.map(({ name, look }) => ({ name, needs: 'nothing' as const, look: ({ environment }) => look(environment) })),
  )
}
