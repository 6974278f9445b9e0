create table pgbeat.schedules (
  id uuid primary key default gen_random_uuid(),
  name text not null constraint schedules_name_key unique,
  task_name text not null,
  payload jsonb not null default '{}',

  cron_expression text,
  every interval,
  run_at timestamptz,
  timezone text not null default 'UTC',
  enabled boolean not null default true,
  starts_at timestamptz,
  ends_at timestamptz,
  max_runs integer,
  jitter interval,

  overlap_policy text not null default 'skip',
  catch_up text not null default 'latest',
  catch_up_window interval,
  priority smallint not null default 0,
  queue_name text,
  max_attempts smallint not null default 3,
  timeout interval,

  description text,
  category text,
  tags text[] not null default '{}',
  pause_note text,

  next_run_at timestamptz,
  last_run_at timestamptz,
  run_count bigint not null default 0,
  error text,
  active_since timestamptz not null default now(),
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  updated_by text not null default session_user,

  constraint schedules_one_timetable check (num_nonnulls(cron_expression, every, run_at) = 1)
);

-- What the tick asks for: the earliest due rows, and the rows that nobody has planned yet. Neither depends on how many
-- schedules there are, only on how many are due or new.
create index schedules_due on pgbeat.schedules (next_run_at) where enabled and next_run_at is not null;
create index schedules_unplanned on pgbeat.schedules (id) where enabled and next_run_at is null and error is null;

comment on table pgbeat.schedules is 'When + task + payload + policies. Minimal: insert into pgbeat.schedules (name, task_name, cron_expression) values (…)';
comment on column pgbeat.schedules.id is 'Identity; generated';
comment on column pgbeat.schedules.name is 'Unique, at most 200 characters; generated when left out';
comment on column pgbeat.schedules.task_name is 'The task to run; must be in pgbeat.tasks';
comment on column pgbeat.schedules.payload is 'What the task is given';
comment on column pgbeat.schedules.cron_expression is 'Timetable, first kind: 5 fields, 6 (seconds first) or 7 (a year last), or @hourly and its kin; read in timezone';
comment on column pgbeat.schedules.every is 'Timetable, second kind: a fixed interval, 1 s or more, counted from starts_at or else created_at; a day is 24 hours';
comment on column pgbeat.schedules.run_at is 'Timetable, third kind: once';
comment on column pgbeat.schedules.timezone is 'IANA name of the zone that the cron expression is read in';
comment on column pgbeat.schedules.enabled is 'false = paused: nothing fires, and nothing of the paused stretch is caught up later';
comment on column pgbeat.schedules.starts_at is 'No instant before this one; inclusive';
comment on column pgbeat.schedules.ends_at is 'No instant after this one; inclusive';
comment on column pgbeat.schedules.max_runs is 'How often it fires before it is finished; null = without end';
comment on column pgbeat.schedules.jitter is 'Start up to this much later than the nominal instant; the same every time for one schedule and instant, never past the next instant; to about a second';
comment on column pgbeat.schedules.overlap_policy is 'When the previous run is still active: skip this one, queue it behind, or allow both';
comment on column pgbeat.schedules.catch_up is 'What to do about instants that passed while nothing could fire them (more than a minute late): none, latest or all of them';
comment on column pgbeat.schedules.catch_up_window is 'Only instants at most this old are caught up; null = any';
comment on column pgbeat.schedules.priority is 'Smaller runs first';
comment on column pgbeat.schedules.queue_name is 'Runs with the same queue name run one after the other';
comment on column pgbeat.schedules.max_attempts is 'How often a run is tried, the first time included';
comment on column pgbeat.schedules.timeout is 'How long one attempt may take; null = without limit';
comment on column pgbeat.schedules.description is 'For people';
comment on column pgbeat.schedules.category is 'For people and filters';
comment on column pgbeat.schedules.tags is 'For people and filters';
comment on column pgbeat.schedules.pause_note is 'Why it is paused';
comment on column pgbeat.schedules.next_run_at is 'Kept by the system: the next nominal instant; null = not planned (paused, in error, or about to be planned); infinity = finished';
comment on column pgbeat.schedules.last_run_at is 'Kept by the system: the latest instant that is accounted for in runs';
comment on column pgbeat.schedules.run_count is 'Kept by the system: how often it fired';
comment on column pgbeat.schedules.error is 'Kept by the system: why it can''t be planned; cleared by the next edit';
comment on column pgbeat.schedules.active_since is 'Kept by the system: since when this timetable holds; no instant before it is due';
comment on column pgbeat.schedules.revision is 'Kept by the system: counts the edits';
comment on column pgbeat.schedules.created_at is 'When it was inserted';
comment on column pgbeat.schedules.updated_at is 'When it was last edited';
comment on column pgbeat.schedules.updated_by is 'Who did that: the setting pgbeat.actor, or else the database user';

create type pgbeat.problem as (column_name text, message text, hint text);
comment on type pgbeat.problem is 'What is wrong with a row: the column, why, and a way out';

