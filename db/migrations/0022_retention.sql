-- Days are dropped when all their runs are old, and until then they cost the tick nothing.
--
-- A statement that asks for active runs (waiting, queued, running, retrying) would visit every partition, though nearly
-- all of them have none. So it is known where active runs can be:
--
--   1. those whose instant is about now: between since and until of pgbeat.active_window;
--   2. those of a day in pgbeat.active_days. A trigger notes it when a run becomes active whose instant is not about now (a
--      retry, a backfill, a catch-up), in the same transaction and whoever does so, SQL by hand included.
--
-- Nothing else is active, at any moment. What was about now and grows old is looked after by the leader: once a minute it
-- moves the window on, and notes the days that still have active runs in what the window leaves behind. Only it takes days
-- away. It must not miss a run that is written just then:
--
--   - Who notes a day holds an advisory lock until he has committed, shared with others who do. The leader takes it for
--     itself, and so sees everything that was noted.
--   - What is about now is not noted. The trigger goes by an hour and the window by two, and the window is moved to where
--     it was a while ago, once every transaction that wrote anything before that is over.

create table pgbeat.active_window (
  singleton boolean primary key default true check (singleton),
  since timestamptz not null,
  until timestamptz not null,
  next_since timestamptz,
  next_xid xid8
);
comment on table pgbeat.active_window is 'One row: every active run has its instant in here or on one of the active_days';
comment on column pgbeat.active_window.singleton is 'Always true';
comment on column pgbeat.active_window.since is 'About two hours ago; moved by the leader';
comment on column pgbeat.active_window.until is 'An hour after the latest time that the leader knew; now is always in the window';
comment on column pgbeat.active_window.next_since is 'Where since is moved to next';
comment on column pgbeat.active_window.next_xid is 'Once all transactions before this one are over';

-- Not unique: who notes a day must not wait for somebody else who does.
create table pgbeat.active_days (day date not null);
create index active_days_day on pgbeat.active_days (day);
comment on table pgbeat.active_days is 'The days (UTC) besides the active_window that may have active runs; a day may be in it several times';
comment on column pgbeat.active_days.day is 'A day of UTC, as the partitions are';

create function pgbeat.note_active_day() returns trigger
language plpgsql as $$
declare
  noted constant date := (new.scheduled_for at time zone 'UTC')::date;
begin
  perform pg_advisory_xact_lock_shared(hashtextextended('pgbeat.active_days', 0));
  -- A snapshot that is older than the lock may show a day that has been taken away since.
  if current_setting('transaction_isolation') <> 'read committed'
     or not exists (select from pgbeat.active_days where day = noted) then
    insert into pgbeat.active_days (day) values (noted);
  end if;
  return null;
end $$;
comment on function pgbeat.note_active_day() is 'Has the tick look for active runs on the day of this one';

create trigger note_active_day_of_insert after insert on pgbeat.runs for each row
when (new.status in ('waiting', 'queued', 'running', 'retrying')
  and (new.scheduled_for < clock_timestamp() - interval '1 hour' or new.scheduled_for > clock_timestamp() + interval '1 hour'))
execute function pgbeat.note_active_day();

create trigger note_active_day_of_update after update of status on pgbeat.runs for each row
when (new.status in ('waiting', 'queued', 'running', 'retrying')
  and old.status not in ('waiting', 'queued', 'running', 'retrying')
  and (new.scheduled_for < clock_timestamp() - interval '1 hour' or new.scheduled_for > clock_timestamp() + interval '1 hour'))
execute function pgbeat.note_active_day();

-- Creating the triggers has locked everybody out who writes runs.
insert into pgbeat.active_window (since, until)
values (clock_timestamp() - interval '2 hours', clock_timestamp() + interval '1 hour');
insert into pgbeat.active_days (day)
select (scheduled_for at time zone 'UTC')::date from pgbeat.runs where status in ('queued', 'running', 'retrying')
union
select (scheduled_for at time zone 'UTC')::date from pgbeat.runs where status = 'waiting';

create function pgbeat.has_active_runs(since timestamptz, until timestamptz) returns boolean
language plpgsql as $$
declare
  answer boolean;
begin
  -- The bounds are written out, for the planner to see which partitions it is about.
  execute format(
    'select exists (select from pgbeat.runs
        where scheduled_for >= %1$L and scheduled_for < %2$L and status in (''queued'', ''running'', ''retrying''))
      or exists (select from pgbeat.runs where scheduled_for >= %1$L and scheduled_for < %2$L and status = ''waiting'')',
    since, until) into answer;
  return answer;
end $$;
comment on function pgbeat.has_active_runs(timestamptz, timestamptz) is 'Whether there are runs that are not over with an instant from since to before until';

create function pgbeat.move_active_window() returns boolean
language plpgsql
set timezone = 'UTC'
as $$
declare
  current pgbeat.active_window;
  moment constant timestamptz := clock_timestamp();
  moved_since timestamptz;
  is_ready boolean;
  still_active date[];
