/** One metric of a text that Prometheus would read. */
interface ParsedMetric {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: { readonly name: string; readonly labels: Record<string, string>; readonly value: number }[]
}

export type Exposition = ReadonlyMap<string, ParsedMetric>

const sampleLine = /^([a-z_][a-z0-9_]*)(?:\{((?:[a-z_][a-z0-9_]*="(?:[^"\\]|\\["\\n])*",?)*)\})? (\S+)$/
const labelPair = /([a-z_][a-z0-9_]*)="((?:[^"\\]|\\["\\n])*)"/g

/**
 * Reads the text format, more strictly than Prometheus does.
 * @throws Error that names what is wrong
 */
export function parseExposition(text: string): Exposition {
  const metrics = new Map<string, ParsedMetric>()
  const series = new Set<string>()
  let current: ParsedMetric | undefined
  const lines = text.split('\n')
  if (lines.at(-1) !== '') throw new Error('the text does not end with a line break')
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] as string
    if (line === '') continue
    const [, helpName, help] = /^# HELP ([a-z_][a-z0-9_]*) (.+)$/.exec(line) ?? []
    if (helpName !== undefined && help !== undefined) {
      index += 1
      const type = new RegExp(`^# TYPE ${helpName} (counter|gauge|histogram)$`).exec(lines[index] ?? '')?.[1]
      if (type === undefined) throw new Error(`no TYPE after ${line}`)
      if (metrics.has(helpName)) throw new Error(`${helpName} is there twice`)
      current = { name: helpName, type, help, samples: [] }
      metrics.set(helpName, current)
      continue
    }
    const [, name, labelText = '', valueText = ''] = sampleLine.exec(line) ?? []
    if (name === undefined) throw new Error(`this is no sample: ${line}`)
    if (current === undefined || !isSampleOf(current, name)) throw new Error(`no HELP and TYPE before ${line}`)
    const value = Number(valueText)
    if (!Number.isFinite(value)) throw new Error(`this is no number: ${line}`)
    const labels = Object.fromEntries([...labelText.matchAll(labelPair)].map(([, label, text]) => [label, text]))
    const identity = name + JSON.stringify(Object.entries(labels).sort())
    if (series.has(identity)) throw new Error(`a series is there twice: ${line}`)
    series.add(identity)
    current.samples.push({ name, labels, value })
  }
  for (const metric of metrics.values()) check(metric)
  return metrics
}

function isSampleOf({ name, type }: ParsedMetric, sample: string): boolean {
  return type === 'histogram' ? new RegExp(`^${name}_(bucket|sum|count)$`).test(sample) : sample === name
}

function check({ name, type, samples }: ParsedMetric): void {
  if ((type === 'counter') !== name.endsWith('_total')) throw new Error(`${name} is a ${type}`)
  if (type !== 'gauge' && samples.some(({ value }) => value < 0)) throw new Error(`${name} is negative`)
  if (type !== 'histogram') return
  const buckets = new Map<string, { le: string; value: number }[]>()
  const identity = ({ le: _, ...labels }: Record<string, string>) => JSON.stringify(Object.entries(labels).sort())
  for (const sample of samples.filter(({ name }) => name.endsWith('_bucket'))) {
    const { le } = sample.labels
    if (le === undefined) throw new Error(`${name} has a bucket without bound`)
    buckets.set(identity(sample.labels), [...(buckets.get(identity(sample.labels)) ?? []), { le, value: sample.value }])
  }
  for (const [labels, counts] of buckets) {
    const inOrder = counts.every(({ le, value }, index) => {
      const before = counts[index - 1]
      return before === undefined || (bound(before.le) < bound(le) && before.value <= value)
    })
    if (!inOrder) throw new Error(`the buckets of ${name}${labels} are not in order`)
    const of = (suffix: string) =>
      samples.filter((sample) => sample.name === name + suffix && identity(sample.labels) === labels)
    if (counts.at(-1)?.le !== '+Inf') throw new Error(`${name}${labels} has no last bucket`)
    if (of('_sum').length !== 1) throw new Error(`${name}${labels} has no sum`)
    if (of('_count').length !== 1 || of('_count')[0]?.value !== counts.at(-1)?.value) {
      throw new Error(`${name}${labels} has no count, or another than its buckets`)
    }
  }
}

function bound(le: string): number {
  return le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le)
}

/** The sum over all series of a metric with these labels, 0 when there are none; of a histogram, how many values it has. */
export function total(metrics: Exposition, name: string, labels: Record<string, string> = {}): number {
  const metric = metrics.get(name)
  const matching = (metric?.samples ?? []).filter(
    (sample) =>
      (metric?.type !== 'histogram' || sample.name === `${name}_count`) &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )
  return matching.reduce((sum, { value }) => sum + value, 0)
}