create function pgbeat.schedule_problem(schedule pgbeat.schedules, changed text[]) returns pgbeat.problem
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
  if changed && '{starts_at,ends_at}' and schedule.ends_at < schedule.starts_at then
    return row('ends_at', 'ends_at must not be before starts_at', 'Both are inclusive.')::pgbeat.problem;
  elsif 'max_runs' = any(changed) and schedule.max_runs < 1 then
    return row('max_runs', 'max_runs must be at least 1', 'Leave it null for no limit.')::pgbeat.problem;
  elsif 'jitter' = any(changed) and schedule.jitter < interval '0' then
    return row('jitter', 'jitter must not be negative', 'For example interval ''30 seconds''.')::pgbeat.problem;
  elsif 'overlap_policy' = any(changed) and schedule.overlap_policy not in ('skip', 'queue', 'allow') then
    return row('overlap_policy', format('overlap_policy can''t be %s', quote_literal(schedule.overlap_policy)),
      'Use skip, queue or allow.')::pgbeat.problem;
  elsif 'catch_up' = any(changed) and schedule.catch_up not in ('none', 'latest', 'all') then
    return row('catch_up', format('catch_up can''t be %s', quote_literal(schedule.catch_up)),
      'Use none, latest or all.')::pgbeat.problem;
  elsif 'catch_up_window' = any(changed) and schedule.catch_up_window < interval '0' then
    return row('catch_up_window', 'catch_up_window must not be negative', 'Leave it null for no limit.')::pgbeat.problem;
  elsif 'queue_name' = any(changed) and length(schedule.queue_name) not between 1 and 128 then
    return row('queue_name', 'queue_name must have 1 to 128 characters', 'Leave it null for no queue.')::pgbeat.problem;
  elsif 'max_attempts' = any(changed) and schedule.max_attempts < 1 then
    return row('max_attempts', 'max_attempts must be at least 1', 'The first try counts.')::pgbeat.problem;
  elsif 'timeout' = any(changed) and schedule.timeout <= interval '0' then
    return row('timeout', 'timeout must be longer than nothing', 'Leave it null for no limit.')::pgbeat.problem;
  end if;
  return null;
end $$;
comment on function pgbeat.schedule_problem(pgbeat.schedules, text[]) is 'Why a schedule can''t be right, or null; looks at the columns that changed, so that what has become wrong meanwhile can still be paused or renamed';

create function pgbeat.actor() returns text
language sql stable as $$
  select coalesce(nullif(current_setting('pgbeat.actor', true), ''), session_user::text)
$$;
comment on function pgbeat.actor() is 'Who is changing schedules: the setting pgbeat.actor (the HTTP API sets it), or else the database user';

-- In one style, whatever the session is set to: the result is kept in schedule_events.
create function pgbeat.editable(schedule pgbeat.schedules) returns jsonb
language sql stable
set intervalstyle = 'iso_8601' set datestyle = 'ISO' set timezone = 'UTC'
as $$
  select to_jsonb(schedule)
    - '{id,next_run_at,last_run_at,run_count,error,active_since,revision,created_at,updated_at,updated_by}'::text[]
$$;
comment on function pgbeat.editable(pgbeat.schedules) is 'The columns that people edit, as JSON';

create function pgbeat.before_schedule_write() returns trigger
language plpgsql as $$
declare
  everything constant text[] := '{name,task_name,payload,cron_expression,every,run_at,timezone,enabled,starts_at,ends_at,max_runs,jitter,overlap_policy,catch_up,catch_up_window,priority,queue_name,max_attempts,timeout,description,category,tags,pause_note}';
  changed text[];
  problem pgbeat.problem;
begin
  if tg_op = 'INSERT' then
    new.id := coalesce(new.id, gen_random_uuid());
    new.name := coalesce(new.name, new.task_name || '-' || left(new.id::text, 8));
    changed := everything;
    -- run_at may be now(), or a moment ago: it is due all the same.
    new.active_since := least(now(), new.run_at);
    new.next_run_at := null;
    new.last_run_at := null;
    new.run_count := 0;
    new.revision := 1;
    new.created_at := now();
    new.updated_at := now();
  else
    new.id := old.id;
    new.active_since := old.active_since;
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
    if changed && '{cron_expression,every,run_at,timezone,starts_at}' or (new.enabled and not old.enabled) then
      -- Another timetable, or a pause that is over: what was before is not caught up.
      new.active_since := case when 'run_at' = any(changed) then least(clock_timestamp(), new.run_at)
        else clock_timestamp() end;
    end if;
    if changed && '{cron_expression,every,run_at,timezone,enabled,starts_at,ends_at,max_runs}' then
      new.next_run_at := null;
    end if;
    if new.enabled and not old.enabled then
      new.pause_note := null;
    end if;
    new.revision := old.revision + 1;
    new.updated_at := clock_timestamp();
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
comment on function pgbeat.before_schedule_write() is 'Checks a schedule and sets the columns that the system keeps, whatever the statement says of them. An edit of the timetable is planned anew; an edit that changes nothing is none';

-- Updates only fire it for the columns that people edit and not for those that the tick advances, so that a fire costs
-- no trigger.
create trigger before_write
  before insert
  or update of id, name, task_name, payload, cron_expression, every, run_at, timezone, enabled, starts_at, ends_at,
    max_runs, jitter, overlap_policy, catch_up, catch_up_window, priority, queue_name, max_attempts, timeout,
    description, category, tags, pause_note, active_since, revision, created_at, updated_at, updated_by
  on pgbeat.schedules
  for each row execute function pgbeat.before_schedule_write();
