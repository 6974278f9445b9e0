-- How long to wait before trying again depends on what is tried: each schedule may say it. It goes the way of timeout, so
-- a run keeps what it was fired with.

alter table pgbeat.schedules add column retry_delay interval;
alter table pgbeat.runs add column retry_delay interval;
comment on column pgbeat.schedules.retry_delay is
  'The pause before the second attempt, at most a day; later ones are each 3 times as long, up to 15 minutes, or to this if it is longer; null = 5 s';
comment on column pgbeat.runs.retry_delay is 'The pause before its second attempt, from which later ones grow; null = 5 s';

-- The functions as before, and they know the column. A name that is left out is made from the whole id: of the first eight
-- digits, 5,200 rows shared one now and then, and 100,000 more often than not.

create or replace function pgbeat.before_schedule_write() returns trigger
language plpgsql as $$
declare
  everything constant text[] := '{name,task_name,payload,cron_expression,every,run_at,timezone,enabled,starts_at,ends_at,max_runs,jitter,overlap_policy,catch_up,catch_up_window,priority,queue_name,max_attempts,retry_delay,timeout,description,category,tags,pause_note}';
  timetable constant text[] := '{cron_expression,every,run_at,timezone,starts_at}';
  limits constant text[] := '{ends_at,max_runs}';
  moment constant timestamptz := case tg_op when 'INSERT' then pgbeat.transaction_clock() else pgbeat.clock() end;
  changed text[];
  problem pgbeat.problem;
begin
  if tg_op = 'INSERT' then
    new.id := coalesce(new.id, gen_random_uuid());
    new.name := coalesce(new.name, new.task_name || '-' || new.id);
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

create or replace function pgbeat.schedule_problem(schedule pgbeat.schedules, changed text[]) returns pgbeat.problem
language plpgsql stable as $$
declare
  cron_problem text;
  column_name text;
  earliest constant timestamptz := '1970-01-01 00:00+00';
  latest constant timestamptz := '9999-01-01 00:00+00';
  longest constant interval := '36525 days';
