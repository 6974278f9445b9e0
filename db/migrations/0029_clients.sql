-- Whoever only schedules needs no more than the role pgbeat_client. What its statements set off (the audit trail, the
-- search table, lapses) is written by triggers with the rights of the owner; everything else is done with the rights of
-- whoever asks, so that grants and row-level security hold for functions and views as they do for the tables.

alter table pgbeat.schedules add column owner text not null default current_user;
comment on column pgbeat.schedules.owner is 'The database role that inserted it; whose it is where pgbeat.enable_owner_security() was called. Only the owner of the table may change it';

create or replace function pgbeat.editable(schedule pgbeat.schedules) returns jsonb
language sql stable set intervalstyle to 'iso_8601' set datestyle to 'ISO' set timezone to 'UTC' as $$
  select to_jsonb(schedule)
    - '{id,next_run_at,last_run_at,run_count,error,active_since,timetable_since,paused_at,revision,created_at,updated_at,updated_by,owner}'::text[]
$$;

-- The search path of whoever writes must not say what the checks mean.
alter function pgbeat.before_schedule_write() set search_path to pg_catalog, pg_temp;

alter function pgbeat.after_schedules_insert_or_delete() security definer set search_path to pg_catalog, pg_temp;
alter function pgbeat.after_schedule_update() security definer set search_path to pg_catalog, pg_temp;
alter function pgbeat.add_to_schedule_search() security definer set search_path to pg_catalog, pg_temp;
alter function pgbeat.change_in_schedule_search() security definer set search_path to pg_catalog, pg_temp;
alter function pgbeat.remove_from_schedule_search() security definer set search_path to pg_catalog, pg_temp;
-- Nobody else may make triggers of them, on tables of their own: they would write whatever those say.
revoke execute on function pgbeat.record_key_event(), pgbeat.record_drain_event(),
  pgbeat.after_schedules_insert_or_delete(), pgbeat.after_schedule_update(),
  pgbeat.add_to_schedule_search(), pgbeat.change_in_schedule_search(), pgbeat.remove_from_schedule_search() from public;

-- Postgres 14 has no such views; there clients are not given them.
do $$
begin
  if current_setting('server_version_num')::integer >= 150000 then
    alter view pgbeat.upcoming set (security_invoker = true);
    alter view pgbeat.schedule_status set (security_invoker = true);
    alter view pgbeat.lateness set (security_invoker = true);
  end if;
end $$;

create function pgbeat.create_client_role() returns void
language plpgsql set search_path to pg_catalog, pg_temp as $$
begin
  if to_regrole('pgbeat_client') is null then
    begin
      create role pgbeat_client nologin;
    exception
      when duplicate_object or unique_violation then
        null; -- A migration of another database was faster.
      when insufficient_privilege then
        raise notice 'there is no role pgbeat_client, and % may not create it', current_user
          using hint = 'As somebody who may: create role pgbeat_client nologin; then, as the owner of the tables: select pgbeat.create_client_role();';
        return;
    end;
  end if;
  grant usage on schema pgbeat to pgbeat_client;
  grant select, delete,
    insert (name, task_name, payload, cron_expression, every, run_at, timezone, enabled, starts_at, ends_at, max_runs, jitter,
      overlap_policy, catch_up, catch_up_window, priority, queue_name, max_attempts, retry_delay, timeout, description,
      category, tags, pause_note),
    update (name, task_name, payload, cron_expression, every, run_at, timezone, enabled, starts_at, ends_at, max_runs, jitter,
      overlap_policy, catch_up, catch_up_window, priority, queue_name, max_attempts, retry_delay, timeout, description,
      category, tags, pause_note)
    on pgbeat.schedules to pgbeat_client;
  grant select on pgbeat.tasks to pgbeat_client;
  -- How runs went, not what they were given, made and said.
  grant select (id, schedule_id, schedule_name, task_name, scheduled_for, origin, status, reason, missed_since, missed_count,
      clock_change, max_attempts, attempt, next_attempt_at, cancel_requested_at, queued_at, started_at, finished_at)
    on pgbeat.runs to pgbeat_client;
  if current_setting('server_version_num')::integer >= 150000 then
    grant select on pgbeat.upcoming, pgbeat.schedule_status, pgbeat.lateness to pgbeat_client;
  end if;
  if (select relrowsecurity from pg_class where oid = 'pgbeat.runs'::regclass) then
    grant select on pgbeat.runs to pgbeat_client;
  end if;
end $$;
comment on function pgbeat.create_client_role is 'Makes the role pgbeat_client, unless the cluster has it, and gives it its rights in this database; a migration does so where it may. Safe to repeat. A notice says what to do where the caller may not create roles';

create function pgbeat.is_client() returns boolean
language sql stable set search_path to pg_catalog, pg_temp as $$
  select coalesce(pg_has_role(to_regrole('pgbeat_client'), 'usage'), false)
$$;
comment on function pgbeat.is_client is 'Whether the current role has the rights of pgbeat_client; a superuser has all';

-- A client is not believed to be somebody else, but what it says is worth keeping. Whoever may make triggers on the table
-- could record what they like, so they are believed; the owner may. Without a query inside, it costs a row next to nothing.
create or replace function pgbeat.actor() returns text
language sql stable as $$
  select case
    when coalesce(current_setting('pgbeat.actor', true), '') = '' then session_user::text
    when pg_has_role(session_user, to_regrole('pgbeat_client'), 'usage')
      and not has_table_privilege(session_user, 'pgbeat.schedules', 'trigger')
      then session_user || ':' || current_setting('pgbeat.actor')
    else current_setting('pgbeat.actor')
  end
$$;
comment on function pgbeat.actor is 'Who is changing schedules: the setting pgbeat.actor (the HTTP API sets it), or else the database user; of a member of pgbeat_client user:setting';

-- They say nothing until row-level security is enabled. The owner of the tables is never bound by them, and neither is a
-- role with rights of its own that is no member of pgbeat_client.
create policy of_owner on pgbeat.schedules using (owner = current_user or not (select pgbeat.is_client()));
comment on policy of_owner on pgbeat.schedules is 'Clients see and change their own schedules';
-- A value and not exists (…), for which the planner would read all schedules first.
create policy of_owner on pgbeat.runs using (
  not (select pgbeat.is_client()) or (select s.owner from pgbeat.schedules s where s.id = schedule_id) = current_user);
comment on policy of_owner on pgbeat.runs is 'Clients see the runs of their own schedules, as long as these are there';

create function pgbeat.enable_owner_security() returns void
language plpgsql set search_path to pg_catalog, pg_temp set lock_timeout to '1s' as $$
begin
  alter table pgbeat.schedules enable row level security;
  alter table pgbeat.runs enable row level security;
  perform pgbeat.create_client_role();
end $$;
comment on function pgbeat.enable_owner_security is 'From now on members of pgbeat_client see and change only the schedules that they own, and see all of the runs of these. For the owner of the tables; gives up with lock_not_available when somebody is reading for long';

create function pgbeat.disable_owner_security() returns void
language plpgsql set search_path to pg_catalog, pg_temp set lock_timeout to '1s' as $$
begin
  alter table pgbeat.schedules disable row level security;
  alter table pgbeat.runs disable row level security;
  if to_regrole('pgbeat_client') is not null then
    revoke select on pgbeat.runs from pgbeat_client;
  end if;
  perform pgbeat.create_client_role();
end $$;
comment on function pgbeat.disable_owner_security is 'Members of pgbeat_client see and change all schedules again, and of runs only how they went';

select pgbeat.create_client_role();
