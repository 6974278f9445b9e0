import { sql } from 'kysely'
import { hasTable, readForeign } from './read-foreign.ts'

/** A row of django-celery-beat's periodic tasks with what it refers to; instants as Postgres writes them in JSON. */
export interface PeriodicTask {
  readonly task: {
    readonly name: string
    readonly task: string
    /** JSON. */
    readonly args: string
    readonly kwargs: string
    readonly headers?: string
    readonly queue: string | null
    readonly exchange: string | null
    readonly routing_key: string | null
    readonly priority?: number | null
    readonly expires: string | null
    readonly expire_seconds?: number | null
    readonly one_off?: boolean
    readonly start_time?: string | null
    readonly enabled: boolean
    readonly description: string
  }
  readonly crontab: {
    readonly minute: string
    readonly hour: string
    readonly day_of_month: string
    readonly month_of_year: string
    readonly day_of_week: string
    readonly timezone?: string
  } | null
  readonly interval: { readonly every: number; readonly period: string } | null
  readonly clocked: { readonly clocked_time: string } | null
  readonly solar: { readonly event: string; readonly latitude: number; readonly longitude: number } | null
}

/** By name; null where there are none of its tables. Columns that other versions have or lack do no harm. */
export async function readCeleryBeat(connectionString: string): Promise<PeriodicTask[] | null> {
  return readForeign(connectionString, async (db) => {
    if (!(await hasTable(db, 'django_celery_beat_periodictask'))) return null
    const { rows } = await sql<PeriodicTask>`
      select to_jsonb(t) as task, to_jsonb(c) as crontab, to_jsonb(i) as interval, to_jsonb(k) as clocked, to_jsonb(s) as solar
      from django_celery_beat_periodictask t
      left join django_celery_beat_crontabschedule c on c.id = t.crontab_id
      left join django_celery_beat_intervalschedule i on i.id = t.interval_id
      left join django_celery_beat_clockedschedule k on k.id = t.clocked_id
      left join django_celery_beat_solarschedule s on s.id = t.solar_id
      order by t.name collate "C"`.execute(db)
    return rows
  })
}
