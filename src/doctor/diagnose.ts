import { checksWith } from './checks.ts'
import { openPatient } from './patient.ts'
import { type Report, reportOf } from './report.ts'
import { runChecks } from './run-checks.ts'

/**
 * Looks at everything, some seconds at most.
 * @param only the names of the checks that are reported; left out, all
 */
export async function diagnose(environment: NodeJS.ProcessEnv, only?: readonly string[]): Promise<Report> {
  const patient = openPatient(environment)
  try {
    const { tasks } = await patient.readTasks()
    return reportOf(await runChecks(checksWith(tasks), patient, only), new Date())
  } finally {
    await patient.end()
  }
}
