import { type Logger, pino } from 'pino'
import { openInProcess } from '../../http/open-in-process.ts'
import { requireMigrated } from '../../store/migrate.ts'
import { ownReport } from '../own-report.ts'

/** The API in this process. @throws MigrationError when the database isn't migrated */
export async function openHere(connectionString: string, { actor, timezone }: { actor: string; timezone: string }) {
  await requireMigrated(connectionString)
  const diagnose = () => ownReport(connectionString)
  return openInProcess({ connectionString, actor, timezone, log: toStandardError(), diagnose })
}

/** What goes wrong on the way and is tried again, in a line for a person. */
function toStandardError(): Logger {
  return pino(
    { level: 'warn', base: null, timestamp: false },
    {
      write(line: string) {
        const { msg, err } = JSON.parse(line) as { msg: string; err?: { message: string } }
        process.stderr.write(`pgbeat: ${msg}${err === undefined ? '' : `: ${err.message}`}; trying again\n`)
      },
    },
  )
}
