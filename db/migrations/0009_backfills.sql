-- A backfill runs instants of the past that an operator asks for. The leader lists them (only croner knows which they
-- are) with what the ledger has for each; that list is the dry run. Once the backfill runs, the leader takes one after the
-- other from the list, at most max_active at once, and begins none beside a live run of the schedule unless its overlap
-- policy allows that. Live runs take no notice of it.
--
-- An instant keeps its one row in `runs`: a run that is made again takes over the row of the instant, and goes on counting
-- its attempts. A missed row that covers a range gives way to a row for each instant that is asked for.

create table pgbeat.backfills (
  id bigint generated always as identity primary key,
  schedule_id uuid not null,
  schedule_name text not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  which text not null default 'missing' check (which in ('missing', 'failed', 'all')),
  max_active integer not null default 1 check (max_active between 1 and 1000),
  payload jsonb,
  dry_run boolean not null default false,
  status text not null default 'listing' check (status in
    ('listing', 'listed', 'running', 'completed', 'cancelled', 'failed')),
  listed_until timestamptz,
  error text,
  created_at timestamptz not null default clock_timestamp(),
  created_by text not null default session_user,
  finished_at timestamptz
);
create index backfills_open on pgbeat.backfills (id) where status in ('listing', 'running');
create index backfills_by_schedule on pgbeat.backfills (schedule_id, id desc);
comment on table pgbeat.backfills is 'Requests to run a past range of a schedule: select pgbeat.backfill(…)';
comment on column pgbeat.backfills.id is 'Grows with every backfill';
comment on column pgbeat.backfills.schedule_id is 'The schedule; it may be gone';
comment on column pgbeat.backfills.schedule_name is 'Its name then';
comment on column pgbeat.backfills.starts_at is 'No instant before this one; inclusive';
comment on column pgbeat.backfills.ends_at is 'No instant after this one; inclusive';
comment on column pgbeat.backfills.which is 'missing: instants that never ran (no run, missed, skipped); failed: those whose run failed; all: every instant whose run is not under way';
comment on column pgbeat.backfills.max_active is 'How many of its runs may be under way at once';
comment on column pgbeat.backfills.payload is 'What its runs are given; null = the schedule''s payload';
comment on column pgbeat.backfills.dry_run is 'Stop when the instants are listed, and wait for start_backfill';
comment on column pgbeat.backfills.status is 'listing (the leader lists the instants), listed (a dry run), running, completed, cancelled, failed (see error)';
comment on column pgbeat.backfills.listed_until is 'The last instant that is listed so far';
comment on column pgbeat.backfills.error is 'Why it can''t be run';
comment on column pgbeat.backfills.created_at is 'When it was asked for';
comment on column pgbeat.backfills.created_by is 'Who asked: the setting pgbeat.actor, or else the database user';
comment on column pgbeat.backfills.finished_at is 'When it was completed, cancelled or failed';

create table pgbeat.backfill_instants (
  backfill_id bigint not null references pgbeat.backfills on delete cascade,
  scheduled_for timestamptz not null,
  found text,
  clock_change text,
  chosen boolean not null,
  run_id bigint,
  primary key (backfill_id, scheduled_for)
);
create index backfill_instants_left on pgbeat.backfill_instants (backfill_id, scheduled_for) where chosen and run_id is null;
comment on table pgbeat.backfill_instants is 'The instants of each backfill: what the ledger had for them, and what became of them';
comment on column pgbeat.backfill_instants.backfill_id is 'The backfill';
comment on column pgbeat.backfill_instants.scheduled_for is 'The instant';
comment on column pgbeat.backfill_instants.found is 'The status of the run that the ledger had for it; null = none';
comment on column pgbeat.backfill_instants.clock_change is 'What a clock change does to it, as in runs';
comment on column pgbeat.backfill_instants.chosen is 'Whether it is to run';
comment on column pgbeat.backfill_instants.run_id is 'The run that the backfill made of it; null until then';

