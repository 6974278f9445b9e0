-- Stretches of time whose instants will not fire, because the schedule was paused, got another timetable or was deleted,
-- or because so many instants were missed that counting them would hold up what is due now.
--
-- A statement that ends such a stretch leaves a row here, with the timetable as it was. The leader walks through the
-- instants, a slice at a time, and when it has come to the end it turns the row into one `missed` run that covers and
-- counts them; into none when there were no instants. So the ledger tells why nothing ran, to the instant, and neither
-- a pause nor the return from a long downtime takes longer for the instants that it covers.

create table pgbeat.lapses (
  id bigint generated always as identity primary key,
  schedule_id uuid not null,
  schedule_name text not null,
  task_name text not null,
  payload jsonb not null,
  max_attempts smallint not null,
  cron_expression text,
  timezone text not null,
  every interval,
  run_at timestamptz,
  starts_at timestamptz,
  ends_at timestamptz,
  schedule_created_at timestamptz not null,
  reason text not null,
  since timestamptz not null,
  until timestamptz not null,
  counted_until timestamptz,
  missed_since timestamptz,
  missed_last timestamptz,
  missed_count integer not null default 0
);
create index lapses_by_schedule on pgbeat.lapses (schedule_id);
comment on table pgbeat.lapses is 'Stretches in which instants passed that will not fire, until the leader has counted them and written the missed run that covers them';
comment on column pgbeat.lapses.id is 'Grows with every lapse';
comment on column pgbeat.lapses.schedule_id is 'The schedule; it may be gone';
comment on column pgbeat.lapses.schedule_name is 'Its name then';
comment on column pgbeat.lapses.task_name is 'Its task then';
comment on column pgbeat.lapses.payload is 'Its payload then';
comment on column pgbeat.lapses.max_attempts is 'Its attempts then';
comment on column pgbeat.lapses.cron_expression is 'Its timetable then';
comment on column pgbeat.lapses.timezone is 'The zone of that timetable';
comment on column pgbeat.lapses.every is 'Its timetable then';
comment on column pgbeat.lapses.run_at is 'Its timetable then';
comment on column pgbeat.lapses.starts_at is 'The timetable''s first bound';
comment on column pgbeat.lapses.ends_at is 'The timetable''s last bound';
comment on column pgbeat.lapses.schedule_created_at is 'What every is counted from when there is no starts_at';
comment on column pgbeat.lapses.reason is 'Why they will not fire: paused, edited, deleted, or what catch_up decided';
comment on column pgbeat.lapses.since is 'The stretch begins here; inclusive';
comment on column pgbeat.lapses.until is 'and ends before this';
comment on column pgbeat.lapses.counted_until is 'How far the leader has come; exclusive';
comment on column pgbeat.lapses.missed_since is 'The first instant that it found';
comment on column pgbeat.lapses.missed_last is 'The last instant that it found so far';
comment on column pgbeat.lapses.missed_count is 'How many instants it found so far';

comment on column pgbeat.runs.missed_count is 'Missed: how many instants this row covers';
comment on column pgbeat.runs.reason is 'Why nothing ran (overlap, replaced, catch_up_none, catch_up_latest, outside_window, paused, edited, deleted), or a word on how it ended (partial, timeout, …)';

create function pgbeat.add_lapse(schedule pgbeat.schedules, why text, since timestamptz, until timestamptz) returns void
language sql as $$
  insert into pgbeat.lapses (schedule_id, schedule_name, task_name, payload, max_attempts, cron_expression, timezone,
    every, run_at, starts_at, ends_at, schedule_created_at, reason, since, until)
  select schedule.id, schedule.name, schedule.task_name, schedule.payload, schedule.max_attempts,
    schedule.cron_expression, schedule.timezone, schedule.every, schedule.run_at, schedule.starts_at, schedule.ends_at,
    schedule.created_at, why, since, until
  where since < until
$$;
comment on function pgbeat.add_lapse(pgbeat.schedules, text, timestamptz, timestamptz) is 'Has the leader account for the instants of a timetable in a stretch that will not fire';

alter table pgbeat.schedules add column paused_at timestamptz;
comment on column pgbeat.schedules.paused_at is 'Kept by the system: since when it is paused; null when it is not';
comment on column pgbeat.schedules.enabled is 'false = paused: nothing fires, and nothing of the paused stretch is caught up later; it becomes one missed run';
comment on column pgbeat.schedules.overlap_policy is 'When the previous run is still active: skip this one, queue it behind, allow both, or replace the previous one';
alter table pgbeat.schedules add column timetable_since timestamptz not null default now();
comment on column pgbeat.schedules.timetable_since is 'Kept by the system: since when it has this timetable';
update pgbeat.schedules set paused_at = case when not enabled then updated_at end, timetable_since = active_since;

