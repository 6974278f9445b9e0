import type { DoctorReport } from '../http/endpoints/doctor.ts'

/**
 * What the doctor says of this process, for the API to tell. What it takes is read when somebody asks: most never do.
 * @param connectionString the database that the process works with, wherever it has that from
 * @param environment what the doctor reads its variables from
 */
export async function ownReport(
  connectionString: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<DoctorReport> {
  const { diagnose } = await import('../doctor/diagnose.ts')
  const { status, checked_at, checks } = await diagnose({ ...environment, DATABASE_URL: connectionString })
  return { status, checked_at: new Date(checked_at), checks: [...checks] }
}