alter table pgbeat.runs add column backfill_id bigint;
create index runs_backfill on pgbeat.runs (backfill_id) where backfill_id is not null;
create index runs_missed on pgbeat.runs (schedule_id, scheduled_for) where status = 'missed';
comment on column pgbeat.runs.backfill_id is 'The backfill that made it run';

create function pgbeat.backfill_problem(starts_at timestamptz, ends_at timestamptz, which text, max_active integer)
returns pgbeat.problem
language sql stable as $$
  select case
    when starts_at is null or not isfinite(starts_at) then
      row('starts_at', 'a backfill needs a first instant', 'Both bounds are inclusive.')::pgbeat.problem
    when ends_at is null or ends_at >= pgbeat.clock() then
      row('ends_at', 'a backfill ends in the past', 'What is to come fires by itself.')::pgbeat.problem
    when ends_at < starts_at then
      row('ends_at', 'ends_at must not be before starts_at', 'Both are inclusive.')::pgbeat.problem
    when which is null or which not in ('missing', 'failed', 'all') then
      row('which', format('which can''t be %s', quote_nullable(which)), 'Use missing, failed or all.')::pgbeat.problem
    when max_active is null or max_active not between 1 and 1000 then
      row('max_active', 'max_active must be from 1 to 1000', 'It is how many of its runs may be under way at once.')::pgbeat.problem
  end
$$;
comment on function pgbeat.backfill_problem(timestamptz, timestamptz, text, integer) is 'Why a backfill can''t be right, or null';

create function pgbeat.backfill(
  schedule text, starts_at timestamptz, ends_at timestamptz, which text default 'missing',
  max_active integer default 1, dry_run boolean default false, payload jsonb default null
) returns bigint
language plpgsql as $$
declare
  target pgbeat.schedules;
  problem constant pgbeat.problem := pgbeat.backfill_problem(starts_at, ends_at, which, max_active);
  new_id bigint;
begin
  select * into target from pgbeat.schedules where id = pgbeat.schedule_id($1);
  if problem is not null then
    raise exception using
      errcode = 'invalid_parameter_value', schema = 'pgbeat', table = 'backfills', column = problem.column_name,
      message = problem.message, hint = problem.hint;
  end if;
  insert into pgbeat.backfills (schedule_id, schedule_name, starts_at, ends_at, which, max_active, dry_run, payload,
    created_at, created_by)
  values (target.id, target.name, $2, $3, $4, $5, coalesce($6, false), $7, pgbeat.clock(), pgbeat.actor())
  returning id into new_id;
  perform pg_notify('pgbeat_schedules', 'backfill');
  return new_id;
end $$;
comment on function pgbeat.backfill(text, timestamptz, timestamptz, text, integer, boolean, jsonb) is 'Runs the instants of a schedule from starts_at to ends_at (both inclusive, both past); which: missing, failed or all; at most max_active at once. With dry_run it only lists them in backfill_instants, for start_backfill. Answers the backfill''s id';

create function pgbeat.start_backfill(backfill bigint) returns boolean
language plpgsql as $$
begin
  -- Listed anew, for the ledger may have changed since.
  update pgbeat.backfills set status = 'listing', dry_run = false, listed_until = null where id = $1 and status = 'listed';
  if not found then
    return false;
  end if;
  delete from pgbeat.backfill_instants where backfill_id = $1;
  perform pg_notify('pgbeat_schedules', 'backfill');
  return true;
end $$;
comment on function pgbeat.start_backfill(bigint) is 'Runs a backfill that was listed as a dry run; false when there is none that waits';

create function pgbeat.cancel_backfill(backfill bigint) returns boolean
language plpgsql as $$
begin
  update pgbeat.backfills set status = 'cancelled', finished_at = pgbeat.clock()
  where id = $1 and status in ('listing', 'listed', 'running');
  if not found then
    return false;
  end if;
  perform pgbeat.cancel_runs(array(
    select id from pgbeat.runs where backfill_id = $1 and status in ('waiting', 'queued', 'retrying')), 'cancelled');
  return true;
