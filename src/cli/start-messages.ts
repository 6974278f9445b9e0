import type { Events } from '../events.ts'
import type { Demo } from '../tasks/listed-info/index.ts'

export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

export function tellWhereEverythingIs(places: { apiUrl: string; connectionString: string; demo: Demo | null }): void {
  const { apiUrl, connectionString, demo } = places
  say(`
pgbeat is up. Ctrl-C stops it; what it has stays.

  Dashboard  ${apiUrl}/
  API        ${apiUrl}/api/v1/schedules  (to read and try: ${apiUrl}/docs)
  Database   ${connectionString}
  Try        psql '${connectionString}' -c "insert into pgbeat.schedules (name, task_name, cron_expression) values ('tick-tock', 'echo', '* * * * * *')"
             psql '${connectionString}' -c "select schedule_name, scheduled_for, status, result from pgbeat.runs order by id desc limit 5"`)
  if (demo !== null) say(`  Demo       ${apiUrl}/api/v1/schedules/${demo.schedule.name}/history  (${demo.note})`)
  say('')
}

const longestResult = 300

/** Tells of each schedule's first run, and of every one that fails. */
export function tellFirstOutcomes(events: Events): void {
  const known = new Set<string>()
  events.on('run:started', ({ scheduleId, scheduleName, taskName }) => {
    if (!known.has(scheduleId)) say(`${clock()}  ${scheduleName}: ${taskName} started …`)
  })
  events.on('run:finished', ({ scheduleId, scheduleName, status, durationMs, result, error }) => {
    if (known.has(scheduleId) && status === 'succeeded') return
    known.add(scheduleId)
    const outcome = JSON.stringify(status === 'succeeded' ? result : error)
    say(`${clock()}  ${scheduleName}: ${status} after ${(durationMs / 1000).toFixed(1)} s  ${shortened(outcome)}`)
  })
}

function clock(): string {
  return new Date().toTimeString().slice(0, 8)
}

function shortened(text = ''): string {
  return text.length > longestResult ? `${text.slice(0, longestResult)}…` : text
}
