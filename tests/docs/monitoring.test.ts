import { parser } from '@prometheus-io/lezer-promql'
import t from 'tap'
import { parse } from 'yaml'
import { runStatuses } from '../../src/core/run-state.ts'
import { metricsReference } from '../support/metrics-reference.ts'
import { text } from './page.ts'

interface Expression {
  readonly where: string
  readonly expr: string
}

interface Panel {
  readonly id: number
  readonly title: string
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[]
  readonly gridPos: { readonly x: number; readonly w: number }
}

const dashboard = JSON.parse(await text('deploy/grafana/pgbeat.json')) as {
  panels: Panel[]
  templating: { list: { name: string }[] }
  annotations: { list: { name: string; expr: string }[] }
}
const alerts = parse(await text('deploy/prometheus/alerts.yaml')) as {
  groups: { rules: { alert: string; expr: string; labels: object; annotations: object }[] }[]
}
const rules = alerts.groups.flatMap((group) => group.rules)

/** As Grafana fills them in. */
const filledIn = (expr: string) => expr.replaceAll('$__rate_interval', '5m').replaceAll('$task', '.*')

const expressions: Expression[] = [
  ...dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ where: title, expr: filledIn(expr) })),
  ),
  ...dashboard.annotations.list.map(({ name, expr }) => ({ where: name, expr: filledIn(expr) })),
  ...rules.map(({ alert, expr }) => ({ where: alert, expr })),
]

/** The labels of each series, by its name. */
const series = new Map<string, readonly string[]>()
for (const section of metricsReference().split('## ')) {
  const common = section.startsWith('Read from the database') ? [] : ['node']
  for (const [, name = '', type, cell = ''] of section.matchAll(/^\| `(\w+)` \| (\w+) \| (.*?) \|/gm)) {
    const labels = [...cell.matchAll(/`(\w+)`/g)].map(([, label = '']) => label).concat(common)
    if (type !== 'histogram') series.set(name, labels)
    else for (const part of ['bucket', 'sum', 'count']) series.set(`${name}_${part}`, [...labels, 'le'])
  }
}

/** What some labels can be. */
const values: Readonly<Record<string, readonly string[]>> = {
  kind: ['tick', 'worker', 'api'],
  origin: ['schedule', 'catch_up', 'backfill', 'manual'],
  state: ['enabled', 'paused', 'invalid', 'finished'],
  status: [...runStatuses, '5..'],
  reason: ['overlap', 'replaced', 'catch_up_none', 'catch_up_latest', 'outside_window', 'paused', 'edited', 'deleted'],
}

t.test('the expressions of the dashboard and the alerts name metrics and labels that there are', async (t) => {
  t.ok(expressions.length > 40)
  for (const { where, expr } of expressions) {
    const { problems, names } = look(expr)
    t.same(problems, [], `${where}: ${expr}`)
    t.ok(names.length > 0, where)
  }
})

t.test('what is wrong with an expression is found', async (t) => {
  t.match(look('sum(rate(pgbeat_fires_total[5m])').problems, [/read/])
  t.match(look('pgbeat_fire_total').problems, [/pgbeat_fire_total/])
  t.match(look('pgbeat_active_runs{task_name="a"}').problems, [/task_name/])
  t.match(look('pgbeat_active_runs{status="runing"}').problems, [/runing/])
  t.match(look('sum by (node) (pgbeat_nodes)').problems, [/node/])
})

t.test('the legends of the dashboard show labels that their expressions keep', async (t) => {
  for (const { title, targets = [] } of dashboard.panels) {
    for (const { expr, legendFormat } of targets) {
      const kept = look(filledIn(expr)).grouped
      for (const [, label = ''] of legendFormat.matchAll(/{{(\w+)}}/g)) t.ok(kept.includes(label), `${title}: ${label}`)
    }
  }
})

t.test('the dashboard is one that Grafana can draw', async (t) => {
  const ids = dashboard.panels.map(({ id }) => id)
  t.equal(new Set(ids).size, ids.length)
  for (const { title, gridPos } of dashboard.panels) t.ok(gridPos.x + gridPos.w <= 24, title)
  const variables = dashboard.templating.list.map(({ name }) => name)
  const used = [...JSON.stringify(dashboard).matchAll(/\$\{?((?!__)[a-z]\w*)/g)].map(([, name = '']) => name)
  t.same([...new Set(used)].sort(), variables.sort())
})

t.test('each alert has a name of its own, a severity and words', async (t) => {
  t.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length)
  for (const rule of rules) {
    t.match(rule, { labels: { severity: /^(page|ticket)$/ }, annotations: { summary: String, description: String } })
  }
})

/** What an expression names, and what is wrong with it. */
function look(expr: string): { problems: string[]; names: string[]; grouped: string[] } {
  const problems: string[] = []
  const names: string[] = []
  const grouped: string[] = []
  let label = ''
  parser.parse(expr).iterate({
    enter(node) {
      const said = expr.slice(node.from, node.to)
      if (node.type.isError) problems.push(`can't be read at ${node.from}`)
      if (node.name === 'Identifier') {
        names.push(said)
        if (!series.has(said)) problems.push(`there is no metric ${said}`)
      }
      if (node.name === 'LabelName') {
        label = said
        const isGrouping = node.node.parent?.name === 'GroupingLabels'
        if (isGrouping) grouped.push(said)
        else if (!series.get(names.at(-1) ?? '')?.includes(said)) problems.push(`${names.at(-1)} has no label ${said}`)
      }
      if (node.name === 'StringLiteral') {
        const unknown = said
          .slice(1, -1)
          .split('|')
          .filter((value) => !(values[label] ?? [value]).includes(value))
        problems.push(...unknown.map((value) => `${label} is never ${value}`))
      }
    },
  })
  for (const one of grouped) {
    if (!names.some((name) => series.get(name)?.includes(one))) problems.push(`nothing here has the label ${one}`)
  }
  return { problems, names, grouped }
}
