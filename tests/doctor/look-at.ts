import type { Check } from '../../src/doctor/check.ts'
import { openPatient } from '../../src/doctor/patient.ts'
import type { Finding } from '../../src/finding.ts'

/** What a check finds in an environment, as `bin/doctor` would look at it. */
export async function lookAt(check: Check, environment: Readonly<Record<string, string>>): Promise<Finding> {
  const patient = openPatient(environment)
  try {
    return await check.look(patient)
  } finally {
    await patient.end()
  }
}
