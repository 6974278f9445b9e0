-- For people and programs that say what is to be: schedule() makes it so, however often and by however many it is called;
-- and views that say what is.

-- A statement that inserts or deletes nothing has nothing to tell.
create or replace function pgbeat.after_schedules_insert_or_delete() returns trigger
language plpgsql as $$
declare
  moment constant timestamptz := pgbeat.clock();
begin
  if not exists (select from changed) then
    return null;
  end if;
  insert into pgbeat.schedule_events (schedule_id, schedule_name, event_type, changes, revision, changed_by,
    occurred_at, note)
  select id, name,
    case tg_op when 'INSERT' then 'created' else 'deleted' end,
    case tg_op when 'INSERT' then pgbeat.schedule_changes(null, pgbeat.editable(changed))
      else pgbeat.schedule_changes(pgbeat.editable(changed), null) end,
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

create function pgbeat.as_spelled(duration interval, before interval) returns interval
language sql immutable parallel safe as $$
  select case when extract(epoch from duration) = extract(epoch from before) then before else duration end
$$;
comment on function pgbeat.as_spelled is 'A duration, spelled as before where it is as long: a day is 24 hours';

-- Who finds nothing to change waits for nobody, writes nothing and wakes nobody: that is what all but the first of many
-- replicas find. Who finds something locks the row and looks again, for another may have been as fast. Where the isolation
-- level forbids to look again Postgres reports a serialization failure (40001), and nothing was done.
create function pgbeat.schedule(
  name text,
  task_name text,
  cron_expression text default null,
  every interval default null,
  run_at timestamptz default null,
  timezone text default 'UTC',
  payload jsonb default '{}',
  enabled boolean default null,
  starts_at timestamptz default null,
  ends_at timestamptz default null,
  max_runs integer default null,
  jitter interval default null,
  overlap_policy text default 'skip',
  catch_up text default 'latest',
  catch_up_window interval default null,
  priority integer default 0,
  queue_name text default null,
  max_attempts integer default 3,
  retry_delay interval default null,
  timeout interval default null,
  description text default null,
  category text default null,
  tags text[] default '{}',
  pause_note text default null
) returns uuid
language plpgsql set search_path to pg_catalog, pg_temp as $$
declare
  wanted pgbeat.schedules;
  found_row pgbeat.schedules;
  locked_id uuid;
  new_id uuid;
  tries integer := 0;
