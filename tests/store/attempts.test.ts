import { randomUUID } from 'node:crypto'
import t from 'tap'
import { openAttempt } from '../../src/store/attempts.ts'
import type { JobPayload } from '../../src/store/job.ts'
import { triggerRun } from '../../src/store/runs.ts'
import { testSystem } from '../support/system.ts'

const tester = { name: 'tester' }

t.test('an attempt is opened for one job, however often that asks', async (t) => {
  const system = await testSystem(t)
  await system.pool.query(`insert into pgbeat.schedules (name, task_name, run_at) values ('s', 'echo', '2100-01-01')`)
  const id = await triggerRun(system.db, tester, 's')
  const { job } = await system.row<{ job: JobPayload }>(
    `select json_build_object('run_id', id::text, 'scheduled_for', scheduled_for, 'attempt', 1) as job
     from pgbeat.runs where id = $1`,
    [id],
  )
  const nodeId = randomUUID()
  t.match(await openAttempt(system.db, { job, jobId: '1', nodeId }), { runId: id, attempt: 1 })
  t.match(
    await openAttempt(system.db, { job, jobId: '1', nodeId }),
    { runId: id },
    'the first answer may have been lost',
  )
  t.equal(
    await openAttempt(system.db, { job, jobId: '2', nodeId }),
    null,
    'another job for it may be left from before the run was cancelled and queued again',
  )
})