begin
  if 'name' = any(changed) then
    if schedule.name !~ '^\S(.{0,198}\S)?$' or schedule.name ~ '[[:cntrl:]]' then
      return row('name', 'name must have 1 to 200 characters, without control characters or blanks around it',
        'Leave it out to have one generated.')::pgbeat.problem;
    elsif schedule.name ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
      return row('name', 'name must not look like an id', 'Schedules are found by id or by name.')::pgbeat.problem;
    end if;
  end if;

  if 'task_name' = any(changed) and not exists (select from pgbeat.tasks where tasks.name = schedule.task_name) then
    return row('task_name', format('no task is called %s', quote_literal(schedule.task_name)),
      coalesce('Known tasks: ' || (select string_agg(tasks.name, ', ' order by tasks.name) from pgbeat.tasks),
        'No worker has published a task yet') || '. A task is known once a worker that has it was started.')::pgbeat.problem;
  end if;

  if changed && '{cron_expression,every,run_at}' then
    case num_nonnulls(schedule.cron_expression, schedule.every, schedule.run_at)
      when 1 then null;
      when 0 then
        return row('cron_expression', 'a schedule needs a timetable',
          'Set one of cron_expression, every and run_at.')::pgbeat.problem;
      else
        return row(case when schedule.every is null then 'run_at' else 'every' end,
          'a schedule has one timetable', 'Set only one of cron_expression, every and run_at.')::pgbeat.problem;
    end case;
  end if;
  if 'cron_expression' = any(changed) and schedule.cron_expression is not null then
    cron_problem := pgbeat.cron_problem(schedule.cron_expression);
    if cron_problem is not null then
      return row('cron_expression', cron_problem,
        'minute hour day-of-month month day-of-week, e.g. 30 9 * * 1-5; 6 fields start with seconds, 7 end with a year.')::pgbeat.problem;
    end if;
  end if;
  if 'timezone' = any(changed) and not pgbeat.is_time_zone(schedule.timezone) then
    return row('timezone', format('no time zone is called %s', quote_literal(schedule.timezone)),
      'Use an IANA name such as Asia/Tokyo or UTC; pg_timezone_names lists them.')::pgbeat.problem;
  end if;

  if changed && '{run_at,starts_at,ends_at}' then
    column_name := case
      when schedule.run_at not between earliest and latest then 'run_at'
      when schedule.starts_at not between earliest and latest then 'starts_at'
      when schedule.ends_at not between earliest and latest then 'ends_at' end;
    if column_name is not null then
      return row(column_name, format('%s must be an instant from 1970 to 9999', column_name),
        case column_name when 'run_at' then 'For example now() + interval ''1 hour''.'
          else 'Leave it null for no bound.' end)::pgbeat.problem;
    end if;
  end if;
  if changed && '{every,jitter,timeout,catch_up_window}' then
    column_name := case
      when schedule.every > longest then 'every'
      when schedule.jitter > longest then 'jitter'
      when schedule.timeout > longest then 'timeout'
      when schedule.catch_up_window > longest then 'catch_up_window' end;
    if column_name is not null then
      return row(column_name, format('%s must be at most 100 years', column_name),
        'For example interval ''5 minutes''.')::pgbeat.problem;
    end if;
  end if;
  if 'every' = any(changed) then
    if extract(year from schedule.every) <> 0 or extract(month from schedule.every) <> 0 then
      return row('every', 'every must be a fixed duration: months and years differ in length',
        'Use a cron_expression such as 0 0 1 * *.')::pgbeat.problem;
    elsif schedule.every < interval '1 second' then
      return row('every', 'every must be at least 1 second', 'For example interval ''5 minutes''.')::pgbeat.problem;
    elsif extract(microseconds from schedule.every)::bigint % 1000 <> 0 then
      return row('every', 'every must be a whole number of milliseconds', 'For example interval ''1.5 seconds''.')::pgbeat.problem;
    end if;
  end if;
  if 'run_at' = any(changed) and schedule.run_at <= schedule.last_run_at then
    return row('run_at', 'run_at must be after the last instant that was fired',
      format('That was %s.', schedule.last_run_at))::pgbeat.problem;
  end if;
  if changed && '{starts_at,ends_at}' and schedule.ends_at < schedule.starts_at then
    return row('ends_at', 'ends_at must not be before starts_at', 'Both are inclusive.')::pgbeat.problem;
  elsif 'max_runs' = any(changed) and schedule.max_runs < 1 then
    return row('max_runs', 'max_runs must be at least 1', 'Leave it null for no limit.')::pgbeat.problem;
  elsif 'jitter' = any(changed) and schedule.jitter < interval '0' then
    return row('jitter', 'jitter must not be negative', 'For example interval ''30 seconds''.')::pgbeat.problem;
  elsif 'overlap_policy' = any(changed) and schedule.overlap_policy not in ('skip', 'queue', 'allow', 'replace') then
    return row('overlap_policy', format('overlap_policy can''t be %s', quote_literal(schedule.overlap_policy)),
      'Use skip, queue, allow or replace.')::pgbeat.problem;
  elsif 'catch_up' = any(changed) and schedule.catch_up not in ('none', 'latest', 'all') then
    return row('catch_up', format('catch_up can''t be %s', quote_literal(schedule.catch_up)),
      'Use none, latest or all.')::pgbeat.problem;
  elsif 'catch_up_window' = any(changed) and schedule.catch_up_window < interval '0' then
    return row('catch_up_window', 'catch_up_window must not be negative', 'Leave it null for no limit.')::pgbeat.problem;
  elsif 'queue_name' = any(changed) and length(schedule.queue_name) not between 1 and 128 then
    return row('queue_name', 'queue_name must have 1 to 128 characters', 'Leave it null for no queue.')::pgbeat.problem;
  elsif 'max_attempts' = any(changed) and schedule.max_attempts < 1 then
    return row('max_attempts', 'max_attempts must be at least 1', 'The first try counts.')::pgbeat.problem;
  elsif 'retry_delay' = any(changed)
      and (extract(year from schedule.retry_delay) <> 0 or extract(month from schedule.retry_delay) <> 0) then
    return row('retry_delay', 'retry_delay must be a fixed duration: months and years differ in length',
      'For example interval ''1 minute''.')::pgbeat.problem;
  elsif 'retry_delay' = any(changed)
      and (schedule.retry_delay <= interval '0' or schedule.retry_delay > interval '1 day') then
    return row('retry_delay', 'retry_delay must be longer than nothing and at most a day',
      'Leave it null for 5 seconds.')::pgbeat.problem;
  elsif 'timeout' = any(changed) and schedule.timeout <= interval '0' then
    return row('timeout', 'timeout must be longer than nothing', 'Leave it null for no limit.')::pgbeat.problem;
  elsif 'description' = any(changed) and length(schedule.description) > 10000 then
    return row('description', 'description must have at most 10000 characters',
      'Put the rest where people read it, with a link here.')::pgbeat.problem;
  elsif 'category' = any(changed) and length(schedule.category) > 200 then
    return row('category', 'category must have at most 200 characters', 'Leave it null for no category.')::pgbeat.problem;
  elsif 'tags' = any(changed) and cardinality(schedule.tags) > 100 then
    return row('tags', 'a schedule has at most 100 tags', 'For example array[''reports'', ''nightly''].')::pgbeat.problem;
  elsif 'tags' = any(changed)
      and exists (select from unnest(schedule.tags) tag where coalesce(length(tag), 0) not between 1 and 200) then
    return row('tags', 'each of the tags must have 1 to 200 characters',
      'For example array[''reports'', ''nightly''].')::pgbeat.problem;
  elsif 'pause_note' = any(changed) and length(schedule.pause_note) > 10000 then
    return row('pause_note', 'pause_note must have at most 10000 characters', 'A sentence will do.')::pgbeat.problem;
  end if;
  return null;
