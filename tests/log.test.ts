import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { testDatabase } from './support/database.ts'

const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
const log = new URL('../src/log.ts', import.meta.url).href

/** A process that has begun to log. */
async function logging(t: Test, args: string[], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, args, { env: { PATH: process.env.PATH, ...environment } })
  t.teardown(() => child.kill('SIGKILL'))
  child.stderr.pipe(process.stderr)
  await once(child.stdout, 'data')
  return child
}

/** The arguments of a program that logs `lines` lines at SIGTERM and exits in the same turn. */
function lastWords(format: 'json' | 'pretty', lines: number): string[] {
  const script = `
    const { createLogger } = await import('${log}')
    const log = createLogger({ PGBEAT_LOG_FORMAT: '${format}' })
    process.on('SIGTERM', () => {
      for (let line = 1; line <= ${lines}; line += 1) log.info({ line }, 'stopping')
      process.exit()
    })
    setInterval(() => {}, 1_000)
    log.info('ready')`
  return ['--input-type=module', '--eval', script]
}

for (const format of ['json', 'pretty'] as const) {
  t.test(`a process ends though nobody reads its last words (${format})`, { timeout: 20_000 }, async (t) => {
    const child = await logging(t, lastWords(format, 3))
    child.stdout.destroy()
    await once(child.stdout, 'close')
    child.kill('SIGTERM')
    t.same(await once(child, 'exit'), [0, null])
  })
}

t.test('whoever reads them gets all of them, in order', async (t) => {
  const child = await logging(t, lastWords('json', 10_000))
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  child.kill('SIGTERM')
  await once(child, 'close')
  const lines = text.trimEnd().split('\n')
  t.same(
    lines.map((line) => JSON.parse(line).line),
    Array.from({ length: 10_000 }, (_, index) => index + 1),
  )
})

t.test('a log that nobody reads any more is no reason to stop', { timeout: 60_000 }, async (t) => {
  const { connectionString, pool } = await testDatabase(t)
  const tick = await logging(t, [main, 'tick'], { DATABASE_URL: connectionString, PGBEAT_LOG_LEVEL: 'debug' })
  tick.stdout.destroy()
  await pool.query(
    `insert into pgbeat.schedules (name, task_name, cron_expression) values ('second', 'echo', '* * * * * *')`,
  )
  while (((await pool.query('select from pgbeat.runs')).rowCount ?? 0) < 3) {}
  tick.kill('SIGTERM')
  t.same(await once(tick, 'exit'), [0, null])
})
