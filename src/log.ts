import { type DestinationStream, type Logger, pino } from 'pino'
import pretty from 'pino-pretty'
import type { Config } from './config/variables.ts'
import type { Events } from './events.ts'

export function createLogger({ PGBEAT_LOG_LEVEL: level = 'info', PGBEAT_LOG_FORMAT: format }: Config): Logger {
  const base = { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }
  if (format === 'json') return pino(base, standardOutput())
  return pino(base, pretty({ ignore: 'pid', translateTime: 'SYS:HH:MM:ss.l', singleLine: true, sync: true }))
}

/**
 * Standard output, written to off this thread. Who reads it may go at any time: what is logged is then lost, and the
 * process goes on and ends as ever. pino's own destination tries for ever, as the process exits, to write what it holds
 * back to a pipe that nobody reads. So it is given what is logged a piece at a time, and holds nothing back.
 */
function standardOutput(): DestinationStream {
  const output = pino.destination({ dest: 1, sync: false })
  let waiting = ''
  let isWriting = false
  let isGone = false
  const writeWaiting = () => {
    isWriting = waiting !== ''
    if (!isWriting) return
    const lines = waiting
    waiting = ''
    output.write(lines)
  }
  output.on('drain', writeWaiting)
  output.on('error', (error: NodeJS.ErrnoException) => {
    isGone = true
    waiting = ''
    output.destroy()
    if (error.code !== 'EPIPE') throw error
  })
  process.on('exit', () => {
    // This one gives up where there is nobody.
    if (waiting !== '') pino.destination({ dest: 1, sync: true }).write(waiting)
  })
  return {
    write(line) {
      if (isGone) return
      waiting += line
      if (!isWriting) writeWaiting()
    },
  }
}

/** Logs what happens. What happens for every fire and every run is only told at level debug, failures at warn. */
export function logEvents(events: Events, log: Logger): void {
  events.on('leader:elected', (event) => log.info(event, 'this tick leads'))
  events.on('leader:left', (event) => log.info(event, 'this tick leads no more'))
  events.on('leader:fenced', (event) => log.warn(event, 'ended the session of a leader without a sign of life'))
  events.on('tick:planned', ({ planned, refused }) => {
    if (planned > 0) log.debug({ planned }, 'planned')
    for (const { id, name, error } of refused) log.warn({ schedule_id: id, schedule: name, error }, 'schedule refused')
  })
  events.on('tick:fired', ({ fireDelaysMs, ...event }) => log.debug(event, 'fired'))
  events.on('tick:promoted', (event) => log.debug(event, 'queued waiting runs'))
  events.on('backfill:finished', ({ status, error, ...event }) => {
    if (error === null) log.info(event, `backfill ${status}`)
    else log.warn({ ...event, error }, `backfill ${status}`)
  })
  events.on('history:day-dropped', (event) => log.info(event, 'dropped a day of runs'))
  events.on('history:deleted', (event) => log.info(event, 'deleted old runs and backfills'))
  events.on('workers:recovered', (event) => log.warn(event, 'took over from dead workers'))
  events.on('mirror:connected', (event) => log.info(event, 'mirror connected'))
  events.on('mirror:failed', ({ error, ...event }) =>
    log.warn({ ...event, err: error }, 'mirror failed, will try again: scheduling goes on without it'),
  )
  events.on('mirror:sent', (event) => log.info(event, 'mirrored'))
  events.on('mirror:restored', (event) => log.warn(event, 'Redis had lost events, its stream has them again'))
  events.on('mirror:epoch-began', (event) =>
    log.warn(event, "the stream has another database's entries, or later ones than this database knows"),
  )
  events.on('mirror:heard', (event) => log.info(event, 'messages of others, looking at the schedules'))
  events.on('worker:started', (event) => log.info(event, 'worker started'))
  events.on('worker:draining', (event) => log.info(event, 'worker draining: it takes no new runs'))
  events.on('worker:resumed', (event) => log.info(event, 'worker takes runs again'))
  events.on('run:started', (event) => log.debug(event, 'run started'))
  events.on('run:finished', ({ result, ...event }) => {
    if (event.status === 'succeeded') log.debug(event, 'run succeeded')
    else log.warn(event, `run ${event.status}`)
  })
  events.on('run:outcome-refused', (event) =>
    log.warn(event, 'outcome refused: the attempt had been given up for lost'),
  )
  events.on('component:failed', ({ error, ...event }) => log.error({ ...event, err: error }, 'failed, will try again'))
}