end $$;

create or replace function pgbeat.trigger(schedule text, payload jsonb default null) returns bigint
language plpgsql as $$
declare
  target pgbeat.schedules;
  new_run_id bigint;
  moment constant timestamptz := pgbeat.clock();
  instant timestamptz := moment;
begin
  select * into target from pgbeat.schedules where id = pgbeat.schedule_id($1);
  while new_run_id is null loop
    -- Never a whole millisecond: those are the timetables'.
    if extract(microseconds from instant)::bigint % 1000 = 0 then
      instant := instant + interval '1 microsecond';
    end if;
    insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, priority,
      queue_name, max_attempts, retry_delay, timeout, queued_at)
    values (target.id, target.name, target.task_name, coalesce($2, target.payload), instant, 'manual',
      'queued', target.priority, target.queue_name, target.max_attempts, target.retry_delay, target.timeout, moment)
    on conflict do nothing
    returning id into new_run_id;
    exit when new_run_id is not null;
    instant := instant + interval '1 microsecond';
  end loop;
  perform graphile_worker.add_job(target.task_name,
    json_build_object('run_id', new_run_id::text, 'scheduled_for', instant, 'attempt', 1),
    queue_name := target.queue_name, priority := target.priority, max_attempts := 32767);
  perform pgbeat.record_act(target.id, target.name, 'triggered',
    jsonb_build_object('run_id', jsonb_build_object('to', new_run_id::text)));
  return new_run_id;
end $$;

create or replace function pgbeat.retry(run_id bigint) returns boolean
language plpgsql as $$
declare
  run pgbeat.runs;
  target pgbeat.schedules;
  tried_before smallint;
  moment constant timestamptz := pgbeat.clock();
