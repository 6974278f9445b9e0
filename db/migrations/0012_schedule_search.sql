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
comment on column pgbeat.schedule_search.category is 'As in schedules';
comment on column pgbeat.schedule_search.task_name is 'As in schedules';
comment on column pgbeat.schedule_search.tags is 'As in schedules';
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

insert into pgbeat.schedule_search (schedule_id, name, description, category, task_name, tags, enabled, created_at,
  updated_at)
select id, name, description, category, task_name, tags, enabled, created_at, updated_at from pgbeat.schedules;

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
select id, name, description, category, task_name, tags, enabled, created_at, updated_at from pgbeat.schedules
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
  select id, name, description, category, task_name, tags, enabled, created_at, updated_at from added;
  return null;
end $$;
comment on function pgbeat.add_to_schedule_search() is 'Has new schedules found by lists';

create function pgbeat.change_in_schedule_search() returns trigger
language plpgsql as $$
begin
  update pgbeat.schedule_search set
    name = new.name, description = new.description, category = new.category, task_name = new.task_name, tags = new.tags,
    enabled = new.enabled, updated_at = new.updated_at
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
