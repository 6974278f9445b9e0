import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { testSystem } from '../support/system.ts'
import { onTerminal, pgbeat } from './pgbeat.ts'

t.setTimeout(120_000)

/** A schedule, and an editor that does what each of some shell commands says: `$1` is the file. */
async function editing(t: Test) {
  const { connectionString, pool } = await testSystem(t)
  await pool.query(`insert into pgbeat.schedules (name, task_name, cron_expression, priority, description)
    values ('nightly', 'echo', '30 2 * * *', 3, 'Reports')`)
  const folder = t.testdir({})
  const edit = async (...steps: string[]) => {
    const editor = join(folder, 'editor')
    const count = join(folder, 'count')
    const cases = steps.map((step, index) => `${index + 1}) ${step} ;;`)
    await writeFile(count, '')
    await writeFile(
      editor,
      `#!/bin/sh\necho >> '${count}'\ncat "$1" >> '${folder}/seen'\ncase $(wc -l < '${count}') in\n${cases.join('\n')}\n*) ;;\nesac\n`,
    )
    await chmod(editor, 0o755)
    await writeFile(join(folder, 'seen'), '')
    const told = await onTerminal(['schedules', 'edit', 'nightly'], { DATABASE_URL: connectionString, EDITOR: editor })
    return { ...told, seen: await readFile(join(folder, 'seen'), 'utf8') }
  }
  const row = async () => (await pool.query(`select * from pgbeat.schedules where name = 'nightly'`)).rows[0]
  const elsewhere = (args: string) =>
    `DATABASE_URL='${connectionString}' '${pgbeat}' schedules edit nightly ${args} >/dev/null 2>&1`
  return { edit, row, elsewhere }
}

t.test('what is saved is changed, what is taken out is unset', async (t) => {
  const { edit, row } = await editing(t)
  const { code, seen } = await edit(`sed -i 's/^cron_expression:.*/cron_expression: 0 3 * * */; /^description/d' "$1"`)
  t.equal(code, 0)
  t.match(
    seen,
    /^# nightly, revision 1\..*\nname: nightly\ntask_name: echo\npayload: {}\ncron_expression: 30 2 \* \* \*\n/,
  )
  t.match(await row(), { cron_expression: '0 3 * * *', description: null, priority: 3, revision: '2' })
  t.match(await edit(':'), { code: 0, shown: /Nothing is changed/ })
})

t.test('what cannot be saved is shown again, with the reason', async (t) => {
  const { edit, row } = await editing(t)
  const { code, seen } = await edit(
    `sed -i 's/^priority:.*/priority: high/' "$1"`,
    `sed -i 's/^priority:.*/priority: [/' "$1"`,
    `sed -i 's/^priority:.*/priority: 7/' "$1"`,
  )
  t.equal(code, 0)
  t.match(seen, /# ! priority: /)
  t.match(await row(), { priority: 7 })
  const givenUp = await edit(`sed -i 's/^priority:.*/priority: high/' "$1"`, ':')
  t.match(givenUp, { code: 1, shown: /not saved: / })
  t.match(await edit('exit 1'), { code: 1, shown: /nothing was changed/ })
})

t.test('what somebody else changes meanwhile stays, or is shown', async (t) => {
  const { edit, row, elsewhere } = await editing(t)
  const beside = await edit(`${elsewhere('--category theirs')}; sed -i 's/^priority:.*/priority: 5/' "$1"`)
  t.match(beside, { code: 0, shown: /has changed category meanwhile: that stays/ })
  t.match(await row(), { category: 'theirs', priority: 5 })

  const both = await edit(
    `${elsewhere('--priority 8')}; sed -i 's/^priority:.*/priority: 6/' "$1"`,
    `sed -i 's/^priority:.*/priority: 9/' "$1"`,
  )
  t.equal(both.code, 0)
  t.match(both.seen, /has changed this meanwhile; what you save replaces it\n# ! priority: 8\n/)
  t.match(await row(), { category: 'theirs', priority: 9 })
})
