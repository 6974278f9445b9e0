import t from 'tap'
import { readDeclared } from '../../../src/cli/declared/read-declared.ts'

function read(text: string, name = 'a.yaml') {
  return readDeclared([{ name, text }])
}

t.test('what cannot be read is told with its place, all of it', (t) => {
  const sources = [
    {
      name: 'a.yaml',
      text: `schedules:
  - name: one
    cron_expresion: 0 0 * * *
  - {nam: two}
shedules: []
`,
    },
    { name: 'b.yml', text: 'schedules: [\n' },
    { name: 'c.json', text: '{"schedules": [{"name": "three", "name": "four"}]}' },
  ]
  t.match(readDeclared(sources).complaints, [
    'a.yaml:5:1: shedules: there is no such field; did you mean schedules?',
    'a.yaml:3:5: cron_expresion: there is no such field; did you mean cron_expression?',
    'a.yaml:4:6: nam: there is no such field; did you mean name?',
    /^b\.yml:2:1: Flow sequence/,
    /^c\.json:1:34: Map keys must be unique/,
  ])
  for (const [text, complaint] of [
    ['', 'a.yaml: it is empty'],
    ['# nothing', /a\.yaml.*: it (is empty|must have schedules:, a list)/],
    ['schedules:', 'a.yaml:1:11: schedules: must be a list; [] is an empty one'],
    ['schedules: [1]', 'a.yaml:1:13: a schedule is fields and their values'],
    ['- name: x', 'a.yaml:1:1: it must have schedules:, a list'],
    ['set: [x]\nschedules: []', 'a.yaml:1:6: set: must be a name'],
    ['defaults: {name: x}\nschedules: []', 'a.yaml:1:11: defaults: each schedule has a name of its own'],
    ['defaults: 1\nschedules: []', 'a.yaml:1:11: defaults: must be fields of schedules'],
  ] as const) {
    t.match(read(text).complaints, [complaint], text)
  }
  t.end()
})

t.test('defaults are for all, null takes one away, and anchors, merges and several documents are read', (t) => {
  const { entries, sets, complaints } = read(`set: web
defaults: &usual
  timezone: Asia/Tokyo
  task_name: echo
schedules:
  - &a
    name: a
    every: 1h30m
    payload: null
  - <<: *a
    name: b
    timezone: null
---
schedules:
  - {name: c, every: P1D, jitter: 90, timeout: 90}
`)
  t.same({ sets, complaints }, { sets: ['web'], complaints: [] })
  const shared = { task_name: 'echo', every: 'PT1H30M', payload: null }
  t.same(
    entries.map(({ fields }) => fields),
    [
      { ...shared, timezone: 'Asia/Tokyo', name: 'a' },
      { ...shared, name: 'b' },
      { name: 'c', every: 'P1D', jitter: 90, timeout: 90 },
    ],
  )
  t.end()
})

t.test('a field has a place, or what is nearest to it', (t) => {
  const { entries } = read(`defaults:
  timezone: Mars
schedules:
  - name: a
    payload:
      list: [1, {x: 2}]
`)
  const where = entries[0]?.where ?? (() => '')
  t.equal(where(['name']), 'a.yaml:4:11')
  t.equal(where(['payload', 'list', 1, 'x']), 'a.yaml:6:21')
  t.equal(where(['payload', 'missing']), 'a.yaml:6:7')
  t.equal(where(['timezone']), 'a.yaml:2:13')
  t.equal(where(['task_name']), 'a.yaml:4:5')
  t.equal(where([]), 'a.yaml:4:5')
  t.end()
})
