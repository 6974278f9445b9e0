import t from 'tap'
import { runPgbeat } from './pgbeat.ts'

t.test('when an expression fires: in words, local, in UTC, and what a clock change does', async (t) => {
  const options = ['--timezone', 'America/New_York', '--count', '2', '--after', '2031-03-08T12:00:00Z']
  const { code, stdout } = await runPgbeat(['preview', '30 2 * * *', ...options])
  t.equal(code, 0)
  t.equal(
    stdout,
    `at 02:30, every day (America/New_York)

local                      UTC                   clock change
2031-03-09T03:00:00-04:00  2031-03-09T07:00:00Z  moved
2031-03-10T02:30:00-04:00  2031-03-10T06:30:00Z
`,
  )
})

t.test('by itself ten times from now on, in UTC', async (t) => {
  const { stdout } = await runPgbeat(['preview', '@hourly'])
  const lines = stdout.trimEnd().split('\n')
  t.equal(lines[0], 'every hour (UTC)')
  t.equal(lines.length, 13)
})

t.test('an expression that there are no words for is shown as it is', async (t) => {
  t.match((await runPgbeat(['preview', '0 0 1,15W * *'])).stdout, /^0 0 1,15W \* \* \(UTC\)\n/)
})

t.test('says in a line what is wrong', async (t) => {
  const mistakes: [string[], RegExp][] = [
    [['30', '9', '*', '*', '*'], /9 is too many: it takes <expression>, in quotes/],
    [['99 * * * *'], /99/],
    [['0 0 31 2 *'], /it never fires again/],
    [['* * * * *', '--timezone', 'Mars/Phobos'], /no time zone is called 'Mars\/Phobos'/],
    [['* * * * *', '--after', 'tomorrow'], /--after: must be an ISO 8601 date and time/],
    [['* * * * *', '--colour'], /there is no flag --colour/],
  ]
  const told = await Promise.all(mistakes.map(([args]) => runPgbeat(['preview', ...args])))
  for (const [index, { code, stdout, stderr }] of told.entries()) {
    t.same({ code, stdout }, { code: 2, stdout: '' })
    t.match(stderr, new RegExp(`^pgbeat: [^\\n]*${mistakes[index]?.[1].source}[^\\n]*\\n$`))
  }
})
