import { runStatuses } from '../../core/run-state.ts'
import { apiCommand } from '../connect/api-command.ts'
import { limited } from '../output/limited.ts'
import { tell, writeList } from '../output/write.ts'
import { readCount } from '../read-values.ts'
import { runColumns } from './present.ts'

const usual = 50

export const runFlags = {
  schedule: { value: '<schedule>', summary: 'of this one, by its name or id', completes: 'schedules' },
  task: { value: '<name>', summary: 'of this task', completes: 'tasks' },
  status: { value: '<status>', many: true, summary: 'with one of these', choices: runStatuses },
} as const

export const list = apiCommand({
  summary: 'list runs, the newest first',
  flags: {
    ...runFlags,
    origin: {
      value: '<origin>',
      many: true,
      summary: 'why they exist',
      choices: ['schedule', 'catch_up', 'backfill', 'manual'],
    },
    backfill: { value: '<id>', summary: 'of this backfill' },
    reason: { value: '<reason>', summary: 'why they were skipped, missed or cancelled' },
    from: { value: '<instant>', summary: 'scheduled for this instant or later' },
    until: { value: '<instant>', summary: 'scheduled for before this instant' },
    limit: { value: '<number>', summary: `how many at most; ${usual} when left out` },
    all: { summary: 'without a limit' },
  },
  examples: ['runs list --schedule nightly-report --status failed', 'runs list --all --json | jq .duration_ms'],
  async run({ api, values, isForPeople }) {
    const { schedule, task, status, origin, backfill, reason, from, until } = values
    const limit = values.all === true ? Number.POSITIVE_INFINITY : (readCount('limit', values.limit) ?? usual)
    const query = {
      ...(schedule !== undefined && { schedule_id: schedule }),
      ...(task !== undefined && { task_name: task }),
      ...(status !== undefined && { status }),
      ...(origin !== undefined && { origin }),
      ...(backfill !== undefined && { backfill_id: backfill }),
      ...(reason !== undefined && { reason }),
      ...(from !== undefined && { from }),
      ...(until !== undefined && { until }),
      per_page: Math.min(200, limit + 1),
    }
    const found = limited(api.each('GET /runs', { query }), limit)
    await writeList(found, runColumns, isForPeople)
    if (isForPeople && found.passed === 0) tell('There are none.')
    if (isForPeople && found.hasMore) tell('There are more: --limit or --all shows them.')
  },
})
