-- One place that says what time it is. What is due, when a schedule was edited, when a run began: all of it goes by these
-- functions, and only heartbeats go by the server's clock. A simulation (src/testing.ts) replaces them in a database of
-- its own, and a year passes in seconds. They are inlined, so they cost nothing.
create function pgbeat.clock() returns timestamptz
language sql volatile as $$ select clock_timestamp() $$;
comment on function pgbeat.clock() is 'What time it is for schedules and runs: the server''s clock, unless this database is a simulation';

create function pgbeat.transaction_clock() returns timestamptz
language sql volatile as $$ select now() $$;
comment on function pgbeat.transaction_clock() is 'When the transaction began, by pgbeat.clock(): what an INSERT calls now';

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
      queue_name, max_attempts, timeout, queued_at)
    values (target.id, target.name, target.task_name, coalesce($2, target.payload), instant, 'manual',
      'queued', target.priority, target.queue_name, target.max_attempts, target.timeout, moment)
    on conflict do nothing
    returning id into new_run_id;
    exit when new_run_id is not null;
    instant := instant + interval '1 microsecond';
  end loop;
  perform graphile_worker.add_job(target.task_name,
    json_build_object('run_id', new_run_id::text, 'scheduled_for', instant, 'attempt', 1),
    queue_name := target.queue_name, priority := target.priority, max_attempts := 32767);
  return new_run_id;
end $$;

create function pgbeat.schedule_id(schedule text) returns uuid
language plpgsql stable as $$
declare
  found_id uuid;
begin
  select id into found_id from pgbeat.schedules
  where name = $1 or id = case when $1 ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then $1::uuid end;
  if found_id is null then
    raise exception using errcode = 'no_data_found', message = format('no schedule is called %s', quote_nullable($1)),
      hint = 'Give its id or its name.';
  end if;
  return found_id;
end $$;
comment on function pgbeat.schedule_id(text) is 'The id of a schedule that is given by id or name; an error (P0002) when there is none';
