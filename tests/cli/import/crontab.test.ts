import t from 'tap'
import { nameOfCommand } from '../../../src/cli/import/command-name.ts'
import { readCrontab } from '../../../src/cli/import/crontab.ts'

const options = { task: 'shell', timezone: 'Asia/Tokyo', isSystem: false }

t.test('lines become schedules, with what variables and % mean', (t) => {
  const { schedules, left, defaults } = readCrontab(
    `# backups
SHELL=/bin/bash
30 2 * * 1-5 /usr/bin/python3 /opt/app/report.py --daily | logger
CRON_TZ = "Europe/Berlin"
0 0 */2 * 1  cd /opt/app && ./bin/rake db:clean
PATH='/a:/b'
\t@daily mail -s "100\\% done" ann%Dear Ann,%bye
-@MIDNIGHT report.py
`,
    options,
  )
  t.same(left, [])
  t.match(defaults, { task_name: 'shell', timezone: 'Asia/Tokyo', catch_up: 'none', max_attempts: 1 })
  const environment = { SHELL: '/bin/bash' }
  t.same(
    schedules.map(({ fields, from }) => ({ from, ...fields })),
    [
      {
        from: 'line 3',
        name: 'report',
        cron_expression: '30 2 * * 1-5',
        payload: { command: '/usr/bin/python3 /opt/app/report.py --daily | logger', environment },
      },
      {
        from: 'line 5',
        name: 'rake-db-clean',
        cron_expression: '0 0 */2 * +1',
        timezone: 'Europe/Berlin',
        payload: { command: 'cd /opt/app && ./bin/rake db:clean', environment },
      },
      {
        from: 'line 7',
        name: 'mail',
        cron_expression: '@daily',
        timezone: 'Europe/Berlin',
        payload: {
          command: 'mail -s "100% done" ann',
          stdin: 'Dear Ann,\nbye\n',
          environment: { ...environment, PATH: '/a:/b' },
        },
      },
      {
        from: 'line 8',
        name: 'report-2',
        cron_expression: '@daily',
        timezone: 'Europe/Berlin',
        payload: { command: 'report.py', environment: { ...environment, PATH: '/a:/b' } },
      },
    ],
  )
  t.end()
})

t.test('/etc/crontab has a user in each line', (t) => {
  const text = '17 *\t* * *\troot    cd / && run-parts --report /etc/cron.hourly\n@weekly bob\n'
  const { schedules, left } = readCrontab(text, { ...options, isSystem: true })
  t.match(schedules, [
    {
      fields: { name: 'run-parts-cron.hourly', payload: { user: 'root' } },
      notes: ['it ran as root; here it runs as the worker does'],
    },
  ])
  t.same(left, [{ from: 'line 2', why: '@weekly bob: there is no command after the user' }])
  t.end()
})

t.test('what cannot be is told with its line', (t) => {
  const text = `MAILTO=ops@example.com
MAILTO=""
@reboot /usr/local/bin/start
0 25 * * * never
nonsense
@fortnightly x
0 0 31 2 * x
0~30 * * * * x
* * * * *
`
  const { schedules, left } = readCrontab(text, options)
  t.same(schedules, [])
  t.match(left, [
    { from: 'line 1', why: /^MAILTO=.* nothing is mailed/ },
    { from: 'line 3', why: /start of the machine is no instant/ },
    { from: 'line 4', why: /^0 25 \* \* \*: / },
    { from: 'line 5', why: /not a line of a crontab/ },
    { from: 'line 6', why: /not a line of a crontab/ },
    { from: 'line 7', why: /0 0 31 2/ },
    { from: 'line 8', why: /^0~30/ },
    { from: 'line 9', why: /not a line of a crontab/ },
  ])
  t.end()
})

t.test('names say what is run', (t) => {
  for (const [command, name] of [
    ['backup.sh full > /dev/null 2>&1', 'backup-full'],
    ['PATH=/x:$PATH nice -n 10 /opt/clean', 'clean'],
    ["/bin/sh -c 'echo hi'", 'echo'],
    ['[ -x /usr/sbin/x ] && /usr/sbin/x --quiet; true', 'true'],
    ['sudo /opt/日本.sh', 'command'],
    ['', 'command'],
  ] as const) {
    t.equal(nameOfCommand(command), name, command)
  }
  t.end()
})
