import { execFile, spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { testSystem } from '../support/system.ts'
import { pgbeat, runPgbeat } from './pgbeat.ts'

t.setTimeout(120_000)

const script = runPgbeat(['completion', 'bash']).then(({ stdout }) => stdout)

/** What bash offers for the last of some words, with the script that there is. */
async function offered(words: string[], environment: Record<string, string> = {}): Promise<string[]> {
  const program = `
    pgbeat() { '${pgbeat}' "$@"; }
    eval "$SCRIPT"
    COMP_WORDS=(pgbeat "$@"); COMP_CWORD=$#
    _pgbeat
    printf '%s\\n' "\${COMPREPLY[@]}"`
  const env = { PATH: process.env.PATH, SCRIPT: await script, ...environment }
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', program, 'bash', ...words], { env })
  return stdout.split('\n').filter((line) => line !== '')
}

t.test('bash completes commands, flags and the values that there are', async (t) => {
  t.same(await offered(['sched']), ['schedules'])
  t.same(await offered(['schedules', '']), [
    'list',
    'show',
    'create',
    'edit',
    'pause',
    'resume',
    'trigger',
    'delete',
    '--help',
  ])
  t.same(await offered(['runs', 't']), ['tail'])
  t.same(await offered(['doctor', 'e']), ['env', 'e2e'])
  t.same(await offered(['doctor', '--o']), ['--only'])
  t.same(await offered(['doctor', 'alive', '--kind', 'w']), ['worker'])
  t.same(await offered(['schedules', 'create', '--cr']), ['--cron-expression', '--cron'])
  t.same(await offered(['schedules', 'create', '--no-']), ['--no-enabled'])
  t.same(await offered(['schedules', 'create', 'x', '--overlap-policy', '']), ['skip', 'queue', 'allow', 'replace'])
  t.same(await offered(['schedules', 'create', 'x', '--overlap-policy', 'al']), ['allow'])
  t.same(await offered(['schedules', 'create', '--timezone', '']), [])
  t.same(await offered(['nothing', 'here', '']), [])
})

t.test('names of schedules and tasks are asked for as they are needed', async (t) => {
  const { connectionString, pool, startWorker } = await testSystem(t)
  await startWorker()
  await pool.query(`insert into pgbeat.schedules (name, task_name, every) values
    ('nightly report', 'echo', '1 hour'), ('noon', 'echo', '1 hour'), ('other', 'echo', '1 hour')`)
  const environment = { DATABASE_URL: connectionString }
  t.same(await offered(['schedules', 'pause', 'n'], environment), ['nightly\\ report', 'noon'])
  t.same(await offered(['schedules', 'pause', 'noon', 'oth'], environment), ['other'])
  t.same(await offered(['schedules', 'create', '--task', 'ec'], environment), ['echo'])
  t.same(await offered(['runs', 'list', '--schedule', 'noo'], environment), ['noon'])
  t.same(await offered(['schedules', 'pause', 'n']), [], 'without a database nothing is offered, and nothing told')
})

const withoutZsh = spawnSync('zsh', ['--version']).status === 0 ? false : 'zsh is not installed'

t.test('zsh finds the program to ask for names', { skip: withoutZsh }, async (t) => {
  const { connectionString, pool } = await testSystem(t)
  await pool.query(`insert into pgbeat.schedules (name, task_name, every) values ('noon', 'echo', '1 hour')`)
  const program = `
    eval "$SCRIPT"
    setopt ksharrays
    COMP_WORDS=(pgbeat schedules pause n); COMP_CWORD=3
    _pgbeat
    print -rl -- "\${COMPREPLY[@]}"`
  const { stdout: SCRIPT } = await runPgbeat(['completion', 'zsh'])
  const env = { PATH: `${dirname(pgbeat)}:${process.env.PATH}`, SCRIPT, DATABASE_URL: connectionString }
  const { stdout } = await promisify(execFile)('zsh', ['-f', '-c', program], { env })
  t.equal(stdout, 'noon\n')
})

t.test('the scripts are read by their shells', async (t) => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout } = await runPgbeat(['completion', shell])
    t.equal(code, 0)
    const file = `${t.testdir({ [shell]: stdout })}/${shell}`
    const { error, status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' })
    if (error !== undefined) t.pass(`${shell} is not here`)
    else t.same({ status, stderr }, { status: 0, stderr: '' })
  }
})