begin
  if not pg_try_advisory_xact_lock(hashtextextended('pgbeat.active_days', 0)) then
    return false;
  end if;
  select * into strict current from pgbeat.active_window for update;
  is_ready := coalesce(current.next_xid <= pg_snapshot_xmin(pg_current_snapshot()), true);
  -- Should the server's clock be set back, the window goes back with it.
  moved_since := least(case when is_ready then greatest(current.since, current.next_since) else current.since end,
    moment - interval '2 hours');
  select array_agg(noted.day) into still_active
  from (select distinct day from pgbeat.active_days) noted
  where pgbeat.has_active_runs(noted.day::timestamptz, (noted.day + 1)::timestamptz);
  select still_active || array_agg(left_behind.day) into still_active
  from (
    select day::date from generate_series(current.since::date::timestamptz, moved_since, interval '1 day') day
    where current.since < moved_since
  ) left_behind
  where left_behind.day <> all(coalesce(still_active, '{}'))
    and pgbeat.has_active_runs(greatest(current.since, left_behind.day::timestamptz),
      least(moved_since, (left_behind.day + 1)::timestamptz));
  delete from pgbeat.active_days;
  insert into pgbeat.active_days (day) select unnest(still_active);
  update pgbeat.active_window set
    since = moved_since,
    until = greatest(current.until, moment + interval '1 hour'),
    next_since = case when is_ready then moment - interval '2 hours' else next_since end,
    next_xid = case when is_ready then pg_current_xact_id() else next_xid end;
  return true;
end $$;
comment on function pgbeat.move_active_window() is 'Moves the active window on with the time, and forgets active days that have no active runs any more; false when somebody is just noting a day. The leader does so every minute, read committed';

create function pgbeat.drop_run_partitions(day date, keep_since timestamptz) returns boolean
language plpgsql
set timezone = 'UTC' set datestyle = 'ISO' set lock_timeout = '100ms'
as $$
declare
  parent text;
  is_needed boolean;
  still_needed constant text := format(
    'select pgbeat.has_active_runs(%1$L, %2$L) or exists (select from pgbeat.runs
       where scheduled_for >= %1$L and scheduled_for < %2$L and finished_at >= %3$L)',
    day::timestamptz, (day + 1)::timestamptz, keep_since);
begin
  -- Two that have looked would wait for each other to drop.
  if not pg_try_advisory_xact_lock(hashtext('pgbeat.create_run_partitions')) then
    return false;
  end if;
  execute still_needed into is_needed;
  if is_needed then
    return false;
  end if;
  -- In the order in which everybody else asks for them, so that who has the first is not waited for by the next.
  lock table pgbeat.runs in access exclusive mode;
  -- One of them may have been asked to run again meanwhile.
  execute still_needed into is_needed;
  if is_needed then
    return false;
  end if;
  foreach parent in array array['runs', 'attempts', 'run_logs'] loop
    execute format('drop table if exists pgbeat.%I', format('%s_%s', parent, to_char(day, 'YYYYMMDD')));
  end loop;
  return true;
end $$;
comment on function pgbeat.drop_run_partitions(date, timestamptz) is 'Forgets a day (UTC) of runs, attempts and run_logs, unless one of its runs is not over or has finished since; then it answers false. Gives up with lock_not_available when somebody is reading for long';

-- Every run is updated twice. What that leaves behind in the indexes of what is active would be read again and again until
-- a vacuum comes, which by default waits for a fifth of the day.

create function pgbeat.run_partition_settings(parent text) returns text
language sql immutable as $$
  select case parent
    -- Lines are never updated, so they need no room for it.
    when 'run_logs' then 'fillfactor = 100'
    else 'fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000,'
      ' autovacuum_analyze_scale_factor = 0.02, autovacuum_analyze_threshold = 5000'
  end
$$;
comment on function pgbeat.run_partition_settings(text) is 'The storage parameters of the partitions of runs, attempts and run_logs';

create or replace function pgbeat.create_run_partitions(first_day date, last_day date) returns integer
language plpgsql
set timezone = 'UTC' set datestyle = 'ISO' set lock_timeout = '100ms'
as $$
declare
  parent text;
  day date := first_day;
  part text;
  is_taken boolean;
  created integer := 0;
begin
  perform pg_advisory_xact_lock(hashtext('pgbeat.create_run_partitions'));
  while day <= last_day loop
    foreach parent in array array['runs', 'attempts', 'run_logs'] loop
      part := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
      continue when to_regclass('pgbeat.' || part) is not null;
      execute format('select exists (select from pgbeat.%I where scheduled_for >= $1 and scheduled_for < $2)',
        parent || '_default') into is_taken using day::timestamptz, (day + 1)::timestamptz;
      continue when is_taken;
      execute format('create table pgbeat.%I (like pgbeat.%I including defaults including constraints) with (%s)',
        part, parent, pgbeat.run_partition_settings(parent));
      execute format('alter table pgbeat.%I attach partition pgbeat.%I for values from (%L) to (%L)',
        parent, part, day::timestamptz, (day + 1)::timestamptz);
      created := created + 1;
    end loop;
    day := day + 1;
  end loop;
  return created;
end $$;

do $$
declare
  part record;
begin
  for part in
    select c.oid::regclass as name, p.relname as parent
    from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
    where i.inhparent = any('{pgbeat.runs,pgbeat.attempts}'::regclass[]) and c.relkind = 'r'
  loop
    execute format('alter table %s set (%s)', part.name, pgbeat.run_partition_settings(part.parent));
  end loop;
end $$;

-- Whatever the status: of the runs that succeeded some are partial, and those were looked for among all.
create index runs_by_reason on pgbeat.runs (reason, id) where reason is not null;

-- Each row is updated every second. With room beside it that is done in its page, without the indexes.
alter table pgbeat.nodes set (fillfactor = 50);
alter table pgbeat.leader set (fillfactor = 50);
