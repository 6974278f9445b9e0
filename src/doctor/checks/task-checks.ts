import { hasEnabledSchedule } from '../../store/schedules.ts'
import type { Task } from '../../task.ts'
import type { Check, Patient } from '../check.ts'

/** What tasks look at for themselves, under the names that they give. */
export function taskChecks(tasks: readonly Task[]): Check[] {
  return tasks.flatMap(({ name: task, checks = [] }) =>
    checks.map(({ name, look }) => ({
      name,
      needs: 'nothing' as const,
      look: (patient) => look(patient.environment, () => isNeeded(patient, task)),
    })),
  )
}

/** Whether a schedule fires the task; as long as nobody can tell, it may. */
function isNeeded({ db }: Patient, task: string): Promise<boolean> {
  return hasEnabledSchedule(db, task).catch(() => true)
}
