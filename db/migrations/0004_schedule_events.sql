create table pgbeat.schedule_events (
  id bigint generated always as identity primary key,
  schedule_id uuid not null,
  schedule_name text not null,
  event_type text not null check (event_type in ('created', 'updated', 'paused', 'resumed', 'deleted')),
  changes jsonb not null,
  revision bigint not null,
  changed_by text not null,
  occurred_at timestamptz not null default clock_timestamp()
);
create index schedule_events_by_schedule on pgbeat.schedule_events (schedule_id, id desc);
comment on table pgbeat.schedule_events is 'Every change of a schedule, append-only: audit trail and change history';
comment on column pgbeat.schedule_events.id is 'Grows with every event';
comment on column pgbeat.schedule_events.schedule_id is 'The schedule; it may be gone';
comment on column pgbeat.schedule_events.schedule_name is 'Its name then';
comment on column pgbeat.schedule_events.event_type is 'created, updated, paused, resumed or deleted';
comment on column pgbeat.schedule_events.changes is 'A key for each column that changed: {"from": …, "to": …}';
comment on column pgbeat.schedule_events.revision is 'The schedule''s revision after the change';
comment on column pgbeat.schedule_events.changed_by is 'Who: the setting pgbeat.actor, or else the database user';
comment on column pgbeat.schedule_events.occurred_at is 'When';

create function pgbeat.schedule_changes(old_row jsonb, new_row jsonb) returns jsonb
language sql immutable as $$
  select coalesce(jsonb_object_agg(key,
      case when before is null then '{}' else jsonb_build_object('from', before) end
      || case when after is null then '{}' else jsonb_build_object('to', after) end), '{}')
  from jsonb_object_keys(coalesce(old_row, new_row)) key,
    lateral (select nullif(old_row -> key, 'null') as before, nullif(new_row -> key, 'null') as after) value
  where before is distinct from after
$$;
comment on function pgbeat.schedule_changes(jsonb, jsonb) is 'The columns in which two versions of a schedule differ, with both values';

-- Inserts and deletes are recorded a statement at a time. Updates are recorded a row at a time, because a trigger with
-- transition tables can't be limited to columns, and the tick's own updates must not pay for it.
create function pgbeat.after_schedules_insert_or_delete() returns trigger
language plpgsql as $$
begin
  insert into pgbeat.schedule_events (schedule_id, schedule_name, event_type, changes, revision, changed_by)
  select id, name,
    case tg_op when 'INSERT' then 'created' else 'deleted' end,
    (select jsonb_object_agg(key, jsonb_build_object(case tg_op when 'INSERT' then 'to' else 'from' end, value))
     from jsonb_each(pgbeat.editable(changed)) where value <> 'null'),
    case tg_op when 'INSERT' then revision else revision + 1 end,
    pgbeat.actor()
  from changed;
  perform pg_notify('pgbeat_schedules', lower(tg_op));
  return null;
end $$;
comment on function pgbeat.after_schedules_insert_or_delete() is 'Records new and deleted schedules, and wakes the tick';

create function pgbeat.after_schedule_update() returns trigger
language plpgsql as $$
begin
  insert into pgbeat.schedule_events (schedule_id, schedule_name, event_type, changes, revision, changed_by)
  values (
    new.id, new.name,
    case when old.enabled and not new.enabled then 'paused' when new.enabled and not old.enabled then 'resumed'
      else 'updated' end,
    pgbeat.schedule_changes(pgbeat.editable(old), pgbeat.editable(new)), new.revision, new.updated_by);

  -- What was due and not fired yet when a schedule is paused or gets another timetable will not fire any more.
  if old.enabled and old.next_run_at <= clock_timestamp()
     and (not new.enabled or new.active_since <> old.active_since) then
    insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, reason,
      missed_since, max_attempts)
    values (old.id, old.name, old.task_name, old.payload, old.next_run_at, 'schedule', 'missed',
      case when new.enabled then 'edited' else 'paused' end, old.next_run_at, old.max_attempts)
    on conflict do nothing;
  end if;
  return null;
end $$;
comment on function pgbeat.after_schedule_update() is 'Records one edit, and the instants that were due and will not fire because of it';

create function pgbeat.after_schedules_update() returns trigger
language plpgsql as $$
begin
  perform pg_notify('pgbeat_schedules', 'update');
  return null;
end $$;
comment on function pgbeat.after_schedules_update() is 'Wakes the tick';

create function pgbeat.before_schedules_truncate() returns trigger
language plpgsql as $$
begin
  insert into pgbeat.schedule_events (schedule_id, schedule_name, event_type, changes, revision, changed_by)
  select id, name, 'deleted', pgbeat.schedule_changes(pgbeat.editable(schedules), null), revision + 1, pgbeat.actor()
  from pgbeat.schedules;
  perform pg_notify('pgbeat_schedules', 'delete');
  return null;
end $$;
comment on function pgbeat.before_schedules_truncate() is 'Records what a TRUNCATE takes away';

create trigger after_insert after insert on pgbeat.schedules
  referencing new table as changed
  for each statement execute function pgbeat.after_schedules_insert_or_delete();
create trigger after_update_row
  after update of name, task_name, payload, cron_expression, every, run_at, timezone, enabled, starts_at, ends_at,
    max_runs, jitter, overlap_policy, catch_up, catch_up_window, priority, queue_name, max_attempts, timeout,
    description, category, tags, pause_note
  on pgbeat.schedules
  for each row when (old.revision <> new.revision) execute function pgbeat.after_schedule_update();
create trigger after_update
  after update of name, task_name, payload, cron_expression, every, run_at, timezone, enabled, starts_at, ends_at,
    max_runs, jitter, overlap_policy, catch_up, catch_up_window, priority, queue_name, max_attempts, timeout,
    description, category, tags, pause_note
  on pgbeat.schedules
  for each statement execute function pgbeat.after_schedules_update();
create trigger after_delete after delete on pgbeat.schedules
  referencing old table as changed
  for each statement execute function pgbeat.after_schedules_insert_or_delete();
create trigger before_truncate before truncate on pgbeat.schedules
  for each statement execute function pgbeat.before_schedules_truncate();
