-- What lists of schedules are searched and sorted by is kept beside them. A fire writes next_run_at, which is indexed, so
-- it puts an entry into every index of pgbeat.schedules there is: indexes for lists would cost each fire, and here they
-- cost an edit. docs/decisions/0013-schedules-are-searched-in-a-table-of-their-own.md has the whole story.

create table pgbeat.schedule_search (
  schedule_id uuid primary key,
  name text not null,
  description text,
  category text,
  task_name text not null,
  tags text[] not null,
  enabled boolean not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
comment on table pgbeat.schedule_search is 'What lists of schedules are searched and sorted by, a row for each schedule; kept by triggers';
comment on column pgbeat.schedule_search.schedule_id is 'The schedule; no foreign key, so that schedules can be truncated by themselves';
comment on column pgbeat.schedule_search.name is 'As in schedules';
comment on column pgbeat.schedule_search.description is 'As in schedules';
comment on column pgbeat.schedule_search.category is 'As in schedules, its first 200 characters';
comment on column pgbeat.schedule_search.task_name is 'As in schedules';
comment on column pgbeat.schedule_search.tags is 'As in schedules, the first 200 characters of each';
comment on column pgbeat.schedule_search.enabled is 'As in schedules';
comment on column pgbeat.schedule_search.created_at is 'As in schedules';
comment on column pgbeat.schedule_search.updated_at is 'As in schedules';

-- Where others use trigrams: these need no extension, find what has two letters, and what is not written in ASCII
-- whatever the locale of the database.
create function pgbeat.letter_pairs(text text) returns text[]
language sql immutable parallel safe as $$
  select coalesce(array_remove(array_agg(letter || following), null), '{}')
  from unnest(string_to_array(lower($1), null), string_to_array(substr(lower($1), 2), null)) as pair(letter, following)
$$;
comment on function pgbeat.letter_pairs(text) is 'Each two letters that follow each other, in lower case: a text that is part of another has no pair that the other lacks';

-- An index takes no more than some 2,700 bytes, and until now (see the end) nothing limited what tags and categories have.
create function pgbeat.searched_tags(tags text[]) returns text[]
language sql immutable parallel safe as $$
  select coalesce(array_agg(left(tag, 200)), '{}') from unnest($1) as tag
$$;
comment on function pgbeat.searched_tags(text[]) is 'Tags as schedule_search has them: the first 200 characters of each';

insert into pgbeat.schedule_search (schedule_id, name, description, category, task_name, tags, enabled, created_at,
  updated_at)
select id, name, description, left(category, 200), task_name, pgbeat.searched_tags(tags), enabled, created_at,
  updated_at
from pgbeat.schedules;

create index schedule_search_by_name on pgbeat.schedule_search (name);
create index schedule_search_enabled on pgbeat.schedule_search (name) where enabled;
create index schedule_search_paused on pgbeat.schedule_search (name) where not enabled;
create index schedule_search_by_category on pgbeat.schedule_search (category, name);
create index schedule_search_by_task on pgbeat.schedule_search (task_name, name);
create index schedule_search_by_creation on pgbeat.schedule_search (created_at, schedule_id);
create index schedule_search_by_edit on pgbeat.schedule_search (updated_at, schedule_id);
create index schedule_search_by_tag on pgbeat.schedule_search using gin (tags);
create index schedule_search_by_text on pgbeat.schedule_search
  using gin ((pgbeat.letter_pairs(name || E'\n' || coalesce(description, ''))) collate "C");

analyze pgbeat.schedule_search;

-- All this takes a minute for a million schedules, in which they fire and are edited. From here on they wait, for a few
-- seconds, until we have caught up.
lock table pgbeat.schedules in access exclusive mode;

delete from pgbeat.schedule_search kept where not exists (select from pgbeat.schedules where id = kept.schedule_id);
insert into pgbeat.schedule_search (schedule_id, name, description, category, task_name, tags, enabled, created_at,
  updated_at)
select id, name, description, left(category, 200), task_name, pgbeat.searched_tags(tags), enabled, created_at,
  updated_at
from pgbeat.schedules
except
select schedule_id, name, description, category, task_name, tags, enabled, created_at, updated_at
from pgbeat.schedule_search
on conflict (schedule_id) do update set
  name = excluded.name, description = excluded.description, category = excluded.category,
  task_name = excluded.task_name, tags = excluded.tags, enabled = excluded.enabled, updated_at = excluded.updated_at;

create function pgbeat.add_to_schedule_search() returns trigger
language plpgsql as $$
begin
  insert into pgbeat.schedule_search (schedule_id, name, description, category, task_name, tags, enabled, created_at,
    updated_at)
  select id, name, description, left(category, 200), task_name, pgbeat.searched_tags(tags), enabled, created_at,
    updated_at
  from added;
  return null;
end $$;
comment on function pgbeat.add_to_schedule_search() is 'Has new schedules found by lists';

create function pgbeat.change_in_schedule_search() returns trigger
language plpgsql as $$
begin
  update pgbeat.schedule_search set
    name = new.name, description = new.description, category = left(new.category, 200), task_name = new.task_name,
    tags = pgbeat.searched_tags(new.tags), enabled = new.enabled, updated_at = new.updated_at
  where schedule_id = new.id;
  return null;
end $$;
comment on function pgbeat.change_in_schedule_search() is 'Has an edited schedule found by lists as what it is now';

create function pgbeat.remove_from_schedule_search() returns trigger
language plpgsql as $$
begin
  if tg_op = 'TRUNCATE' then
    -- Not truncated: whoever reads both tables may have locked this one before the other.
    delete from pgbeat.schedule_search;
  else
    delete from pgbeat.schedule_search using removed where schedule_id = removed.id;
  end if;
  return null;
end $$;
comment on function pgbeat.remove_from_schedule_search() is 'Has lists forget schedules that are gone';

create trigger search_after_insert after insert on pgbeat.schedules
  referencing new table as added for each statement execute function pgbeat.add_to_schedule_search();
create trigger search_after_delete after delete on pgbeat.schedules
  referencing old table as removed for each statement execute function pgbeat.remove_from_schedule_search();
create trigger search_before_truncate before truncate on pgbeat.schedules
  for each statement execute function pgbeat.remove_from_schedule_search();
-- By row, because only these can be limited to the columns that people edit: a fire must not get here.
create trigger search_after_update after update of name, task_name, payload, cron_expression, every, run_at, timezone,
    enabled, starts_at, ends_at, max_runs, jitter, overlap_policy, catch_up, catch_up_window, priority, queue_name,
    max_attempts, timeout, description, category, tags, pause_note
  on pgbeat.schedules for each row when (old.revision <> new.revision)
  execute function pgbeat.change_in_schedule_search();

-- What is due next is listed too, and many schedules are due at one instant: with the id, a list can go on between them.
drop index pgbeat.schedules_due;
create index schedules_due on pgbeat.schedules (next_run_at, id) where enabled and next_run_at is not null;

-- Few have an error, and nothing else pays for this index.
create index schedules_invalid on pgbeat.schedules (id) where error is not null;

-- A statement that has only an id asks every partition, and planning that takes ten times as long as doing it; a function
-- keeps its plan.
create function pgbeat.run_instant(run_id bigint) returns timestamptz
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
begin
  return (select scheduled_for from pgbeat.runs where id = run_id);
end $$;
comment on function pgbeat.run_instant(bigint) is 'The scheduled_for of a run, which tells the partition that has it; null when there is no such run';

-- As before, and what is searched and shown has a limit.
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
