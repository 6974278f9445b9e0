import { backfillChoices } from '../../core/backfill.ts'
import { apiCommand } from '../connect/api-command.ts'
import { untilInterrupted } from '../interrupt.ts'
import { tell, writeOne } from '../output/write.ts'
import { readCount, readJson } from '../read-values.ts'
import { scheduleName } from '../schedules/selection.ts'
import { UsageError } from '../usage-error.ts'
import { showDryRun } from './dry-run.ts'
import { type Backfill, describe } from './present.ts'
import { waitForBackfill } from './wait.ts'

export const backfill = apiCommand({
  summary: 'run a past range of a schedule',
  description:
    'The instants that its timetable names from one instant to another, both inclusive. With --wait it ends when the ' +
    'backfill does, with 1 unless all its runs succeeded; Ctrl-C ends the waiting only.',
  arguments: scheduleName,
  flags: {
    from: { value: '<instant>', summary: 'the first one, such as 2026-03-01T00:00:00Z' },
    to: { value: '<instant>', summary: 'the last one, in the past' },
    which: { value: '<which>', summary: 'which of them to run; missing when left out', choices: backfillChoices },
    'max-active': { value: '<number>', summary: 'how many of its runs may be under way at once; 1 when left out' },
    payload: { value: '<json>', summary: "instead of the schedule's own; @<file>, or -", completes: 'files' },
    'dry-run': { summary: 'only show what would be run' },
    wait: { summary: 'until it is over' },
  },
  examples: [
    'backfill nightly-report --from 2026-03-01T00:00:00Z --to 2026-03-31T23:59:59Z --dry-run',
    'backfill nightly-report --from 2026-03-01T00:00:00Z --to 2026-03-31T23:59:59Z --max-active 4 --wait',
  ],
  check({ values }) {
    if (values.from === undefined || values.to === undefined) throw new UsageError('--from and --to say which range')
    if (values.wait === true && values['dry-run'] === true) throw new UsageError('a --dry-run is not to be waited for')
  },
  async run({ api, given: [id = ''], values, isForPeople }) {
    const { from = '', to = '', which } = values
    const maxActive = readCount('max-active', values['max-active'])
    const payload = readJson('payload', values.payload)
    const isDryRun = values['dry-run'] === true
    const body = {
      starts_at: from,
      ends_at: to,
      dry_run: isDryRun,
      ...(which !== undefined && { which: which as (typeof backfillChoices)[number] }),
      ...(maxActive !== undefined && { max_active: maxActive }),
      ...(payload !== undefined && { payload: payload as never }),
    }
    const answer = await api.call('POST /schedules/{id}/backfill', { params: { id }, body })
    if (isDryRun) return showDryRun(answer, isForPeople)
    const { data: begun } = answer
    const signal = values.wait === true ? untilInterrupted() : undefined
    tell(
      `backfill ${begun.id} of ${begun.schedule_name} has begun; pgbeat runs list --backfill ${begun.id} lists its runs`,
    )
    const last: Backfill = signal === undefined ? begun : await waitForBackfill(api, begun, signal)
    await writeOne(last, () => describe(last), isForPeople)
  },
})
