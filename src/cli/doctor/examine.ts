import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { checksWith } from '../../doctor/checks.ts'
import { diagnose } from '../../doctor/diagnose.ts'
import { exitCodes, type Report } from '../../doctor/report.ts'
import { TaskFiles } from '../../tasks/files/task-files.ts'
import { readOptions, UsageError } from '../command.ts'
import { untilSignal } from '../lifetime.ts'
import { print } from '../print.ts'
import { linesOf } from './lines.ts'

const optionsSchema = z.object({
  only: z.array(z.string()).optional(),
  watch: z.boolean().default(false),
  every: z.coerce.number().min(1).max(86_400).default(5),
  json: z.boolean().default(false),
})

/** Runs the checks, once or again and again. */
export async function examine(environment: NodeJS.ProcessEnv, values: unknown): Promise<number> {
  const { only, watch, every, json } = readOptions(optionsSchema, values)
  const checks = only === undefined ? [] : checksWith((await new TaskFiles(environment.PGBEAT_TASKS).read()).tasks)
  const unknown = only?.filter((wanted) => !checks.some(({ name }) => name === wanted)) ?? []
  if (unknown.length > 0) {
    const known = checks.map(({ name }) => name).join(', ')
    throw new UsageError(`--only: there is no check ${unknown.join(', ')}; there are ${known}`)
  }
  const look = () => diagnose(environment, only)
  if (!watch) {
    const report = await look()
    await print(json ? [`${JSON.stringify(report)}\n`] : linesOf(report))
    return exitCodes[report.status]
  }
  return keepLooking(look, json, every * 1_000)
}

/** Until a signal comes, or whoever reads it goes; answers the exit code of the last report. */
async function keepLooking(look: () => Promise<Report>, json: boolean, everyMs: number): Promise<number> {
  const { promise: stopped, resolve: stop } = Promise.withResolvers<undefined>()
  void untilSignal().then(() => stop(undefined))
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    stop(undefined)
  })
  for (let last = 0; ; ) {
    const report = await Promise.race([look(), stopped])
    if (report === undefined) return last
    last = exitCodes[report.status]
    process.stdout.write(json ? `${JSON.stringify(report)}\n` : watched(report))
    const isOver = await Promise.race([delay(everyMs, false), stopped.then(() => true)])
    if (isOver) return last
  }
}

const clearScreen = '\u001b[H\u001b[2J\u001b[3J'

function watched(report: Report): string {
  const text = `${report.checked_at}\n${[...linesOf(report)].join('')}`
  return process.stdout.isTTY ? `${clearScreen}${text}` : `${text}\n`
}
