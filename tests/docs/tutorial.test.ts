import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import type { LiveEvent } from '../../src/client/client.ts'
import { follow, type NotDone } from './follow.ts'
import { blocksOf, text } from './page.ts'
import { Reader } from './reader.ts'

const notDone: NotDone[] = [
  { line: /^npm ci$/, why: 'what it installs is what this test runs with; tests/install.test.ts checks the lock file' },
  { line: /^export DATABASE_URL=/, why: 'the reader copies it from what npm start prints, and so does the test' },
  {
    line: /^docker compose /,
    why: 'there is no Docker here; tests/compose.sh does it, and below the names are checked',
  },
]

/** A run of a schedule that has got so far. */
const run =
  (type: string, schedule: string, more: object = {}) =>
  (event: LiveEvent): boolean =>
    event.type === `run.${type}` &&
    Object.entries({ schedule_name: schedule, ...more }).every(([name, value]) => Object(event.data)[name] === value)

t.setTimeout(180_000)

t.test('everything in the tutorial works, in its order', async (t) => {
  const reader = await Reader.create(t)
  await follow(t, reader, 'docs/tutorial.md', {
    notDone,
    waits: [
      { before: 'select status, result, reason', count: 2, until: run('succeeded', 'hello') },
      { before: 'from pgbeat.run_logs', until: run('succeeded', 'our page') },
      { before: 'from pgbeat.attempts', until: run('failed', 'our page', { origin: 'manual' }) },
      { before: 'select status, attempt', count: 2, until: run('failed', 'our page', { origin: 'manual' }) },
      { before: 'missed_count', until: run('missed', 'our page') },
      { before: '--origin backfill', until: run('succeeded', 'our page', { origin: 'backfill' }) },
    ],
  })
  const environment = await readFile(join(reader.folder, '.env'), 'utf8')
  t.match(environment, /^PGBEAT_TASKS=\/tasks$/m)
})

t.test('what the tutorial does with Docker Compose names services that there are', async (t) => {
  const { services } = parse(await text('docker-compose.yml'), { merge: true }) as { services: Record<string, object> }
  const blocks = await blocksOf('docs/tutorial.md')
  const override = parse(blocks.find(({ language }) => language === 'yaml')?.code ?? '') as { services: object }
  const commands = blocks.flatMap(({ code }) => [...code.matchAll(/^docker compose (?:exec|logs) (\w+)/gm)])
  const named = [...Object.keys(override.services), ...commands.map(([, service = '']) => service)]
  t.ok(named.length >= 4)
  for (const service of named) t.ok(service in services, service)
})
