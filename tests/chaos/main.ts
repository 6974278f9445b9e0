// npm run chaos -- --faults 200 --seed 1: what it takes and prints is in docs/reliability.md.

import { parseArgs } from 'node:util'
import { ReplicatedServer } from '../cluster/replica.ts'
import { Server } from '../cluster/server.ts'
import { experiment } from './experiment.ts'
import { promotion } from './faults.ts'
import { recordFigures } from './figures.ts'
import { Progress } from './progress.ts'
import { describe, summarize } from './summary.ts'

const { values } = parseArgs({
  options: {
    faults: { type: 'string', default: '200' },
    seed: { type: 'string', multiple: true, default: ['1'] },
    replica: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
})
const faults = wholeNumber('faults', values.faults)
const mode = values.replica ? 'replica' : 'single'

const summaries = []
let isSound = true
for (const seed of values.seed.map((text) => wholeNumber('seed', text))) {
  const progress = new Progress(faults)
  const options = { faults, seed, onFault: progress.onFault }
  const outcome = values.replica ? await replicated(options) : await single(options)
  progress.end()
  console.table(outcome.counts)
  const findings = describe(outcome)
  for (const line of findings) console.log(line)
  isSound &&= findings.length === 0
  const summary = summarize(outcome, { mode, seed })
  console.log(JSON.stringify(summary))
  summaries.push(summary)
}
if (values.record) await recordFigures(mode, summaries)
if (!isSound) process.exitCode = 1

type Options = Omit<Parameters<typeof experiment>[0], 'host'>

async function single(options: Options) {
  const host = await Server.create()
  try {
    return await experiment({ ...options, host })
  } finally {
    await host.remove()
  }
}

async function replicated(options: Options) {
  const host = await ReplicatedServer.create()
  try {
    return await experiment({ ...options, host, disaster: promotion(host) })
  } finally {
    await host.remove()
  }
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new RangeError(`--${name} must be a whole number, not ${text}`)
  return Number(text)
}
