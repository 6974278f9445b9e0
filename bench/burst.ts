// How long it takes until all schedules that are due at one instant have their jobs: `npm run bench:burst`.
// --sizes=1000,10000 --rounds=5 (3 at most from 100,000 on) --peers=default|all|none --peer-rounds=1 --record

import { minimumRound, prepareMinimum, variants } from './burst/minimum.ts'
import { startOurs } from './burst/ours.ts'
import { type Measured, measurePeer, peerNames } from './burst/peers.ts'
import { number, numbers, readOptions } from './support/options.ts'
import { progress, type Target, tellReport } from './support/report.ts'
import { type BenchServer, withServer } from './support/server.ts'
import { figure, type Spread, spread, spreadText } from './support/spread.ts'

const options = readOptions({ sizes: '1000,10000,100000', rounds: '5', peers: 'default', 'peer-rounds': '1' })
const many = 100_000
const targetsMs: Record<number, number> = { 10000: 300, 100000: 3_000 }
const leastRatio = 0.6
const timesFaster = 4

interface Result {
  readonly n: number
  readonly first: number
  readonly ours: Spread
  readonly minimum: Spread
  readonly minimumVariant: string
  readonly peers: Readonly<Record<string, Measured>>
}

await withServer(async (server) => {
  const results: Result[] = []
  for (const n of numbers(options.sizes)) results.push(await measure(server, n))
  await tell(results, server.version)
})

async function measure(server: BenchServer, n: number): Promise<Result> {
  const rounds = n >= many ? Math.min(3, number(options.rounds)) : number(options.rounds)
  progress(`${n} schedules: preparing …`)
  const minimumUrl = await server.createDatabase(`minimum_${n}`)
  await prepareMinimum(minimumUrl, n)
  const ours = await startOurs(await server.createPreparedDatabase(`ours_${n}`), n)
  const oursMs: number[] = []
  const minimumMs = variants.map((): number[] => [])
  let first: number
  try {
    first = await ours.round()
    progress(`  first: ${figure(first)} ms`)
    for (let round = 1; round <= rounds; round += 1) {
      for (const [index, variant] of variants.entries()) {
        minimumMs[index]?.push(await minimumRound(minimumUrl, n, variant))
      }
      oursMs.push(await ours.round())
      const minimum = minimumMs.map((of) => figure(of.at(-1) ?? 0)).join(' and ')
      progress(`  round ${round} of ${rounds}: ${figure(oursMs.at(-1) ?? 0)} ms, minimum ${minimum} ms`)
    }
  } finally {
    await ours.stop()
  }
  const minima = minimumMs.map(spread)
  const best = minima[0] !== undefined && minima[1] !== undefined && minima[0].median <= minima[1].median ? 0 : 1
  return {
    n,
    first,
    ours: spread(oursMs),
    minimum: minima[best] as Spread,
    minimumVariant: variants[best],
    peers: await measurePeers(server, n),
  }
}

async function measurePeers(server: BenchServer, n: number): Promise<Record<string, Measured>> {
  const peers: Record<string, Measured> = {}
  for (const name of peerNames) {
    if (options.peers === 'none' || (options.peers !== 'all' && n >= many)) {
      peers[name] = { ms: null, why: 'left out' }
      continue
    }
    progress(`  ${name} …`)
    peers[name] = await measurePeer(name, { server, n, rounds: number(options['peer-rounds']) })
    progress(`  ${name}: ${peerText(peers[name])}`)
  }
  return peers
}

function peerText({ ms, why }: Measured): string {
  return ms === null ? `– (${why})` : spreadText(ms)
}

async function tell(results: readonly Result[], postgres: string): Promise<void> {
  await tellReport(
    {
      bench: 'burst',
      title: 'Burst',
      method: [
        'N schedules, of 20 cron expressions and time zones, are due at one instant: milliseconds from then until the last ' +
          'job is queued and committed, with all bookkeeping. A tick process that leads before; schedules, runs and jobs ' +
          'are counted after each round. The first round of a fresh process is told apart; the others are the median (min–max).',
        'Up to 50,000 are made ready before the instant and committed at it, which is no part of these milliseconds: the ratios ' +
          'say when jobs are there, not what a fire costs. The minimum is plain SQL on the same server in the same run, in turns with the rounds: advance N rows, write N ' +
          'run rows with the unique key and N queue rows, in one statement or in batches of 5,000, whichever is faster; ' +
          'it starts by itself, knows what the next instant is, and decides nothing. ' +
          'The peers: graphile-worker with N crontab items, pg-boss with N calls of `schedule()` and both its intervals at ' +
          '1 s, the least that it takes; BullMQ with N job schedulers and a worker, until the last job has started.',
      ],
      columns: ['N', 'first', 'ms', 'minimum', 'minimum / ms', ...peerNames],
      rows: results.map(({ n, first, ours, minimum, minimumVariant, peers }) => [
        n.toLocaleString('en'),
        figure(first),
        spreadText(ours),
        `${spreadText(minimum)}, ${minimumVariant}`,
        ratio({ ours, minimum }).toFixed(2),
        ...peerNames.map((name) => peerText(peers[name] ?? { ms: null, why: 'left out' })),
      ]),
      notes: [],
      targets: results.flatMap(targetsOf),
      postgres,
      json: { results: results.map(toJson) },
    },
    options,
  )
}

function ratio({ ours, minimum }: Pick<Result, 'ours' | 'minimum'>): number {
  return minimum.median / ours.median
}

function targetsOf(result: Result): Target[] {
  const { n, ours, peers } = result
  const size = n.toLocaleString('en')
  const atMost = targetsMs[n]
  const speed = atMost === undefined ? [] : [{ what: `${size} in <= ${atMost} ms`, ms: ours.median }]
  return [
    ...speed.map(({ what, ms }) => ({ what, measured: `${figure(ms)} ms`, isMet: ms <= (atMost ?? 0) })),
    {
      what: `${size}: at least ${leastRatio} of the minimum`,
      measured: ratio(result).toFixed(2),
      isMet: ratio(result) >= leastRatio,
    },
    ...Object.entries(peers).flatMap(([name, { ms, atLeastMs }]) => {
      const theirs = ms?.median ?? atLeastMs
      if (theirs === undefined) return []
      const times = theirs / ours.median
      return [
        {
          what: `${size}: ${timesFaster} times faster than ${name}`,
          measured: `${ms === null ? 'more than ' : ''}${figure(times)} times`,
          isMet: times >= timesFaster,
        },
      ]
    }),
  ]
}

function toJson({ n, first, ours, minimum, minimumVariant, peers }: Result) {
  return {
    n,
    ms: rounded(ours.median),
    min_ms: rounded(ours.min),
    max_ms: rounded(ours.max),
    first_ms: rounded(first),
    minimum_ms: rounded(minimum.median),
    minimum_by: minimumVariant,
    ratio: Number(ratio({ ours, minimum }).toFixed(3)),
    peers: Object.fromEntries(
      Object.entries(peers).map(([name, { ms }]) => [name, ms === null ? null : rounded(ms.median)]),
    ),
    peers_without_figure: Object.fromEntries(
      Object.entries(peers).flatMap(([name, { ms, why }]) => (ms === null ? [[name, why]] : [])),
    ),
  }
}

function rounded(ms: number): number {
  return Number(ms.toFixed(1))
}