begin
  if schedule.name is null then
    raise exception using
      errcode = 'invalid_parameter_value', schema = 'pgbeat', table = 'schedules', column = 'name',
      message = 'a schedule that is declared needs a name',
      hint = 'It is known by its name when it is declared again. An INSERT may leave it out.';
  end if;
  wanted.name := schedule.name;
  wanted.task_name := schedule.task_name;
  wanted.payload := schedule.payload;
  wanted.cron_expression := schedule.cron_expression;
  wanted.run_at := schedule.run_at;
  wanted.timezone := schedule.timezone;
  wanted.starts_at := schedule.starts_at;
  wanted.ends_at := schedule.ends_at;
  wanted.max_runs := schedule.max_runs;
  wanted.overlap_policy := schedule.overlap_policy;
  wanted.catch_up := schedule.catch_up;
  wanted.priority := schedule.priority;
  wanted.queue_name := schedule.queue_name;
  wanted.max_attempts := schedule.max_attempts;
  wanted.description := schedule.description;
  wanted.category := schedule.category;
  wanted.tags := schedule.tags;
  loop
    select * into found_row from pgbeat.schedules s where s.name = schedule.name;
    wanted.every := pgbeat.as_spelled(schedule.every, found_row.every);
    wanted.jitter := pgbeat.as_spelled(schedule.jitter, found_row.jitter);
    wanted.catch_up_window := pgbeat.as_spelled(schedule.catch_up_window, found_row.catch_up_window);
    wanted.retry_delay := pgbeat.as_spelled(schedule.retry_delay, found_row.retry_delay);
    wanted.timeout := pgbeat.as_spelled(schedule.timeout, found_row.timeout);
    -- A pause is an operator's, and so is its note.
    wanted.enabled := coalesce(schedule.enabled, found_row.enabled, true);
    wanted.pause_note := coalesce(schedule.pause_note, case when not wanted.enabled then found_row.pause_note end);

    if found_row.id is null and tries < 10 then
      insert into pgbeat.schedules (name, task_name, payload, cron_expression, every, run_at, timezone, enabled, starts_at,
        ends_at, max_runs, jitter, overlap_policy, catch_up, catch_up_window, priority, queue_name, max_attempts,
        retry_delay, timeout, description, category, tags, pause_note)
      values (wanted.name, wanted.task_name, wanted.payload, wanted.cron_expression, wanted.every, wanted.run_at,
        wanted.timezone, wanted.enabled, wanted.starts_at, wanted.ends_at, wanted.max_runs, wanted.jitter,
        wanted.overlap_policy, wanted.catch_up, wanted.catch_up_window, wanted.priority, wanted.queue_name,
        wanted.max_attempts, wanted.retry_delay, wanted.timeout, wanted.description, wanted.category, wanted.tags,
        wanted.pause_note)
      on conflict on constraint schedules_name_key do nothing
      returning id into new_id;
      if new_id is not null then
        return new_id;
      end if;
      tries := tries + 1;
    elsif found_row.id is null then
      -- Nothing but row-level security hides a row for so long.
      raise exception using
        errcode = 'unique_violation', schema = 'pgbeat', table = 'schedules', column = 'name',
        constraint = 'schedules_name_key', message = format('the name %L is taken', schedule.name),
        hint = 'Names are unique among all owners; let yours begin with what is yours.';
    elsif pgbeat.editable(found_row) = pgbeat.editable(wanted) then
      return found_row.id;
    elsif locked_id is distinct from found_row.id then
      select s.id into locked_id from pgbeat.schedules s where s.id = found_row.id for no key update;
    else
      update pgbeat.schedules s set
        task_name = wanted.task_name, payload = wanted.payload, cron_expression = wanted.cron_expression,
        every = wanted.every, run_at = wanted.run_at, timezone = wanted.timezone, enabled = wanted.enabled,
        starts_at = wanted.starts_at, ends_at = wanted.ends_at, max_runs = wanted.max_runs, jitter = wanted.jitter,
        overlap_policy = wanted.overlap_policy, catch_up = wanted.catch_up, catch_up_window = wanted.catch_up_window,
        priority = wanted.priority, queue_name = wanted.queue_name, max_attempts = wanted.max_attempts,
        retry_delay = wanted.retry_delay, timeout = wanted.timeout, description = wanted.description,
        category = wanted.category, tags = wanted.tags, pause_note = wanted.pause_note
      where s.id = found_row.id;
      return found_row.id;
    end if;
  end loop;
end $$;
comment on function pgbeat.schedule is 'Has a schedule with this name be as given; answers its id. What is left out becomes what an INSERT makes of it, except enabled and pause_note: a pause stays until enabled is given. Given what is there already it writes nothing, so every replica may call it whenever it starts';

comment on column pgbeat.schedules.name is 'Unique, at most 200 characters; generated when an INSERT leaves it out';

create function pgbeat.unschedule(name text) returns boolean
language plpgsql set search_path to pg_catalog, pg_temp as $$
begin
  delete from pgbeat.schedules s where s.name = unschedule.name;
  return found;
end $$;
comment on function pgbeat.unschedule is 'Deletes the schedule with this name; its runs stay. False when there is none, so it may be repeated';

-- Further instants of a cron expression are croner's to say: GET /schedules/{id}/preview.
create view pgbeat.upcoming as
select
  s.id as schedule_id,
  s.name as schedule_name,
  s.task_name,
  s.next_run_at,
  -- The server may have lost the zone since it was checked.
  case when pgbeat.is_time_zone(s.timezone) then s.next_run_at at time zone s.timezone end as local_time,
  s.timezone,
  extract(epoch from s.next_run_at - clock.now)::float8 as seconds_until,
  case
    when s.run_at is not null or s.max_runs - s.run_count <= 1 then '{}'
    when s.every is not null then array(
      select following.at
      from generate_series(1, least(4, s.max_runs - s.run_count - 1)::integer) n,
        lateral (select s.next_run_at + make_interval(secs => n * extract(epoch from s.every)::float8) as at) following
      where s.ends_at is null or following.at <= s.ends_at
      order by n)
  end as following
