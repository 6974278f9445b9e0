import type { Metric, Registry } from 'prom-client'
import { createEvents } from '../../src/events.ts'
import { databaseGauges } from '../../src/metrics/database-metrics.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { processMetrics } from '../../src/metrics/process-metrics.ts'

interface Described {
  readonly name: string
  readonly type: string
  readonly labels: readonly string[]
  readonly help: string
}

/** The page docs/reference/metrics.md, as the registries say it. */
export function metricsReference(): string {
  const { tick, worker, api } = createMetrics(createEvents()).registries
  const database = Object.entries(databaseGauges).map(([name, gauge]) => ({ name, type: 'gauge', ...gauge }))
  return `${intro}
## What a tick counts

${table(described(tick))}
## What a worker counts

${table(described(worker))}
## What an API counts

${table(described(api))}
## Read from the database

These have no label \`node\`.

${table(database)}
## Of each process

Shown once for each process; under \`npm start\` that is one for all three nodes.

${table(described(processMetrics()))}`
}

const intro = `# Metrics

<!-- Made by \`npm run reference\`; not to be edited. -->

\`GET /metrics\` of any API process shows the whole cluster, in Prometheus' text format. Each process counts in memory and
writes its figures into \`pgbeat.node_metrics\`, within a second when it counted something and every 5 s besides. They are
shown while its heartbeat is younger than 6 s, each series with the label \`node\`: kind, host and process id. So a process
that stops takes its series with it, and one that starts begins at 0: \`sum(rate(pgbeat_fires_total[5m]))\` is right all the
time. While Postgres is away an API shows its own figures and \`pgbeat_database_up 0\`.

Scrape one API process, or one address in front of several: each shows the same. Times are in seconds. The schedule is
never a label; \`task_name\`, and the names that tasks give to error codes and counters, are bounded.
`

function described(registry: Registry): Described[] {
  const metrics = registry.getMetricsAsArray() as unknown as (Metric & {
    readonly name: string
    readonly help: string
    readonly type: string
    readonly labelNames: readonly string[]
  })[]
  return metrics.map(({ name, help, type, labelNames }) => ({ name, help, type, labels: labelNames }))
}

function table(metrics: readonly Described[]): string {
  const rows = metrics.map(({ name, type, labels, help }) => {
    const shown = labels.map((label) => `\`${label}\``).join(', ')
    return `| \`${name}\` | ${type} | ${shown} | ${help.replaceAll('|', '\\|')} |\n`
  })
  return `| name | type | labels | what it measures |\n| --- | --- | --- | --- |\n${rows.join('')}`
}
