import t, { type Test } from 'tap'
import type { LiveEvent } from '../../src/client/client.ts'
import { follow, type NotDone } from './follow.ts'
import type { Block } from './page.ts'
import { Reader } from './reader.ts'

const notDone: NotDone[] = [
  { line: /^npm ci$/, why: 'what it installs is what this test runs with; tests/install.test.ts checks the lock file' },
  { line: /^npm test$/, why: 'this is it' },
]

t.setTimeout(180_000)

for (const page of ['README.md', 'README.ja.md']) {
  t.test(`everything in ${page} works`, async (t) => {
    const reader = await Reader.create(t)
    // What it shows first wants what it says later.
    await reader.start('npm start')
    await follow(t, reader, page, {
      notDone,
      others: {
        createScheduler: (block) => greeted(reader, block),
        'bin/tick ': (block) => served(t, reader, block),
      },
    })
    await reader.happened(1, changed('run.succeeded', 'hello'))
  })
}

/** Leaves the program running until a run of its schedule has succeeded. */
async function greeted(reader: Reader, block: Block): Promise<void> {
  const program = reader.launch(block)
  await program.during(reader.happened(1, changed('schedule.created', 'hourly')))
  await reader.do({ language: 'sql', code: `select pgbeat.trigger('hourly')` })
  await program.during(reader.happened(1, changed('run.succeeded', 'hourly')))
  // The doctor would say, and rightly so, that nobody is left who has its task.
  await reader.do({ language: 'sql', code: `select pgbeat.unschedule('hourly')` })
  await program.stop('SIGTERM')
}

/** What the processes of a cluster say when they are there. */
const ready: Readonly<Record<string, RegExp>> = {
  'bin/tick': /tick starting/,
  'bin/worker': /worker started/,
  'bin/api': /api starting/,
}

/** The commands of a block one after the other. Processes go on, beside those of `npm start`, which has the port. */
async function served(t: Test, reader: Reader, { code }: Block): Promise<void> {
  for (const line of code.split('\n')) {
    const command = line.replace(/ +# .*/, '').trim()
    // The address in the page is an example.
    if (command === '' || command.startsWith('export ')) continue
    const program = reader.launch({ language: 'sh', code: command }, { PGBEAT_PORT: '0' })
    const pattern = ready[command]
    if (pattern !== undefined) await program.printed(pattern)
    // The doctor warns with 1: the demo's key is not in its environment.
    else
      t.ok([0, command === 'bin/doctor' ? 1 : 0].includes((await program.exited) ?? 2), `${command}: ${program.output}`)
  }
}

function changed(event: string, schedule: string) {
  return ({ type, data }: LiveEvent): boolean => type === event && Object(data).schedule_name === schedule
}
