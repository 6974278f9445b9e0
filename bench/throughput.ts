// How many runs that do nothing one worker gets done: `npm run bench:throughput`.
// --jobs=50000 --concurrency=100 --rounds=3 --peers=default|none --record

import { number, readOptions } from './support/options.ts'
import { progress, type Target, tellReport } from './support/report.ts'
import { withServer } from './support/server.ts'
import { figure, type Spread, spread, spreadText } from './support/spread.ts'
import { subjects } from './throughput/subjects.ts'

const options = readOptions({ jobs: '50000', concurrency: '100', rounds: '3', peers: 'default' })
const jobs = number(options.jobs)
const concurrency = number(options.concurrency)
const rounds = number(options.rounds)
const leastShare = 0.8
const timesFaster = 4

const names = Object.keys(subjects).filter((name) => options.peers !== 'none' || !/pg-boss|bullmq/.test(name))

await withServer(async (server) => {
  const rates = new Map<string, number[]>()
  for (let round = 1; round <= rounds; round += 1) {
    for (const name of names) {
      const ms = await subjects[name]?.({ server, jobs, concurrency, round })
      progress(
        `round ${round} of ${rounds}: ${name}: ${ms === undefined ? '–' : `${figure(jobs / (ms / 1_000))} a second`}`,
      )
      if (ms !== undefined) rates.set(name, [...(rates.get(name) ?? []), jobs / (ms / 1_000)])
    }
  }
  await tell(new Map([...rates].map(([name, of]) => [name, spread(of)])), server.version)
})

async function tell(rates: ReadonlyMap<string, Spread>, postgres: string): Promise<void> {
  const of = (name: string) =>
    Math.max(0, ...[...rates].flatMap(([key, { median }]) => (key.startsWith(name) ? [median] : [])))
  const ours = of('pgbeat')
  await tellReport(
    {
      bench: 'throughput',
      title: 'Throughput',
      method: [
        `${jobs.toLocaleString('en')} jobs that do nothing are queued; then one process works them off, ${concurrency} at ` +
          'once: jobs a second from when the first starts until the queue is empty. A database and a process of its own ' +
          'for each round; rounds take turns; median (min–max). Ours writes the run, the attempt and the result of each, ' +
          'and all are checked. graphile-worker has a `localQueue` of 500, without and with `completeJobBatchDelay`; by itself ' +
          'it keeps nothing of a job that is done. pg-boss fetches without pauses while its batches are full: as many ' +
          'as the concurrency, and, twice at once, 500; its handler is called once for a batch.',
      ],
      columns: ['', 'jobs a second', 'pgbeat beside it'],
      rows: names.map((name) => {
        const rate = rates.get(name)
        return [
          name,
          rate ? spreadText(rate) : '– (there is no redis-server here)',
          rate ? share(ours, rate.median) : '–',
        ]
      }),
      notes: [],
      targets: targets(ours, rates),
      postgres,
      json: {
        jobs,
        concurrency,
        jobs_a_second: Object.fromEntries(names.map((name) => [name, rounded(rates.get(name)?.median ?? null)])),
        ratio: Number((ours / of('graphile-worker')).toFixed(3)),
        times_pg_boss: timesOf('pg-boss', ours, rates),
      },
    },
    options,
  )
}

/** Beside each way of a peer: pg-boss' faster one hands 500 jobs to one call and keeps 1,000 of them to itself. */
function targets(ours: number, rates: ReadonlyMap<string, Spread>): Target[] {
  return [
    ...Object.entries(timesOf('graphile-worker', ours, rates)).map(([name, times]) => ({
      what: `at least ${leastShare} of ${name}`,
      measured: times.toFixed(2),
      isMet: times >= leastShare,
    })),
    ...Object.entries(timesOf('pg-boss', ours, rates)).map(([name, times]) => ({
      what: `${timesFaster} times ${name}`,
      measured: `${figure(times)} times`,
      isMet: times >= timesFaster,
    })),
  ]
}

function timesOf(peer: string, ours: number, rates: ReadonlyMap<string, Spread>): Record<string, number> {
  const theirs = [...rates].filter(([name]) => name.startsWith(peer))
  return Object.fromEntries(theirs.map(([name, { median }]) => [name, Number((ours / median).toFixed(3))]))
}

function share(ours: number, theirs: number): string {
  return (ours / theirs).toFixed(2)
}

function rounded(rate: number | null): number | null {
  return rate === null ? null : Math.round(rate)
}
