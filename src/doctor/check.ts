import type { Config, Variable } from '../config/variables.ts'
import type { Finding } from '../finding.ts'
import type { Db } from '../store/tables.ts'
import type { ReadTasks } from '../tasks/files/task-files.ts'

/** What checks look at. */
export interface Patient {
  readonly environment: NodeJS.ProcessEnv
  /** Variables that are wrong count as left out. */
  readonly config: Config
  /** The effective DATABASE_URL; empty when there is none. */
  readonly connectionString: string
  /** The tasks that there are in this environment, and what is wrong with files of PGBEAT_TASKS; read when first asked for. */
  readTasks(): Promise<ReadTasks>
  /** A pool of a few connections that wait for nothing for long. */
  readonly db: Db
}

/** One thing that is looked at; a file each in checks/. */
export interface Check {
  /** Stable, kebab-case: `time-zones`. */
  readonly name: string
  /** What must have been found well before this can be looked at: it is skipped otherwise. */
  readonly needs: 'nothing' | 'postgres' | 'schema' | 'redis'
  /** The variables without which there is nothing to look at: it is skipped when one of them is wrong. */
  readonly uses?: readonly Variable[]
  /** @throws never for what it is there to find out; what it throws all the same is told as a failure of the check */
  look(patient: Patient): Promise<Finding>
}