begin
  select * into run from pgbeat.runs where id = $1 for update;
  if not found then
    raise exception using errcode = 'no_data_found', message = format('there is no run %s', coalesce($1::text, 'null')),
      hint = 'pgbeat.runs has the ids.';
  elsif run.status not in ('succeeded', 'failed', 'cancelled', 'skipped', 'missed') then
    return false;
  elsif run.status = 'missed' and run.missed_since < run.scheduled_for then
    raise exception using
      errcode = 'invalid_parameter_value', schema = 'pgbeat', table = 'runs', column = 'status',
      message = format('run %s stands for a range of missed instants', $1),
      hint = coalesce((select format('select pgbeat.backfill(%L, %L, %L) runs each of them.',
        name, run.missed_since, run.scheduled_for) from pgbeat.schedules where id = run.schedule_id),
        'Its schedule is gone, so nobody knows them any more.');
  end if;

  -- Where an instant was only counted, nobody noted then how it would have run.
  if run.status = 'missed' then
    select * into target from pgbeat.schedules where id = run.schedule_id;
  end if;
  -- As many attempts may follow as when it was last queued.
  select coalesce(max(a.attempt), 0) into tried_before
  from pgbeat.attempts a
  where a.run_id = run.id and a.scheduled_for = run.scheduled_for and a.started_at < run.queued_at;

  insert into pgbeat.run_logs (run_id, scheduled_for, attempt, line, logged_at, level, message, fields)
  values (run.id, run.scheduled_for, run.attempt + 1, 0, moment, 'info', 'retried by ' || pgbeat.actor(),
    jsonb_strip_nulls(jsonb_build_object('status', run.status, 'reason', run.reason, 'finished_at', run.finished_at)))
  on conflict on constraint run_logs_pkey do update set
    logged_at = excluded.logged_at, message = excluded.message, fields = excluded.fields;

  update pgbeat.runs r set
    status = 'queued', queued_at = moment, reason = null, missed_since = null, missed_count = null,
    priority = coalesce(target.priority, r.priority), queue_name = coalesce(target.queue_name, r.queue_name),
    retry_delay = coalesce(target.retry_delay, r.retry_delay), timeout = coalesce(target.timeout, r.timeout),
    max_attempts = least(32767, r.attempt::integer + r.max_attempts - tried_before),
    job_id = null, node_id = null, started_at = null, finished_at = null, progress = null, result = null, error = null,
    cancel_requested_at = null, next_attempt_at = null
  where r.id = run.id and r.scheduled_for = run.scheduled_for
  returning * into run;
  perform graphile_worker.add_job(run.task_name,
    json_build_object('run_id', run.id::text, 'scheduled_for', run.scheduled_for, 'attempt', run.attempt + 1),
    queue_name := run.queue_name, priority := run.priority, max_attempts := 32767);
  perform pgbeat.record_act(run.schedule_id, run.schedule_name, 'retried',
    jsonb_build_object('run_id', jsonb_build_object('to', run.id::text)));
  return true;
end $$;

create or replace trigger before_write
  before insert
  or update of id, name, task_name, payload, cron_expression, every, run_at, timezone, enabled, starts_at, ends_at,
    max_runs, jitter, overlap_policy, catch_up, catch_up_window, priority, queue_name, max_attempts, retry_delay, timeout,
    description, category, tags, pause_note, paused_at, active_since, timetable_since, revision, created_at, updated_at, updated_by
  on pgbeat.schedules
  for each row execute function pgbeat.before_schedule_write();
create or replace trigger after_update_row
  after update of name, task_name, payload, cron_expression, every, run_at, timezone, enabled, starts_at, ends_at,
    max_runs, jitter, overlap_policy, catch_up, catch_up_window, priority, queue_name, max_attempts, retry_delay, timeout,
    description, category, tags, pause_note
  on pgbeat.schedules
  for each row when (old.revision <> new.revision) execute function pgbeat.after_schedule_update();
create or replace trigger after_update
  after update of name, task_name, payload, cron_expression, every, run_at, timezone, enabled, starts_at, ends_at,
    max_runs, jitter, overlap_policy, catch_up, catch_up_window, priority, queue_name, max_attempts, retry_delay, timeout,
    description, category, tags, pause_note
  on pgbeat.schedules
  for each statement execute function pgbeat.after_schedules_update();
create or replace trigger search_after_update
  after update of name, task_name, payload, cron_expression, every, run_at, timezone, enabled, starts_at, ends_at,
    max_runs, jitter, overlap_policy, catch_up, catch_up_window, priority, queue_name, max_attempts, retry_delay, timeout,
    description, category, tags, pause_note
  on pgbeat.schedules
  for each row when (old.revision <> new.revision) execute function pgbeat.change_in_schedule_search();
