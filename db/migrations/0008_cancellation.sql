-- A run that is under way can't be ended by a statement: the worker that executes it has to end it. So a cancellation is
-- written down, the worker is told (and asks by itself, should the NOTIFY be lost), and it closes the attempt. A run that
-- nobody executes is over at once; its job, when it is delivered, finds that out and ends without a trace.
--
-- The overlap policy `replace` is a cancellation too: the run that is replaced is cancelled, and the new one waits for it.

alter table pgbeat.runs
  add column cancel_requested_at timestamptz,
  add column next_attempt_at timestamptz,
  add column clock_change text check (clock_change in ('moved', 'merged', 'doubled'));
comment on column pgbeat.runs.cancel_requested_at is 'When it was cancelled; a running one goes on until its worker has ended it';
comment on column pgbeat.runs.next_attempt_at is 'Queued or retrying: not before this, for there is jitter or a pause between attempts; null = at once';
comment on column pgbeat.runs.clock_change is 'What a clock change did to its local time. moved: skipped, so it fires at the first instant after the gap. merged: it comes twice, and only the first fires. doubled: it comes twice, and both fire';
comment on column pgbeat.runs.reason is 'Why nothing ran (overlap, replaced, catch_up_none, catch_up_latest, outside_window, paused, edited, deleted), or a word on how it ended (partial, timeout, cancelled, replaced, …)';

-- A schedule may have many runs that wait; what is asked about those under way must not depend on how many.
drop index pgbeat.runs_active;
create index runs_under_way on pgbeat.runs (schedule_id) where status in ('queued', 'running', 'retrying');

create function pgbeat.cancel_runs(ids bigint[], why text) returns setof bigint
language plpgsql as $$
declare
  moment constant timestamptz := pgbeat.clock();
begin
  return query
    update pgbeat.runs set
      status = case status when 'running' then status else 'cancelled' end,
      finished_at = case status when 'running' then finished_at else moment end,
      cancel_requested_at = coalesce(cancel_requested_at, moment),
      reason = why,
      next_attempt_at = null
    where id = any(ids) and (status in ('waiting', 'queued', 'retrying') or status = 'running' and cancel_requested_at is null)
    returning id;
  if found then
    perform pg_notify('pgbeat_cancellations', '');
    perform pg_notify('pgbeat_schedules', 'cancel');
  end if;
end $$;
comment on function pgbeat.cancel_runs(bigint[], text) is 'Cancels runs that are not over, with a reason; answers which. What is running ends as soon as its worker has heard of it';

create function pgbeat.cancel(run_id bigint) returns boolean
language sql as $$
  select exists (select from pgbeat.cancel_runs(array[run_id], 'cancelled'))
$$;
comment on function pgbeat.cancel(bigint) is 'Cancels a run; false when it is over or cancelled already, or when there is none';

-- As before, with one more overlap policy.
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
  elsif 'timeout' = any(changed) and schedule.timeout <= interval '0' then
    return row('timeout', 'timeout must be longer than nothing', 'Leave it null for no limit.')::pgbeat.problem;
  end if;
  return null;
end $$;