-- Among the columns it would keep the planner from taking the index that has the order.
from pgbeat.schedules s, (select pgbeat.clock() as now) clock
where s.enabled and s.next_run_at is not null and s.next_run_at < 'infinity' and s.error is null;
comment on view pgbeat.upcoming is 'What will fire next, for each schedule that is enabled and planned; order by next_run_at limit 20 is quick however many there are';
comment on column pgbeat.upcoming.schedule_id is 'The schedule';
comment on column pgbeat.upcoming.schedule_name is 'Its name';
comment on column pgbeat.upcoming.task_name is 'Its task';
comment on column pgbeat.upcoming.next_run_at is 'The next nominal instant; with jitter the start is later';
comment on column pgbeat.upcoming.local_time is 'The same as clocks in the schedule''s zone show it; null when the server does not know the zone any more';
comment on column pgbeat.upcoming.timezone is 'That zone';
comment on column pgbeat.upcoming.seconds_until is 'How long until then by pgbeat.clock(); negative = it is due and not fired yet';
comment on column pgbeat.upcoming.following is 'Up to 4 instants after it, where they follow by arithmetic: of every, as far as ends_at and max_runs let them (what is skipped does not count towards max_runs); none after run_at. Null for a cron expression, for only the leader reads those: GET /schedules/{id}/preview';

create view pgbeat.schedule_status as
select
  s.id as schedule_id,
  s.name as schedule_name,
  s.task_name,
  case
    when not s.enabled then 'paused'
    when s.error is not null then 'invalid'
    when s.next_run_at = 'infinity' then 'finished'
    else 'enabled'
  end as state,
  case when not s.enabled then s.pause_note else s.error end as note,
  nullif(s.next_run_at, 'infinity') as next_run_at,
  coalesce(active.runs, 0) as active_runs,
  latest.id as last_run_id,
  latest.status as last_status,
  latest.reason as last_reason,
  latest.scheduled_for as last_scheduled_for,
  latest.started_at as last_started_at,
  latest.finished_at as last_finished_at,
  recent.last_success_at,
  recent.consecutive_failures
from pgbeat.schedules s
left join lateral (
  select r.id, r.status, r.reason, r.scheduled_for, r.started_at, r.finished_at
  from pgbeat.runs r where r.schedule_id = s.id
  order by r.scheduled_for desc limit 1
) latest on true
left join lateral (
  select max(ended.finished_at) filter (where ended.status = 'succeeded') as last_success_at,
    count(*) filter (where ended.status = 'failed' and ended.successes = 0) as consecutive_failures
  from (
    select r.status, r.finished_at,
      count(*) filter (where r.status = 'succeeded') over (order by r.scheduled_for desc) as successes
    from (
      select r.scheduled_for, r.status, r.finished_at
      from pgbeat.runs r where r.schedule_id = s.id
      order by r.scheduled_for desc limit 100
    ) r
  ) ended
) recent on true
left join lateral (
  select count(*) as runs
  from pgbeat.runs r
  where r.schedule_id = s.id and r.status in ('waiting', 'queued', 'running', 'retrying')
) active on true;
comment on view pgbeat.schedule_status is 'How each schedule is getting on. Ask for some of them, by schedule_id or schedule_name or with a limit: each takes a few steps into indexes';
comment on column pgbeat.schedule_status.schedule_id is 'The schedule';
comment on column pgbeat.schedule_status.schedule_name is 'Its name';
comment on column pgbeat.schedule_status.task_name is 'Its task';
comment on column pgbeat.schedule_status.state is 'paused; invalid: it can''t be planned; finished: it never fires again; or else enabled';
comment on column pgbeat.schedule_status.note is 'Why it is paused or invalid';
comment on column pgbeat.schedule_status.next_run_at is 'The next nominal instant; null = none, or not planned yet';
comment on column pgbeat.schedule_status.active_runs is 'How many of its runs are waiting, queued, running or between attempts';
comment on column pgbeat.schedule_status.last_run_id is 'The run of its latest instant, manual ones included; null = none that is kept';
comment on column pgbeat.schedule_status.last_status is 'The status of that run; it may be skipped or missed';
comment on column pgbeat.schedule_status.last_reason is 'The reason of that status';
comment on column pgbeat.schedule_status.last_scheduled_for is 'The instant of that run';
comment on column pgbeat.schedule_status.last_started_at is 'When that run began';
comment on column pgbeat.schedule_status.last_finished_at is 'When that run ended';
comment on column pgbeat.schedule_status.last_success_at is 'When a run last succeeded, of its latest 100; null = none of them';
comment on column pgbeat.schedule_status.consecutive_failures is 'How many have failed since the latest instant that succeeded, of its latest 100; what was skipped, missed or cancelled is neither';

create view pgbeat.lateness as
select
  s.id as schedule_id,
  s.name as schedule_name,
  measured.*
