import { type Histogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { Gauge, type Registry } from 'prom-client'

/** Nanoseconds. */
const figures: Readonly<Record<string, { help: string; of(turns: Histogram): number }>> = {
  min: { help: 'The shortest', of: (turns) => turns.min },
  max: { help: 'The longest', of: (turns) => turns.max },
  mean: { help: 'The mean', of: (turns) => turns.mean },
  stddev: { help: 'The standard deviation', of: (turns) => turns.stddev },
  p50: { help: 'The 50th percentile', of: (turns) => turns.percentile(50) },
  p90: { help: 'The 90th percentile', of: (turns) => turns.percentile(90) },
  p99: { help: 'The 99th percentile', of: (turns) => turns.percentile(99) },
}

/**
 * How long the event loop took for its turns since they were last asked for, by the names that prom-client has for them.
 * prom-client has a timer tell: it wakes an idle process a hundred times a second, adds its 10 ms to every figure and
 * does not see what is shorter. Here the turns tell themselves; a Node.js that does not know how has the timer here too.
 */
export function replaceEventLoopLag(registry: Registry): void {
  const turns = monitorEventLoopDelay({ samplePerIteration: true })
  turns.enable()
  const collect = () => {
    if (turns.count === 0) return
    for (const { gauge, of } of gauges) gauge.set(of(turns) / 1e9)
    turns.reset()
  }
  const gauges = Object.entries(figures).map(([figure, { help, of }], index) => {
    const name = `nodejs_eventloop_lag_${figure}_seconds`
    registry.removeSingleMetric(name)
    const gauge = new Gauge({
      name,
      help: `${help} of the delays of the event loop since it was last asked for`,
      registers: [registry],
      // The first is asked first, and fills in all.
      ...(index === 0 && { collect }),
    })
    return { gauge, of }
  })
}