alter table pgbeat.schedule_events add column note text;
comment on column pgbeat.schedule_events.note is 'What was said about it: the pause note, or the setting pgbeat.note';

create or replace function pgbeat.editable(schedule pgbeat.schedules) returns jsonb
language sql stable
set intervalstyle = 'iso_8601' set datestyle = 'ISO' set timezone = 'UTC'
as $$
  select to_jsonb(schedule)
    - '{id,next_run_at,last_run_at,run_count,error,active_since,timetable_since,paused_at,revision,created_at,updated_at,updated_by}'::text[]
$$;

create function pgbeat.unfired_since(schedule pgbeat.schedules, moment timestamptz) returns timestamptz
language sql immutable as $$
  select case
    when schedule.run_count >= schedule.max_runs then null
    when not schedule.enabled then greatest(schedule.paused_at, schedule.last_run_at + interval '1 millisecond')
    when schedule.next_run_at < moment then schedule.next_run_at
    when schedule.next_run_at is null then
      greatest(schedule.active_since, schedule.last_run_at + interval '1 millisecond') end
$$;
comment on function pgbeat.unfired_since(pgbeat.schedules, timestamptz) is 'From when on nothing of a schedule has fired: since it was paused, since what is due now, or, when nobody has planned it yet, since it holds; null when it is up to date';

create or replace function pgbeat.before_schedule_write() returns trigger
language plpgsql as $$
declare
  everything constant text[] := '{name,task_name,payload,cron_expression,every,run_at,timezone,enabled,starts_at,ends_at,max_runs,jitter,overlap_policy,catch_up,catch_up_window,priority,queue_name,max_attempts,timeout,description,category,tags,pause_note}';
  timetable constant text[] := '{cron_expression,every,run_at,timezone,starts_at}';
  limits constant text[] := '{ends_at,max_runs}';
  moment constant timestamptz := case tg_op when 'INSERT' then pgbeat.transaction_clock() else pgbeat.clock() end;
  changed text[];
  problem pgbeat.problem;
begin
  if tg_op = 'INSERT' then
    new.id := coalesce(new.id, gen_random_uuid());
    new.name := coalesce(new.name, new.task_name || '-' || left(new.id::text, 8));
    changed := everything;
    -- run_at may be now(), or a moment ago: it is due all the same.
    new.active_since := least(moment, new.run_at);
    new.timetable_since := new.active_since;
    new.paused_at := case when not new.enabled then moment end;
    new.next_run_at := null;
    new.last_run_at := null;
    new.run_count := 0;
    new.revision := 1;
    new.created_at := moment;
    new.updated_at := moment;
  else
    new.id := old.id;
    new.active_since := old.active_since;
    new.timetable_since := old.timetable_since;
    new.paused_at := old.paused_at;
    new.next_run_at := old.next_run_at;
    new.last_run_at := old.last_run_at;
    new.run_count := old.run_count;
    new.error := old.error;
    new.revision := old.revision;
    new.created_at := old.created_at;
    new.updated_at := old.updated_at;
    new.updated_by := old.updated_by;
    changed := array(
      select now.key from jsonb_each(pgbeat.editable(new)) now join jsonb_each(pgbeat.editable(old)) before using (key)
      where now.value is distinct from before.value);
    if changed = '{}' then
      return new;
    end if;
    if changed && timetable or (new.enabled and not old.enabled)
       or (changed && limits and (old.next_run_at = 'infinity' or old.ends_at < moment)) then
      -- Another timetable, a pause that is over, or one that had ended and goes on: what was before is not caught up.
      new.active_since := case when 'run_at' = any(changed) then least(moment, new.run_at) else moment end;
    end if;
    if changed && (timetable || 'ends_at'::text) then
      new.timetable_since := moment;
    end if;
    if changed && (timetable || limits || 'enabled'::text) then
      new.next_run_at := null;
    end if;
    if new.enabled then
      new.paused_at := null;
      new.pause_note := case when old.enabled then new.pause_note end;
    elsif old.enabled or changed && (timetable || limits) then
      new.paused_at := moment;
    end if;
    new.revision := old.revision + 1;
    new.updated_at := moment;
  end if;
  new.error := null;
  new.updated_by := pgbeat.actor();

  problem := pgbeat.schedule_problem(new, changed);
  if problem is not null then
    raise exception using
      errcode = 'invalid_parameter_value', schema = 'pgbeat', table = 'schedules', column = problem.column_name,
      message = problem.message, hint = problem.hint;
  end if;
  return new;
end $$;

drop trigger before_write on pgbeat.schedules;
create trigger before_write
  before insert
  or update of id, name, task_name, payload, cron_expression, every, run_at, timezone, enabled, starts_at, ends_at,
    max_runs, jitter, overlap_policy, catch_up, catch_up_window, priority, queue_name, max_attempts, timeout,
    description, category, tags, pause_note, paused_at, active_since, timetable_since, revision, created_at, updated_at, updated_by
  on pgbeat.schedules
  for each row execute function pgbeat.before_schedule_write();