from pgbeat.schedules s,
lateral (
  select
    date_trunc('hour', r.scheduled_for, 'UTC') as hour,
    count(*) as runs,
    percentile_cont(0.5) within group (order by r.lateness) as lateness_p50_seconds,
    percentile_cont(0.99) within group (order by r.lateness) as lateness_p99_seconds,
    max(r.lateness) as lateness_max_seconds,
    percentile_cont(0.5) within group (order by r.fire_delay) as fire_delay_p50_seconds,
    percentile_cont(0.99) within group (order by r.fire_delay) as fire_delay_p99_seconds,
    max(r.fire_delay) as fire_delay_max_seconds,
    percentile_cont(0.5) within group (order by r.queue_delay) as queue_delay_p50_seconds,
    percentile_cont(0.99) within group (order by r.queue_delay) as queue_delay_p99_seconds,
    max(r.queue_delay) as queue_delay_max_seconds
  from (
    select runs.scheduled_for,
      extract(epoch from runs.started_at - runs.scheduled_for)::float8 as lateness,
      extract(epoch from runs.queued_at - runs.scheduled_for)::float8 as fire_delay,
      extract(epoch from runs.started_at - runs.queued_at)::float8 as queue_delay
    from pgbeat.runs
    where runs.schedule_id = s.id and runs.origin = 'schedule' and runs.started_at is not null
      and runs.scheduled_for >= date_trunc('hour', now(), 'UTC') - interval '23 hours'
  ) r
  group by 1
) measured;
comment on view pgbeat.lateness is 'How late the runs of each schedule began, by the hour of their instant, in this hour and the 23 before it: what was fired by the timetable and has begun. Ask for one schedule, or expect to wait: all runs of a day are read. pgbeat.minutes has all schedules together, for 30 days';
comment on column pgbeat.lateness.schedule_id is 'The schedule';
comment on column pgbeat.lateness.schedule_name is 'Its name';
comment on column pgbeat.lateness.hour is 'The hour (UTC) in which the instants lie; its beginning';
comment on column pgbeat.lateness.runs is 'How many runs that is';
comment on column pgbeat.lateness.lateness_p50_seconds is 'Half of them began no later than this after their instants (started_at - scheduled_for)';
comment on column pgbeat.lateness.lateness_p99_seconds is 'The same for 99 of 100';
comment on column pgbeat.lateness.lateness_max_seconds is 'The latest of them';
comment on column pgbeat.lateness.fire_delay_p50_seconds is 'The part of the lateness until they were queued (queued_at - scheduled_for)';
comment on column pgbeat.lateness.fire_delay_p99_seconds is 'The same for 99 of 100';
comment on column pgbeat.lateness.fire_delay_max_seconds is 'The longest of them';
comment on column pgbeat.lateness.queue_delay_p50_seconds is 'The part of the lateness from then on (started_at - queued_at): jitter, and waiting for a worker';
comment on column pgbeat.lateness.queue_delay_p99_seconds is 'The same for 99 of 100';
comment on column pgbeat.lateness.queue_delay_max_seconds is 'The longest of them';

-- What the table says of a column the view says too; the counts are its own.
do $$
declare
  said record;
begin
  for said in
    select a.attname as name, col_description(a.attrelid, a.attnum) as words
    from pg_attribute a join pg_attribute v on v.attname = a.attname and v.attrelid = 'pgbeat.backfill_status'::regclass
    where a.attrelid = 'pgbeat.backfills'::regclass and a.attnum > 0
  loop
    execute format('comment on column pgbeat.backfill_status.%I is %L', said.name, said.words);
  end loop;
end $$;
comment on column pgbeat.backfill_status.instants is 'How many instants of the timetable it has';
comment on column pgbeat.backfill_status.chosen is 'How many of them are to run';
comment on column pgbeat.backfill_status.remaining is 'How many of these it has not begun';
comment on column pgbeat.backfill_status.queued is 'How many of its runs are waiting, queued or between attempts';
comment on column pgbeat.backfill_status.running is 'How many of its runs are running';
comment on column pgbeat.backfill_status.succeeded is 'How many of its runs succeeded';
comment on column pgbeat.backfill_status.failed is 'How many of its runs failed';
comment on column pgbeat.backfill_status.cancelled is 'How many of its runs were cancelled';
comment on column pgbeat.backfill_status.taken_over is 'How many of its runs a later backfill has run again';
