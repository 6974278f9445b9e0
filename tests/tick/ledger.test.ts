import fc from 'fast-check'
import t from 'tap'
import { simulation } from '../support/simulation.ts'
import { commands } from './ledger-commands.ts'

t.setTimeout(240_000)

const midnight = '2025-03-09T00:00:00-05:00'

t.test('whatever is done to schedules, every due instant is accounted for once', async (t) => {
  const simulated = await simulation(t, midnight)
  const { sql, clock } = simulated
  const seen = new Set<string>()
  const property = fc.asyncProperty(fc.commands(commands, { size: 'max', maxCommands: 40 }), async (sequence) => {
    await sql('truncate pgbeat.schedules, pgbeat.runs, pgbeat.attempts, pgbeat.backfills cascade')
    await sql('truncate pgbeat.lapses')
    await clock.set(midnight)
    await fc.asyncModelRun(() => ({ model: { schedules: [], isUpToDate: false }, real: simulated }), sequence)
    for (const { kind } of await sql('select distinct coalesce(reason, origin) as kind from pgbeat.runs'))
      seen.add(kind)
  })
  await fc.assert(property, { numRuns: 40, seed: 4 })
  const everything = 'backfill,cancelled,catch_up,catch_up_latest,catch_up_none,deleted,edited,manual,outside_window'
  t.same(
    [...seen].sort(),
    [...everything.split(','), 'overlap', 'paused', 'replaced', 'schedule'],
    'it met all there is',
  )
})