end $$;
comment on function pgbeat.cancel_backfill(bigint) is 'Ends a backfill: nothing more of it is begun, what is running goes on to its end; false when it is over already';

create function pgbeat.split_missed(backfill bigint) returns void
language plpgsql as $$
declare
  asked pgbeat.backfills;
  target pgbeat.schedules;
  range pgbeat.runs;
begin
  select * into asked from pgbeat.backfills where id = $1;
  select * into target from pgbeat.schedules where id = asked.schedule_id;
  -- A range of an earlier timetable stays: nobody knows any more which instants it has. It only gives way by a
  -- microsecond where it has the place of an instant that is asked for.
  with moved as (
    update pgbeat.runs r set
      scheduled_for = r.scheduled_for - interval '1 microsecond', missed_count = r.missed_count - 1
    from pgbeat.backfill_instants listed
    where listed.backfill_id = $1 and r.schedule_id = asked.schedule_id and r.scheduled_for = listed.scheduled_for
      and r.status = 'missed' and r.missed_since < r.scheduled_for and r.missed_since < target.timetable_since
    returning r.*
  )
  insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, reason,
    missed_since, missed_count, max_attempts)
  select schedule_id, schedule_name, task_name, payload, scheduled_for + interval '1 microsecond', origin, status, reason,
    scheduled_for + interval '1 microsecond', 1, max_attempts
  from moved;
  for range in
    delete from pgbeat.runs
    where schedule_id = asked.schedule_id and status = 'missed' and missed_since < scheduled_for
      and missed_since >= target.timetable_since
      and scheduled_for >= asked.starts_at and missed_since <= asked.ends_at
    returning *
  loop
    perform pgbeat.add_lapse(target, range.reason, range.missed_since, asked.starts_at);
    perform pgbeat.add_lapse(target, range.reason, date_trunc('milliseconds', asked.ends_at) + interval '1 millisecond',
      range.scheduled_for + interval '1 millisecond');
    insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, reason,
      missed_since, missed_count, max_attempts)
    select range.schedule_id, range.schedule_name, range.task_name, range.payload, listed.scheduled_for, range.origin,
      range.status, range.reason, listed.scheduled_for, 1, range.max_attempts
    from pgbeat.backfill_instants listed
    where listed.backfill_id = $1 and listed.scheduled_for between range.missed_since and range.scheduled_for
    on conflict do nothing;
  end loop;
end $$;
comment on function pgbeat.split_missed(bigint) is 'Gives each instant of a backfill that a missed row of the same timetable covers a row of its own; the leader counts what is outside anew';

create view pgbeat.backfill_status as
select b.*, i.instants, i.chosen, i.remaining, r.queued, r.running, r.succeeded, r.failed, r.cancelled,
  i.begun - r.begun as taken_over
from pgbeat.backfills b,
  lateral (
    select count(*) as instants, count(*) filter (where chosen) as chosen,
      count(*) filter (where chosen and run_id is null) as remaining, count(run_id) as begun
    from pgbeat.backfill_instants where backfill_id = b.id
  ) i,
  lateral (
    select count(*) as begun, count(*) filter (where status in ('waiting', 'queued', 'retrying')) as queued,
      count(*) filter (where status = 'running') as running,
      count(*) filter (where status = 'succeeded') as succeeded,
      count(*) filter (where status = 'failed') as failed,
      count(*) filter (where status = 'cancelled') as cancelled
    from pgbeat.runs where backfill_id = b.id
  ) r;
comment on view pgbeat.backfill_status is 'Backfills with their progress: how many instants they have, how many are chosen to run and how many of these remain, and how their runs are getting on; taken_over are those that a later backfill has run again';