create or replace function pgbeat.after_schedule_update() returns trigger
language plpgsql as $$
declare
  moment constant timestamptz := new.updated_at;
  since timestamptz := pgbeat.unfired_since(old, moment);
begin
  insert into pgbeat.schedule_events (schedule_id, schedule_name, event_type, changes, revision, changed_by,
    occurred_at, note)
  values (
    new.id, new.name,
    case when old.enabled and not new.enabled then 'paused' when new.enabled and not old.enabled then 'resumed'
      else 'updated' end,
    pgbeat.schedule_changes(pgbeat.editable(old), pgbeat.editable(new)), new.revision, new.updated_by, moment,
    coalesce(nullif(current_setting('pgbeat.note', true), ''),
      case when old.enabled and not new.enabled then new.pause_note end));

  if not old.enabled then
    -- The pause is over, or goes on with another timetable.
    if new.paused_at is distinct from old.paused_at then
      perform pgbeat.add_lapse(old, 'paused', since, moment);
    end if;
  elsif not new.enabled then
    perform pgbeat.add_lapse(old, 'paused', since, moment);
  elsif new.active_since <> old.active_since then
    -- A run_at that has passed is due all the same, and no part of what lapses.
    perform pgbeat.add_lapse(old, 'edited', since, new.active_since);
    perform pgbeat.add_lapse(old, 'edited', greatest(since, new.active_since + interval '1 millisecond'), moment)
    where since is not null;
  elsif new.ends_at is distinct from old.ends_at and since is not null then
    perform pgbeat.add_lapse(old, 'edited',
      greatest(since, coalesce(new.ends_at + interval '1 millisecond', 'infinity')), moment);
  end if;
  return null;
end $$;
comment on function pgbeat.after_schedule_update() is 'Records one edit, and the stretch that will not fire because of it';

create or replace function pgbeat.after_schedules_insert_or_delete() returns trigger
language plpgsql as $$
declare
  moment constant timestamptz := pgbeat.clock();
begin
  insert into pgbeat.schedule_events (schedule_id, schedule_name, event_type, changes, revision, changed_by,
    occurred_at, note)
  select id, name,
    case tg_op when 'INSERT' then 'created' else 'deleted' end,
    (select jsonb_object_agg(key, jsonb_build_object(case tg_op when 'INSERT' then 'to' else 'from' end, value))
     from jsonb_each(pgbeat.editable(changed)) where value <> 'null'),
    case tg_op when 'INSERT' then revision else revision + 1 end,
    pgbeat.actor(), moment, nullif(current_setting('pgbeat.note', true), '')
  from changed;
  if tg_op = 'DELETE' then
    perform pgbeat.add_lapse(changed, case when changed.enabled then 'deleted' else 'paused' end,
      pgbeat.unfired_since(changed, moment), moment)
    from changed;
  end if;
  perform pg_notify('pgbeat_schedules', lower(tg_op));
  return null;
end $$;

create or replace function pgbeat.before_schedules_truncate() returns trigger
language plpgsql as $$
declare
  moment constant timestamptz := pgbeat.clock();
begin
  insert into pgbeat.schedule_events (schedule_id, schedule_name, event_type, changes, revision, changed_by, occurred_at)
  select id, name, 'deleted', pgbeat.schedule_changes(pgbeat.editable(schedules), null), revision + 1, pgbeat.actor(),
    moment
  from pgbeat.schedules;
  perform pgbeat.add_lapse(schedules, case when schedules.enabled then 'deleted' else 'paused' end,
    pgbeat.unfired_since(schedules, moment), moment)
  from pgbeat.schedules;
  perform pg_notify('pgbeat_schedules', 'delete');
  return null;
end $$;

create function pgbeat.pause(schedule text, note text default null) returns void
language sql as $$
  update pgbeat.schedules set enabled = false, pause_note = $2 where id = pgbeat.schedule_id($1)
$$;
comment on function pgbeat.pause(text, text) is 'Pauses a schedule, given by id or name, with a note that says why';

create function pgbeat.resume(schedule text, note text default null) returns void
language plpgsql as $$
declare
  before constant text := current_setting('pgbeat.note', true);
begin
  perform set_config('pgbeat.note', coalesce($2, before, ''), true);
  update pgbeat.schedules set enabled = true where id = pgbeat.schedule_id($1);
  perform set_config('pgbeat.note', coalesce(before, ''), true);
end $$;
comment on function pgbeat.resume(text, text) is 'Resumes a schedule, given by id or name; the note is kept in schedule_events. What the pause covers becomes one missed run';
