import { type MetricObjectWithValues, type MetricValue, Registry } from 'prom-client'
import type { Labels, MetricFigures } from '../store/node-metrics.ts'

type Values = MetricValue<string> & { readonly metricName?: string }

/** What a registry holds now. A gauge without a value now (not a number) is left out. */
export async function figuresOf(registry: Registry): Promise<MetricFigures[]> {
  const metrics: MetricObjectWithValues<Values>[] = await registry.getMetricsAsJSON()
  return metrics.flatMap(({ name, help, type, values }): MetricFigures[] => {
    // prom-client types `type` as a number and gives a word.
    const kind = String(type)
    if (kind === 'histogram') return [{ name, help, type: kind, ...bucketsOf(values) }]
    if (kind !== 'counter' && kind !== 'gauge') return []
    const finite = values.filter(({ value }) => Number.isFinite(value))
    return [{ name, help, type: kind, values: finite.map(({ labels, value }) => [labels as Labels, value] as const) }]
  })
}

/** prom-client gives one set of labels after the other: its buckets, their sum and their count. */
function bucketsOf(values: readonly Values[]) {
  const bounds = new Set<number>()
  const series: (readonly [Labels, number[], number])[] = []
  let counts: number[] = []
  let sum = 0
  for (const { labels, value, metricName } of values) {
    if (metricName?.endsWith('_sum')) sum = value
    else if (metricName?.endsWith('_count')) {
      series.push([labels as Labels, counts, sum])
      counts = []
    } else {
      counts.push(value)
      if (labels.le !== '+Inf') bounds.add(Number(labels.le))
    }
  }
  return { bounds: [...bounds], values: series }
}

/** The text that Prometheus reads, of many processes' figures: one HELP and TYPE for each name. */
export async function toText(figures: Iterable<MetricFigures>): Promise<{ contentType: string; body: string }> {
  const byName = new Map<string, MetricFigures[]>()
  for (const metric of figures) {
    const others = byName.get(metric.name) ?? []
    byName.set(metric.name, others)
    // Processes of another version may mean something else by a name.
    if (others[0] === undefined || others[0].type === metric.type) others.push(metric)
  }
  const registry = new Registry()
  for (const [name, [first, ...others]] of byName) {
    if (first === undefined) continue
    const { help, type } = first
    const values = [first, ...others].flatMap(linesOf)
    registry.registerMetric({ name, get: async () => ({ name, help, type, values }) } as never)
  }
  return { contentType: registry.contentType, body: await registry.metrics() }
}

function linesOf(metric: MetricFigures): { metricName?: string; labels: Labels; value: number }[] {
  const { name } = metric
  if (metric.type !== 'histogram') return metric.values.map(([labels, value]) => ({ labels, value }))
  const bounds = [...metric.bounds, '+Inf']
  return metric.values.flatMap(([labels, counts, sum]) => [
    ...counts.map((value, index) => ({
      metricName: `${name}_bucket`,
      labels: { ...labels, le: bounds[index] ?? '' },
      value,
    })),
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: counts.at(-1) ?? 0 },
  ])
}

/** The same figures, each with one more label. */
export function labelled(figures: readonly MetricFigures[], label: Labels): MetricFigures[] {
  return figures.map((metric) =>
    metric.type === 'histogram'
      ? { ...metric, values: metric.values.map(([labels, counts, sum]) => [{ ...labels, ...label }, counts, sum]) }
      : { ...metric, values: metric.values.map(([labels, value]) => [{ ...labels, ...label }, value]) },
  )
}
