import t from 'tap'
import { type AuditFilter, countAudit, listAudit } from '../../src/store/audit.ts'
import { testDatabase } from '../support/database.ts'
import { explaining } from './explaining.ts'

t.test('the audit trail', async (t) => {
  const { pool } = await testDatabase(t)
  await pool.query(`
    insert into pgbeat.schedule_events (schedule_id, schedule_name, event_type, changes, revision, changed_by)
    select ('00000000-0000-4000-8000-' || lpad((i % 1000)::text, 12, '0'))::uuid, 's',
      case when i < 50 then 'deleted' else 'triggered' end, '{}', i, case when i < 50 then 'ann' else 'app' end
    from generate_series(1, 100000) i`)
  await pool.query('analyze pgbeat.schedule_events')
  const { db, readFromEndToEnd, indexesOfGenericPlans } = explaining(pool)
  const filters: AuditFilter[] = [
    {},
    { eventTypes: ['deleted'] },
    { eventTypes: ['deleted', 'paused'] },
    { changedBy: 'ann' },
    { changedBy: 'nobody' },
    { changedBy: 'app', eventTypes: ['deleted'] },
    { scheduleId: '00000000-0000-4000-8000-000000000007' },
    { scheduleId: '00000000-0000-4000-8000-000000000007', eventTypes: ['paused'] },
  ]
  for (const filter of filters) {
    const about = JSON.stringify(filter)
    for (const before of [undefined, '90000']) {
      const list = () => listAudit(db, filter, { limit: 50, offset: 0, before })
      t.same(await readFromEndToEnd(list), [], about)
      const byKey = (await indexesOfGenericPlans(list)).filter((name) => name === 'schedule_events_pkey')
      t.same(byKey.length, about === '{}' ? 1 : 0, `${about} is not looked for among all events`)
    }
    if (about !== '{}') t.same(await readFromEndToEnd(() => countAudit(db, filter, 10_000)), [], about)
  }
})
