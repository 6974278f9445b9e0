-- Made from the migrations by `npm run schema`; not to be edited. It shows what there is, to read in one go.

create schema pgbeat;

set check_function_bodies = off;

create type pgbeat.problem as (column_name text, message text, hint text);

create sequence pgbeat.runs_id_seq;

create table pgbeat.active_days (
  day date not null
);

create table pgbeat.active_window (
  singleton boolean default true not null,
  since timestamp with time zone not null,
  until timestamp with time zone not null,
  next_since timestamp with time zone,
  next_xid xid8,
  constraint active_window_pkey PRIMARY KEY (singleton),
  constraint active_window_singleton_check CHECK (singleton)
);

create table pgbeat.api_keys (
  id uuid default gen_random_uuid() not null,
  name text not null,
  role text not null,
  hash bytea not null,
  prefix text not null,
  created_at timestamp with time zone default now() not null,
  created_by text default SESSION_USER not null,
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  last_used_at timestamp with time zone,
  constraint api_keys_hash_key UNIQUE (hash),
  constraint api_keys_name_key UNIQUE (name),
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_expires_later CHECK ((isfinite(expires_at) AND (expires_at > created_at))),
  constraint api_keys_hash_check CHECK ((octet_length(hash) = 32)),
  constraint api_keys_name_check CHECK (((name ~ '^\S(.{0,198}\S)?$'::text) AND (name !~ '[[:cntrl:]]'::text) AND (name !~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'::text))),
  constraint api_keys_prefix_check CHECK ((prefix ~ '^pgb_[A-Za-z0-9_-]{8}$'::text)),
  constraint api_keys_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'operator'::text, 'admin'::text])))
);

create table pgbeat.attempts (
  run_id bigint not null,
  scheduled_for timestamp with time zone not null,
  attempt smallint not null,
  node_id uuid not null,
  started_at timestamp with time zone default clock_timestamp() not null,
  finished_at timestamp with time zone,
  status text default 'running'::text not null,
  error jsonb,
  constraint attempts_pkey PRIMARY KEY (run_id, scheduled_for, attempt),
  constraint attempts_status_check CHECK ((status = ANY (ARRAY['running'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text, 'timed_out'::text, 'worker_lost'::text, 'worker_stopped'::text])))
) partition by RANGE (scheduled_for);

create table pgbeat.backfill_instants (
  backfill_id bigint not null,
  scheduled_for timestamp with time zone not null,
  found text,
  clock_change text,
  chosen boolean not null,
  run_id bigint,
  constraint backfill_instants_pkey PRIMARY KEY (backfill_id, scheduled_for)
);

create table pgbeat.backfills (
  id bigint generated always as identity not null,
  schedule_id uuid not null,
  schedule_name text not null,
  starts_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  which text default 'missing'::text not null,
  max_active integer default 1 not null,
  payload jsonb,
  dry_run boolean default false not null,
  status text default 'listing'::text not null,
  listed_until timestamp with time zone,
  error text,
  created_at timestamp with time zone default clock_timestamp() not null,
  created_by text default SESSION_USER not null,
  finished_at timestamp with time zone,
  xid xid8 default pg_current_xact_id() not null,
  constraint backfills_pkey PRIMARY KEY (id),
  constraint backfills_max_active_check CHECK (((max_active >= 1) AND (max_active <= 1000))),
  constraint backfills_status_check CHECK ((status = ANY (ARRAY['listing'::text, 'listed'::text, 'running'::text, 'completed'::text, 'cancelled'::text, 'failed'::text]))),
  constraint backfills_which_check CHECK ((which = ANY (ARRAY['missing'::text, 'failed'::text, 'all'::text])))
);

create table pgbeat.idempotency_keys (
  caller text not null,
  key text not null,
  fingerprint bytea not null,
  status smallint,
  headers jsonb,
  body text,
  created_at timestamp with time zone default now() not null,
  constraint idempotency_keys_pkey PRIMARY KEY (caller, key)
);

create table pgbeat.lapses (
  id bigint generated always as identity not null,
  schedule_id uuid not null,
  schedule_name text not null,
  task_name text not null,
  payload jsonb not null,
  max_attempts smallint not null,
  cron_expression text,
  timezone text not null,
  every interval,
  run_at timestamp with time zone,
  starts_at timestamp with time zone,
  ends_at timestamp with time zone,
  schedule_created_at timestamp with time zone not null,
  reason text not null,
  since timestamp with time zone not null,
  until timestamp with time zone not null,
  counted_until timestamp with time zone,
  missed_since timestamp with time zone,
  missed_last timestamp with time zone,
  missed_count integer default 0 not null,
  constraint lapses_pkey PRIMARY KEY (id)
);

create table pgbeat.leader (
  singleton boolean default true not null,
  term bigint default 0 not null,
  node_id uuid,
  backend_pid integer,
  elected_at timestamp with time zone,
  heartbeat_at timestamp with time zone,
  constraint leader_pkey PRIMARY KEY (singleton),
  constraint leader_singleton_check CHECK (singleton)
) with (fillfactor=50);

create table pgbeat.migrations (
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone default now() not null,
  constraint migrations_pkey PRIMARY KEY (name)
);

create table pgbeat.minutes (
  minute timestamp with time zone not null,
  fired integer not null,
  succeeded integer not null,
  failed integer not null,
  cancelled integer not null,
  skipped integer not null,
  missed bigint not null,
  lateness_p50_seconds double precision,
  lateness_p99_seconds double precision,
  lateness_max_seconds double precision,
  lateness_runs integer not null,
  last_run_id bigint not null,
  constraint minutes_pkey PRIMARY KEY (minute),
  constraint minutes_minute_check CHECK (((EXTRACT(epoch FROM minute) % (60)::numeric) = (0)::numeric))
);

create table pgbeat.mirror (
  singleton boolean default true not null,
  epoch bigint default floor((EXTRACT(epoch FROM clock_timestamp()) * (1000)::numeric)) not null,
  snapshot pg_snapshot,
  system_identifier bigint,
  last_event_id bigint default 0 not null,
  numbered bigint default 0 not null,
  sent bigint default 0 not null,
  sent_at timestamp with time zone,
  channel text,
  node_id uuid,
  seen_at timestamp with time zone,
  failing_since timestamp with time zone,
  error text,
  constraint mirror_pkey PRIMARY KEY (singleton),
  constraint mirror_singleton_check CHECK (singleton)
) with (fillfactor=50);

create table pgbeat.mirrored_events (
  number bigint not null,
  event_id bigint not null,
  constraint mirrored_events_pkey PRIMARY KEY (number)
);

create unlogged table pgbeat.node_metrics (
  node_id uuid not null,
  published_at timestamp with time zone default clock_timestamp() not null,
  metrics jsonb not null,
  constraint node_metrics_pkey PRIMARY KEY (node_id)
) with (fillfactor=50);

create table pgbeat.nodes (
  id uuid not null,
  kind text not null,
  host text not null,
  pid integer not null,
  version text not null,
  tasks text[] default '{}'::text[] not null,
  concurrency integer,
  worker_pool_id text,
  started_at timestamp with time zone default now() not null,
  heartbeat_at timestamp with time zone default now() not null,
  draining_at timestamp with time zone,
  constraint nodes_pkey PRIMARY KEY (id),
  constraint nodes_check CHECK (((draining_at IS NULL) OR (kind = 'worker'::text))),
  constraint nodes_kind_check CHECK ((kind = ANY (ARRAY['tick'::text, 'worker'::text, 'api'::text])))
) with (fillfactor=50);

create table pgbeat.run_logs (
  run_id bigint not null,
  scheduled_for timestamp with time zone not null,
  attempt smallint not null,
  line integer not null,
  logged_at timestamp with time zone not null,
  level text not null,
  message text not null,
  fields jsonb,
  constraint run_logs_pkey PRIMARY KEY (run_id, attempt, line, scheduled_for),
  constraint run_logs_level_check CHECK ((level = ANY (ARRAY['debug'::text, 'info'::text, 'warn'::text, 'error'::text])))
) partition by RANGE (scheduled_for);

create table pgbeat.runs (
  id bigint default nextval('pgbeat.runs_id_seq'::regclass) not null,
  schedule_id uuid not null,
  schedule_name text not null,
  task_name text not null,
  payload jsonb not null,
  scheduled_for timestamp with time zone not null,
  origin text not null,
  status text not null,
  reason text,
  missed_since timestamp with time zone,
  missed_count integer,
  priority smallint default 0 not null,
  queue_name text,
  max_attempts smallint not null,
  timeout interval,
  attempt smallint default 0 not null,
  job_id bigint,
  node_id uuid,
  queued_at timestamp with time zone,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  progress jsonb,
  result jsonb,
  error jsonb,
  cancel_requested_at timestamp with time zone,
  next_attempt_at timestamp with time zone,
  clock_change text,
  backfill_id bigint,
  retry_delay interval,
  constraint runs_schedule_id_scheduled_for_key UNIQUE (schedule_id, scheduled_for),
  constraint runs_pkey PRIMARY KEY (id, scheduled_for),
  constraint runs_clock_change_check CHECK ((clock_change = ANY (ARRAY['moved'::text, 'merged'::text, 'doubled'::text]))),
  constraint runs_origin_check CHECK ((origin = ANY (ARRAY['schedule'::text, 'catch_up'::text, 'backfill'::text, 'manual'::text]))),
  constraint runs_status_check CHECK ((status = ANY (ARRAY['waiting'::text, 'queued'::text, 'running'::text, 'retrying'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text, 'skipped'::text, 'missed'::text])))
) partition by RANGE (scheduled_for);

create table pgbeat.schedule_events (
  id bigint generated always as identity not null,
  schedule_id uuid not null,
  schedule_name text not null,
  event_type text not null,
  changes jsonb not null,
  revision bigint not null,
  changed_by text not null,
  occurred_at timestamp with time zone default clock_timestamp() not null,
  note text,
  xid xid8 default pg_current_xact_id() not null,
  constraint schedule_events_pkey PRIMARY KEY (id),
  constraint schedule_events_event_type_check CHECK ((event_type = ANY (ARRAY['created'::text, 'updated'::text, 'paused'::text, 'resumed'::text, 'deleted'::text, 'triggered'::text, 'backfilled'::text, 'cancelled'::text, 'retried'::text])))
);

create table pgbeat.schedule_search (
  schedule_id uuid not null,
  name text not null,
  description text,
  category text,
  task_name text not null,
  tags text[] not null,
  enabled boolean not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint schedule_search_pkey PRIMARY KEY (schedule_id)
);

create table pgbeat.schedules (
  id uuid default gen_random_uuid() not null,
  name text not null,
  task_name text not null,
  payload jsonb default '{}'::jsonb not null,
  cron_expression text,
  every interval,
  run_at timestamp with time zone,
  timezone text default 'UTC'::text not null,
  enabled boolean default true not null,
  starts_at timestamp with time zone,
  ends_at timestamp with time zone,
  max_runs integer,
  jitter interval,
  overlap_policy text default 'skip'::text not null,
  catch_up text default 'latest'::text not null,
  catch_up_window interval,
  priority smallint default 0 not null,
  queue_name text,
  max_attempts smallint default 3 not null,
  timeout interval,
  description text,
  category text,
  tags text[] default '{}'::text[] not null,
  pause_note text,
  next_run_at timestamp with time zone,
  last_run_at timestamp with time zone,
  run_count bigint default 0 not null,
  error text,
  active_since timestamp with time zone default now() not null,
  revision bigint default 1 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  updated_by text default SESSION_USER not null,
  paused_at timestamp with time zone,
  timetable_since timestamp with time zone default now() not null,
  retry_delay interval,
  owner text default CURRENT_USER not null,
  constraint schedules_name_key UNIQUE (name),
  constraint schedules_pkey PRIMARY KEY (id),
  constraint schedules_one_timetable CHECK ((num_nonnulls(cron_expression, every, run_at) = 1))
) with (fillfactor=70, autovacuum_vacuum_scale_factor=0.02, autovacuum_analyze_scale_factor=0.05);

create table pgbeat.system_events (
  id bigint default nextval('pgbeat.schedule_events_id_seq'::regclass) not null,
  event_type text not null,
  subject_id uuid not null,
  subject_name text not null,
  changes jsonb not null,
  changed_by text not null,
  note text,
  occurred_at timestamp with time zone default clock_timestamp() not null,
  constraint system_events_pkey PRIMARY KEY (id),
  constraint system_events_event_type_check CHECK ((event_type = ANY (ARRAY['key_created'::text, 'key_revoked'::text, 'worker_drained'::text, 'worker_undrained'::text])))
);

create table pgbeat.tasks (
  name text not null,
  description text default ''::text not null,
  payload_schema jsonb,
  published_at timestamp with time zone default now() not null,
  constraint tasks_pkey PRIMARY KEY (name),
  constraint tasks_name_check CHECK ((name ~ '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$'::text))
);

create table pgbeat.attempts_default partition of pgbeat.attempts default;

create table pgbeat.run_logs_default partition of pgbeat.run_logs default;

create table pgbeat.runs_default partition of pgbeat.runs default;

alter sequence pgbeat.runs_id_seq owned by pgbeat.runs.id;

alter table pgbeat.backfill_instants add constraint backfill_instants_backfill_id_fkey FOREIGN KEY (backfill_id) REFERENCES pgbeat.backfills(id) ON DELETE CASCADE;

alter table pgbeat.node_metrics add constraint node_metrics_node_id_fkey FOREIGN KEY (node_id) REFERENCES pgbeat.nodes(id) ON DELETE CASCADE;

CREATE OR REPLACE FUNCTION pgbeat.actor()
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
  select case
    when coalesce(current_setting('pgbeat.actor', true), '') = '' then session_user::text
    when pg_has_role(session_user, to_regrole('pgbeat_client'), 'usage')
      and not has_table_privilege(session_user, 'pgbeat.schedules', 'trigger')
      then session_user || ':' || current_setting('pgbeat.actor')
    else current_setting('pgbeat.actor')
  end
$function$;

CREATE OR REPLACE FUNCTION pgbeat.add_lapse(schedule pgbeat.schedules, why text, since timestamp with time zone, until timestamp with time zone)
 RETURNS void
 LANGUAGE sql
AS $function$
  insert into pgbeat.lapses (schedule_id, schedule_name, task_name, payload, max_attempts, cron_expression, timezone,
    every, run_at, starts_at, ends_at, schedule_created_at, reason, since, until)
  select schedule.id, schedule.name, schedule.task_name, schedule.payload, schedule.max_attempts,
    schedule.cron_expression, schedule.timezone, schedule.every, schedule.run_at, schedule.starts_at, schedule.ends_at,
    schedule.created_at, why, since, until
  where since < until
$function$;

CREATE OR REPLACE FUNCTION pgbeat.add_run_logs(run_ids bigint[], scheduled_fors timestamp with time zone[], attempts smallint[], lines integer[], logged_ats timestamp with time zone[], levels text[], messages text[], fields jsonb[])
 RETURNS void
 LANGUAGE sql
 SET lock_timeout TO '1s'
AS $function$
  insert into pgbeat.run_logs (run_id, scheduled_for, attempt, line, logged_at, level, message, fields)
  select * from unnest(run_ids, scheduled_fors, attempts, lines, logged_ats, levels, messages, fields)
  on conflict do nothing
$function$;

CREATE OR REPLACE FUNCTION pgbeat.add_to_schedule_search()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  insert into pgbeat.schedule_search (schedule_id, name, description, category, task_name, tags, enabled, created_at,
    updated_at)
  select id, name, description, left(category, 200), task_name, pgbeat.searched_tags(tags), enabled, created_at,
    updated_at
  from added;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.after_api_keys_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_notify('pgbeat_api_keys', lower(tg_op));
  return null;
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.after_schedule_update()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  moment constant timestamptz := new.updated_at;
  since timestamptz := pgbeat.unfired_since(old, moment);
begin
  insert into pgbeat.schedule_events (schedule_id, schedule_name, event_type, changes, revision, changed_by,
    occurred_at, note)
  values (
    new.id, new.name,
    case when old.enabled and not new.enabled then 'paused' when new.enabled and not old.enabled then 'resumed'
      else 'updated' end,
    pgbeat.schedule_changes(pgbeat.editable(old), pgbeat.editable(new)), new.revision, new.updated_by, moment,
    coalesce(nullif(current_setting('pgbeat.note', true), ''),
      case when old.enabled and not new.enabled then new.pause_note end));

  if not old.enabled then
    -- The pause is over, or goes on with another timetable.
    if new.paused_at is distinct from old.paused_at then
      perform pgbeat.add_lapse(old, 'paused', since, moment);
    end if;
  elsif not new.enabled then
    perform pgbeat.add_lapse(old, 'paused', since, moment);
  elsif new.active_since <> old.active_since then
    -- A run_at that has passed is due all the same, and no part of what lapses.
    perform pgbeat.add_lapse(old, 'edited', since, new.active_since);
    perform pgbeat.add_lapse(old, 'edited', greatest(since, new.active_since + interval '1 millisecond'), moment)
    where since is not null;
  elsif new.ends_at is distinct from old.ends_at and since is not null then
    perform pgbeat.add_lapse(old, 'edited',
      greatest(since, coalesce(new.ends_at + interval '1 millisecond', 'infinity')), moment);
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.after_schedules_insert_or_delete()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.after_schedules_update()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_notify('pgbeat_schedules', 'update');
  return null;
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.as_spelled(duration interval, before interval)
 RETURNS interval
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select case when extract(epoch from duration) = extract(epoch from before) then before else duration end
$function$;

CREATE OR REPLACE FUNCTION pgbeat.backfill(schedule text, starts_at timestamp with time zone, ends_at timestamp with time zone, which text DEFAULT 'missing'::text, max_active integer DEFAULT 1, dry_run boolean DEFAULT false, payload jsonb DEFAULT NULL::jsonb)
 RETURNS bigint
 LANGUAGE plpgsql
AS $function$
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
  perform pgbeat.record_act(target.id, target.name, 'backfilled',
    jsonb_build_object('backfill_id', jsonb_build_object('to', new_id::text)));
  perform pg_notify('pgbeat_schedules', 'backfill');
  return new_id;
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.backfill_problem(starts_at timestamp with time zone, ends_at timestamp with time zone, which text, max_active integer)
 RETURNS pgbeat.problem
 LANGUAGE sql
 STABLE
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION pgbeat.before_backfill_status()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  new.xid := pg_current_xact_id();
  return new;
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.before_schedule_write()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.before_schedules_truncate()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  moment constant timestamptz := pgbeat.clock();
begin
  insert into pgbeat.schedule_events (schedule_id, schedule_name, event_type, changes, revision, changed_by, occurred_at)
  select id, name, 'deleted', pgbeat.schedule_changes(pgbeat.editable(schedules), null), revision + 1, pgbeat.actor(),
    moment
  from pgbeat.schedules;
  perform pgbeat.add_lapse(schedules, case when schedules.enabled then 'deleted' else 'paused' end,
    pgbeat.unfired_since(schedules, moment), moment)
  from pgbeat.schedules;
  perform pg_notify('pgbeat_schedules', 'delete');
  return null;
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.cancel(run_id bigint)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
begin
  if not exists (select from pgbeat.cancel_runs(array[run_id], 'cancelled')) then
    return false;
  end if;
  perform pgbeat.record_act(r.schedule_id, r.schedule_name, 'cancelled',
    jsonb_build_object('run_id', jsonb_build_object('to', r.id::text)))
  from pgbeat.runs r where r.id = run_id;
  return true;
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.cancel_backfill(backfill bigint)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
declare
  cancelled pgbeat.backfills;
begin
  update pgbeat.backfills set status = 'cancelled', finished_at = pgbeat.clock()
  where id = $1 and status in ('listing', 'listed', 'running')
  returning * into cancelled;
  if not found then
    return false;
  end if;
  perform pgbeat.cancel_runs(array(
    select id from pgbeat.runs where backfill_id = $1 and status in ('waiting', 'queued', 'retrying')), 'cancelled');
  perform pgbeat.record_act(cancelled.schedule_id, cancelled.schedule_name, 'cancelled',
    jsonb_build_object('backfill_id', jsonb_build_object('to', cancelled.id::text)));
  return true;
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.cancel_runs(ids bigint[], why text)
 RETURNS SETOF bigint
 LANGUAGE plpgsql
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.change_in_schedule_search()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  update pgbeat.schedule_search set
    name = new.name, description = new.description, category = left(new.category, 200), task_name = new.task_name,
    tags = pgbeat.searched_tags(new.tags), enabled = new.enabled, updated_at = new.updated_at
  where schedule_id = new.id;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.clock()
 RETURNS timestamp with time zone
 LANGUAGE sql
AS $function$ select clock_timestamp() $function$;

CREATE OR REPLACE FUNCTION pgbeat.create_client_role()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.create_run_partitions(first_day date, last_day date)
 RETURNS integer
 LANGUAGE plpgsql
 SET "TimeZone" TO 'UTC'
 SET "DateStyle" TO 'ISO'
 SET lock_timeout TO '100ms'
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.cron_field(field text, title text, lowest integer, highest integer, steps integer)
 RETURNS integer[]
 LANGUAGE plpgsql
 IMMUTABLE STRICT
AS $function$
declare
  item text;
  part text[];
  first integer;
  last integer;
  step integer;
  found integer[] := '{}';
begin
  foreach item in array string_to_array(field, ',') loop
    if item ~ '[LlWw#+]' then
      return null;
    end if;
    item := replace(item, '?', '*');
    part := regexp_match(item, '^(?:(\*)|0*([0-9]{1,5})(?:-0*([0-9]{1,5}))?)?(?:/0*([0-9]{1,5}))?$');
    if item = '' or part is null then
      raise exception '% is not a %', quote_literal(left(item, 100)), title;
    end if;
    first := coalesce(part[2]::integer, lowest);
    last := coalesce(part[3]::integer, case when part[2] is null or part[4] is not null then highest else first end);
    step := coalesce(part[4]::integer, 1);
    if step < 1 or step > steps then
      raise exception 'the step of % is not from 1 to % for a %', left(item, 100), steps, title;
    elsif first > last then
      raise exception 'the range % of a % runs backwards', left(item, 100), title;
    end if;
    -- croner minds the values that a range reaches, not the end that is written.
    last := last - (last - first) % step;
    if first < lowest or last > highest then
      raise exception '% is outside % to % for a %', left(item, 100), lowest, highest, title;
    end if;
    -- Of years only the last one is asked about.
    found := found || case when highest > 100 then array[last] else array(select generate_series(first, last, step)) end;
  end loop;
  return found;
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.cron_problem(expression text)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  fields text[];
  names text[];
  days integer[];
  months integer[];
  years integer[];
  weekday text;
begin
  if length(expression) > 1000 then
    return format('it has %s characters, which are more than 1000', length(expression));
  end if;
  -- The blanks that JavaScript splits at and Postgres, depending on its locale, may not.
  fields := regexp_split_to_array(btrim(regexp_replace(expression,
    '[\s\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+', ' ', 'g')), ' ');
  if lower(fields[1]) in ('@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly')
     and cardinality(fields) = 1 then
    return null;
  elsif cardinality(fields) not between 5 and 7 then
    return format('%s has %s fields instead of 5, 6 or 7', quote_literal(left(expression, 100)), cardinality(fields));
  end if;
  if cardinality(fields) = 5 then
    fields := array_prepend('0', fields);
  end if;

  if fields[5] ~ '[A-Za-z]' then
    names := '{jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec}';
    for i in 1..12 loop
      fields[5] := regexp_replace(fields[5], names[i], i::text, 'gi');
    end loop;
  end if;
  weekday := fields[6];
  if weekday ~ '[A-Za-z]' then
    weekday := regexp_replace(weekday, '-sun', '-7', 'gi');
    names := '{sun,mon,tue,wed,thu,fri,sat}';
    for i in 1..7 loop
      weekday := regexp_replace(weekday, names[i], (i - 1)::text, 'gi');
    end loop;
  end if;

  perform pgbeat.cron_field(fields[1], 'second', 0, 59, 60);
  perform pgbeat.cron_field(fields[2], 'minute', 0, 59, 60);
  perform pgbeat.cron_field(fields[3], 'hour', 0, 23, 24);
  days := pgbeat.cron_field(fields[4], 'day of the month', 1, 31, 31);
  months := pgbeat.cron_field(fields[5], 'month', 1, 12, 12);
  perform pgbeat.cron_field(weekday, 'day of the week', 0, 7, 8);
  years := pgbeat.cron_field(fields[7], 'year', 1, 9999, 10000);

  if weekday in ('*', '?') and not exists (
    select from unnest(days) day, unnest(months) month
    where day <= case month when 2 then 29 when 4 then 30 when 6 then 30 when 9 then 30 when 11 then 30 else 31 end
  ) and days is not null and months is not null then
    return format('%s never fires: none of its months has such a day', quote_literal(expression));
  elsif (select max(year) from unnest(years) year) < extract(year from now() - interval '1 day') then
    return format('%s never fires again: its last year is over', quote_literal(expression));
  end if;
  return null;
exception when raise_exception then
  return sqlerrm;
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.disable_owner_security()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET lock_timeout TO '1s'
AS $function$
begin
  alter table pgbeat.schedules disable row level security;
  alter table pgbeat.runs disable row level security;
  if to_regrole('pgbeat_client') is not null then
    revoke select on pgbeat.runs from pgbeat_client;
  end if;
  perform pgbeat.create_client_role();
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.drop_run_partitions(day date, keep_since timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
 SET "TimeZone" TO 'UTC'
 SET "DateStyle" TO 'ISO'
 SET lock_timeout TO '100ms'
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.editable(schedule pgbeat.schedules)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET "IntervalStyle" TO 'iso_8601'
 SET "DateStyle" TO 'ISO'
 SET "TimeZone" TO 'UTC'
AS $function$
  select to_jsonb(schedule)
    - '{id,next_run_at,last_run_at,run_count,error,active_since,timetable_since,paused_at,revision,created_at,updated_at,updated_by,owner}'::text[]
$function$;

CREATE OR REPLACE FUNCTION pgbeat.enable_owner_security()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET lock_timeout TO '1s'
AS $function$
begin
  alter table pgbeat.schedules enable row level security;
  alter table pgbeat.runs enable row level security;
  perform pgbeat.create_client_role();
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.full_xid(short_xid xid, bound bigint)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select case when short_xid = '0'::xid or short_xid = '1'::xid or short_xid = '2'::xid then 0
    else greatest(0, bound - 1 - ((bound - 1 - short_xid::text::bigint) & 4294967295)) end
$function$;

CREATE OR REPLACE FUNCTION pgbeat.has_active_runs(since timestamp with time zone, until timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.is_client()
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select coalesce(pg_has_role(to_regrole('pgbeat_client'), 'usage'), false)
$function$;

CREATE OR REPLACE FUNCTION pgbeat.is_time_zone(name text)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  -- Postgres also reads POSIX zones such as FOO+3, and files that are no zones of the IANA database.
  if name ~ '^(posix|right)/|^(localtime|posixrules|Factory)$|^<|^[+-]?[0-9]' then
    return false;
  elsif name ~ '^[A-Za-z]+[+-]?[0-9]' then
    return exists (select from pg_timezone_names zones where lower(zones.name) = lower(is_time_zone.name));
  end if;
  perform now() at time zone name;
  return name <> '';
exception when invalid_parameter_value then
  return false;
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.letter_pairs(text text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select coalesce(array_remove(array_agg(letter || following), null), '{}')
  from unnest(string_to_array(lower($1), null), string_to_array(substr(lower($1), 2), null)) as pair(letter, following)
$function$;

CREATE OR REPLACE FUNCTION pgbeat.move_active_window()
 RETURNS boolean
 LANGUAGE plpgsql
 SET "TimeZone" TO 'UTC'
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.note_active_day()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.pause(schedule text, note text DEFAULT NULL::text)
 RETURNS void
 LANGUAGE sql
AS $function$
  update pgbeat.schedules set enabled = false, pause_note = $2 where id = pgbeat.schedule_id($1)
$function$;

CREATE OR REPLACE FUNCTION pgbeat.record_act(schedule_id uuid, schedule_name text, act text, changes jsonb)
 RETURNS void
 LANGUAGE sql
AS $function$
  insert into pgbeat.schedule_events (schedule_id, schedule_name, event_type, changes, revision, changed_by, occurred_at,
    note)
  values ($1, $2, $3, $4,
    coalesce(
      (select s.revision from pgbeat.schedules s where s.id = $1),
      (select max(e.revision) from pgbeat.schedule_events e where e.schedule_id = $1),
      0),
    pgbeat.actor(), pgbeat.clock(), nullif(current_setting('pgbeat.note', true), ''))
$function$;

CREATE OR REPLACE FUNCTION pgbeat.record_drain_event()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  insert into pgbeat.system_events (event_type, subject_id, subject_name, changes, changed_by, note)
  values (
    case when new.draining_at is null then 'worker_undrained' else 'worker_drained' end,
    new.id, format('%s %s', new.host, new.pid),
    pgbeat.schedule_changes(jsonb_build_object('draining_at', old.draining_at),
      jsonb_build_object('draining_at', new.draining_at)),
    pgbeat.actor(), nullif(current_setting('pgbeat.note', true), ''));
  return null;
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.record_key_event()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  insert into pgbeat.system_events (event_type, subject_id, subject_name, changes, changed_by, note)
  values (
    case tg_op when 'INSERT' then 'key_created' else 'key_revoked' end, new.id, new.name,
    case tg_op
      when 'INSERT' then pgbeat.schedule_changes(null, jsonb_build_object('role', new.role, 'expires_at', new.expires_at))
      else pgbeat.schedule_changes(jsonb_build_object('revoked_at', old.revoked_at),
        jsonb_build_object('revoked_at', new.revoked_at)) end,
    pgbeat.actor(), nullif(current_setting('pgbeat.note', true), ''));
  return null;
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.remove_from_schedule_search()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if tg_op = 'TRUNCATE' then
    -- Not truncated: whoever reads both tables may have locked this one before the other.
    delete from pgbeat.schedule_search;
  else
    delete from pgbeat.schedule_search using removed where schedule_id = removed.id;
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.resume(schedule text, note text DEFAULT NULL::text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  before constant text := current_setting('pgbeat.note', true);
begin
  perform set_config('pgbeat.note', coalesce($2, before, ''), true);
  update pgbeat.schedules set enabled = true where id = pgbeat.schedule_id($1);
  perform set_config('pgbeat.note', coalesce(before, ''), true);
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.retry(run_id bigint)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.run_instant(run_id bigint)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 STABLE
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
begin
  return (select scheduled_for from pgbeat.runs where id = run_id);
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.run_partition_settings(parent text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select case parent
    -- Lines are never updated, so they need no room for it.
    when 'run_logs' then 'fillfactor = 100'
    else 'fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000,'
      ' autovacuum_analyze_scale_factor = 0.02, autovacuum_analyze_threshold = 5000'
  end
$function$;

CREATE OR REPLACE FUNCTION pgbeat.schedule(name text, task_name text, cron_expression text DEFAULT NULL::text, every interval DEFAULT NULL::interval, run_at timestamp with time zone DEFAULT NULL::timestamp with time zone, timezone text DEFAULT 'UTC'::text, payload jsonb DEFAULT '{}'::jsonb, enabled boolean DEFAULT NULL::boolean, starts_at timestamp with time zone DEFAULT NULL::timestamp with time zone, ends_at timestamp with time zone DEFAULT NULL::timestamp with time zone, max_runs integer DEFAULT NULL::integer, jitter interval DEFAULT NULL::interval, overlap_policy text DEFAULT 'skip'::text, catch_up text DEFAULT 'latest'::text, catch_up_window interval DEFAULT NULL::interval, priority integer DEFAULT 0, queue_name text DEFAULT NULL::text, max_attempts integer DEFAULT 3, retry_delay interval DEFAULT NULL::interval, timeout interval DEFAULT NULL::interval, description text DEFAULT NULL::text, category text DEFAULT NULL::text, tags text[] DEFAULT '{}'::text[], pause_note text DEFAULT NULL::text)
 RETURNS uuid
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.schedule_changes(old_row jsonb, new_row jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select coalesce(json_object_agg(key, case
      when before is null then json_build_object('to', after)
      when after is null then json_build_object('from', before)
      else json_build_object('from', before, 'to', after) end)::jsonb, '{}')
  from jsonb_object_keys(coalesce(old_row, new_row)) key,
    lateral (select nullif(old_row -> key, 'null') as before, nullif(new_row -> key, 'null') as after) value
  where before is distinct from after
$function$;

CREATE OR REPLACE FUNCTION pgbeat.schedule_id(schedule text)
 RETURNS uuid
 LANGUAGE plpgsql
 STABLE
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.schedule_problem(schedule pgbeat.schedules, changed text[])
 RETURNS pgbeat.problem
 LANGUAGE plpgsql
 STABLE
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.searched_tags(tags text[])
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select coalesce(array_agg(left(tag, 200)), '{}') from unnest($1) as tag
$function$;

CREATE OR REPLACE FUNCTION pgbeat.split_missed(backfill bigint)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.start_backfill(backfill bigint)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
begin
  -- Listed anew, for the ledger may have changed since.
  update pgbeat.backfills set status = 'listing', dry_run = false, listed_until = null where id = $1 and status = 'listed';
  if not found then
    return false;
  end if;
  delete from pgbeat.backfill_instants where backfill_id = $1;
  perform pg_notify('pgbeat_schedules', 'backfill');
  return true;
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.transaction_clock()
 RETURNS timestamp with time zone
 LANGUAGE sql
AS $function$ select now() $function$;

CREATE OR REPLACE FUNCTION pgbeat.trigger(schedule text, payload jsonb DEFAULT NULL::jsonb)
 RETURNS bigint
 LANGUAGE plpgsql
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION pgbeat.unfired_since(schedule pgbeat.schedules, moment timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select case
    when schedule.run_count >= schedule.max_runs then null
    when not schedule.enabled then greatest(schedule.paused_at, schedule.last_run_at + interval '1 millisecond')
    when schedule.next_run_at < moment then schedule.next_run_at
    when schedule.next_run_at is null then
      greatest(schedule.active_since, schedule.last_run_at + interval '1 millisecond') end
$function$;

CREATE OR REPLACE FUNCTION pgbeat.unschedule(name text)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  delete from pgbeat.schedules s where s.name = unschedule.name;
  return found;
end $function$;

CREATE INDEX active_days_day ON pgbeat.active_days USING btree (day);

CREATE INDEX backfill_instants_left ON pgbeat.backfill_instants USING btree (backfill_id, scheduled_for) WHERE (chosen AND (run_id IS NULL));

CREATE INDEX backfills_by_schedule ON pgbeat.backfills USING btree (schedule_id, id DESC);

CREATE INDEX backfills_by_xid ON pgbeat.backfills USING btree (xid);

CREATE INDEX backfills_open ON pgbeat.backfills USING btree (id) WHERE (status = ANY (ARRAY['listing'::text, 'running'::text]));

CREATE INDEX idempotency_keys_by_age ON pgbeat.idempotency_keys USING btree (created_at);

CREATE INDEX lapses_by_schedule ON pgbeat.lapses USING btree (schedule_id);

CREATE INDEX runs_active ON ONLY pgbeat.runs USING btree (schedule_id, status) WHERE (status = ANY (ARRAY['waiting'::text, 'queued'::text, 'running'::text, 'retrying'::text]));

CREATE INDEX runs_backfill ON ONLY pgbeat.runs USING btree (backfill_id) WHERE (backfill_id IS NOT NULL);

CREATE INDEX runs_by_origin ON ONLY pgbeat.runs USING btree (origin, id) WHERE (origin <> 'schedule'::text);

CREATE INDEX runs_by_reason ON ONLY pgbeat.runs USING btree (reason, id) WHERE (reason IS NOT NULL);

CREATE INDEX runs_by_task ON ONLY pgbeat.runs USING btree (task_name, id);

CREATE INDEX runs_finished ON ONLY pgbeat.runs USING btree (finished_at, id) WHERE (finished_at IS NOT NULL);

CREATE INDEX runs_missed ON ONLY pgbeat.runs USING btree (schedule_id, scheduled_for) WHERE (status = 'missed'::text);

CREATE INDEX runs_not_succeeded ON ONLY pgbeat.runs USING btree (status, id) INCLUDE (scheduled_for) WHERE (status = ANY (ARRAY['failed'::text, 'cancelled'::text, 'skipped'::text, 'missed'::text]));

CREATE INDEX runs_running ON ONLY pgbeat.runs USING btree (node_id) WHERE (status = 'running'::text);

CREATE INDEX runs_waiting ON ONLY pgbeat.runs USING btree (schedule_id, scheduled_for) WHERE (status = 'waiting'::text);

CREATE INDEX schedule_events_by_actor ON pgbeat.schedule_events USING btree (changed_by, event_type, id);

CREATE INDEX schedule_events_by_schedule ON pgbeat.schedule_events USING btree (schedule_id, id DESC);

CREATE INDEX schedule_events_by_type ON pgbeat.schedule_events USING btree (event_type, id);

CREATE INDEX schedule_events_by_xid ON pgbeat.schedule_events USING btree (xid);

CREATE INDEX schedule_search_by_category ON pgbeat.schedule_search USING btree (category, name);

CREATE INDEX schedule_search_by_creation ON pgbeat.schedule_search USING btree (created_at, schedule_id);

CREATE INDEX schedule_search_by_edit ON pgbeat.schedule_search USING btree (updated_at, schedule_id);

CREATE INDEX schedule_search_by_name ON pgbeat.schedule_search USING btree (name);

CREATE INDEX schedule_search_by_tag ON pgbeat.schedule_search USING gin (tags);

CREATE INDEX schedule_search_by_task ON pgbeat.schedule_search USING btree (task_name, name);

CREATE INDEX schedule_search_by_text ON pgbeat.schedule_search USING gin (pgbeat.letter_pairs(((name || '
'::text) || COALESCE(description, ''::text))) COLLATE "C");

CREATE INDEX schedule_search_enabled ON pgbeat.schedule_search USING btree (name) WHERE enabled;

CREATE INDEX schedule_search_paused ON pgbeat.schedule_search USING btree (name) WHERE (NOT enabled);

CREATE INDEX schedules_due ON pgbeat.schedules USING btree (next_run_at, id) WHERE (enabled AND (next_run_at IS NOT NULL));

CREATE INDEX schedules_finished ON pgbeat.schedules USING btree (id) WHERE (next_run_at = 'infinity'::timestamp with time zone);

CREATE INDEX schedules_invalid ON pgbeat.schedules USING btree (id) WHERE (error IS NOT NULL);

CREATE INDEX schedules_paused ON pgbeat.schedules USING btree (id) WHERE (NOT enabled);

CREATE INDEX schedules_unplanned ON pgbeat.schedules USING btree (id) WHERE (enabled AND (next_run_at IS NULL) AND (error IS NULL));

create view pgbeat.backfill_status as  SELECT b.id,
    b.schedule_id,
    b.schedule_name,
    b.starts_at,
    b.ends_at,
    b.which,
    b.max_active,
    b.payload,
    b.dry_run,
    b.status,
    b.listed_until,
    b.error,
    b.created_at,
    b.created_by,
    b.finished_at,
    i.instants,
    i.chosen,
    i.remaining,
    r.queued,
    r.running,
    r.succeeded,
    r.failed,
    r.cancelled,
    (i.begun - r.begun) AS taken_over
   FROM pgbeat.backfills b,
    LATERAL ( SELECT count(*) AS instants,
            count(*) FILTER (WHERE backfill_instants.chosen) AS chosen,
            count(*) FILTER (WHERE (backfill_instants.chosen AND (backfill_instants.run_id IS NULL))) AS remaining,
            count(backfill_instants.run_id) AS begun
           FROM pgbeat.backfill_instants
          WHERE (backfill_instants.backfill_id = b.id)) i,
    LATERAL ( SELECT count(*) AS begun,
            count(*) FILTER (WHERE (runs.status = ANY (ARRAY['waiting'::text, 'queued'::text, 'retrying'::text]))) AS queued,
            count(*) FILTER (WHERE (runs.status = 'running'::text)) AS running,
            count(*) FILTER (WHERE (runs.status = 'succeeded'::text)) AS succeeded,
            count(*) FILTER (WHERE (runs.status = 'failed'::text)) AS failed,
            count(*) FILTER (WHERE (runs.status = 'cancelled'::text)) AS cancelled
           FROM pgbeat.runs
          WHERE (runs.backfill_id = b.id)) r;

create view pgbeat.lateness with (security_invoker=true) as  SELECT s.id AS schedule_id,
    s.name AS schedule_name,
    measured.hour,
    measured.runs,
    measured.lateness_p50_seconds,
    measured.lateness_p99_seconds,
    measured.lateness_max_seconds,
    measured.fire_delay_p50_seconds,
    measured.fire_delay_p99_seconds,
    measured.fire_delay_max_seconds,
    measured.queue_delay_p50_seconds,
    measured.queue_delay_p99_seconds,
    measured.queue_delay_max_seconds
   FROM pgbeat.schedules s,
    LATERAL ( SELECT date_trunc('hour'::text, r.scheduled_for, 'UTC'::text) AS hour,
            count(*) AS runs,
            percentile_cont((0.5)::double precision) WITHIN GROUP (ORDER BY r.lateness) AS lateness_p50_seconds,
            percentile_cont((0.99)::double precision) WITHIN GROUP (ORDER BY r.lateness) AS lateness_p99_seconds,
            max(r.lateness) AS lateness_max_seconds,
            percentile_cont((0.5)::double precision) WITHIN GROUP (ORDER BY r.fire_delay) AS fire_delay_p50_seconds,
            percentile_cont((0.99)::double precision) WITHIN GROUP (ORDER BY r.fire_delay) AS fire_delay_p99_seconds,
            max(r.fire_delay) AS fire_delay_max_seconds,
            percentile_cont((0.5)::double precision) WITHIN GROUP (ORDER BY r.queue_delay) AS queue_delay_p50_seconds,
            percentile_cont((0.99)::double precision) WITHIN GROUP (ORDER BY r.queue_delay) AS queue_delay_p99_seconds,
            max(r.queue_delay) AS queue_delay_max_seconds
           FROM ( SELECT runs.scheduled_for,
                    (EXTRACT(epoch FROM (runs.started_at - runs.scheduled_for)))::double precision AS lateness,
                    (EXTRACT(epoch FROM (runs.queued_at - runs.scheduled_for)))::double precision AS fire_delay,
                    (EXTRACT(epoch FROM (runs.started_at - runs.queued_at)))::double precision AS queue_delay
                   FROM pgbeat.runs
                  WHERE ((runs.schedule_id = s.id) AND (runs.origin = 'schedule'::text) AND (runs.started_at IS NOT NULL) AND (runs.scheduled_for >= (date_trunc('hour'::text, now(), 'UTC'::text) - '23:00:00'::interval)))) r
          GROUP BY (date_trunc('hour'::text, r.scheduled_for, 'UTC'::text))) measured;

create view pgbeat.schedule_status with (security_invoker=true) as  SELECT s.id AS schedule_id,
    s.name AS schedule_name,
    s.task_name,
        CASE
            WHEN (NOT s.enabled) THEN 'paused'::text
            WHEN (s.error IS NOT NULL) THEN 'invalid'::text
            WHEN (s.next_run_at = 'infinity'::timestamp with time zone) THEN 'finished'::text
            ELSE 'enabled'::text
        END AS state,
        CASE
            WHEN (NOT s.enabled) THEN s.pause_note
            ELSE s.error
        END AS note,
    NULLIF(s.next_run_at, 'infinity'::timestamp with time zone) AS next_run_at,
    COALESCE(active.runs, (0)::bigint) AS active_runs,
    latest.id AS last_run_id,
    latest.status AS last_status,
    latest.reason AS last_reason,
    latest.scheduled_for AS last_scheduled_for,
    latest.started_at AS last_started_at,
    latest.finished_at AS last_finished_at,
    recent.last_success_at,
    recent.consecutive_failures
   FROM (((pgbeat.schedules s
     LEFT JOIN LATERAL ( SELECT r.id,
            r.status,
            r.reason,
            r.scheduled_for,
            r.started_at,
            r.finished_at
           FROM pgbeat.runs r
          WHERE (r.schedule_id = s.id)
          ORDER BY r.scheduled_for DESC
         LIMIT 1) latest ON (true))
     LEFT JOIN LATERAL ( SELECT max(ended.finished_at) FILTER (WHERE (ended.status = 'succeeded'::text)) AS last_success_at,
            count(*) FILTER (WHERE ((ended.status = 'failed'::text) AND (ended.successes = 0))) AS consecutive_failures
           FROM ( SELECT r.status,
                    r.finished_at,
                    count(*) FILTER (WHERE (r.status = 'succeeded'::text)) OVER (ORDER BY r.scheduled_for DESC) AS successes
                   FROM ( SELECT r_1.scheduled_for,
                            r_1.status,
                            r_1.finished_at
                           FROM pgbeat.runs r_1
                          WHERE (r_1.schedule_id = s.id)
                          ORDER BY r_1.scheduled_for DESC
                         LIMIT 100) r) ended) recent ON (true))
     LEFT JOIN LATERAL ( SELECT count(*) AS runs
           FROM pgbeat.runs r
          WHERE ((r.schedule_id = s.id) AND (r.status = ANY (ARRAY['waiting'::text, 'queued'::text, 'running'::text, 'retrying'::text])))) active ON (true));

create view pgbeat.upcoming with (security_invoker=true) as  SELECT s.id AS schedule_id,
    s.name AS schedule_name,
    s.task_name,
    s.next_run_at,
        CASE
            WHEN pgbeat.is_time_zone(s.timezone) THEN (s.next_run_at AT TIME ZONE s.timezone)
            ELSE NULL::timestamp without time zone
        END AS local_time,
    s.timezone,
    (EXTRACT(epoch FROM (s.next_run_at - clock.now)))::double precision AS seconds_until,
        CASE
            WHEN ((s.run_at IS NOT NULL) OR ((s.max_runs - s.run_count) <= 1)) THEN '{}'::timestamp with time zone[]
            WHEN (s.every IS NOT NULL) THEN ARRAY( SELECT following.at
               FROM generate_series(1, (LEAST((4)::bigint, ((s.max_runs - s.run_count) - 1)))::integer) n(n),
                LATERAL ( SELECT (s.next_run_at + make_interval(secs => ((n.n)::double precision * (EXTRACT(epoch FROM s.every))::double precision))) AS at) following
              WHERE ((s.ends_at IS NULL) OR (following.at <= s.ends_at))
              ORDER BY n.n)
            ELSE NULL::timestamp with time zone[]
        END AS following
   FROM pgbeat.schedules s,
    ( SELECT pgbeat.clock() AS now) clock
  WHERE (s.enabled AND (s.next_run_at IS NOT NULL) AND (s.next_run_at < 'infinity'::timestamp with time zone) AND (s.error IS NULL));

create policy of_owner on pgbeat.runs using (((NOT ( SELECT pgbeat.is_client() AS is_client)) OR (( SELECT s.owner
   FROM pgbeat.schedules s
  WHERE (s.id = runs.schedule_id)) = CURRENT_USER)));

create policy of_owner on pgbeat.schedules using (((owner = CURRENT_USER) OR (NOT ( SELECT pgbeat.is_client() AS is_client))));

CREATE TRIGGER after_change AFTER INSERT OR DELETE OR UPDATE OF id, name, role, hash, expires_at, revoked_at OR TRUNCATE ON pgbeat.api_keys FOR EACH STATEMENT EXECUTE FUNCTION pgbeat.after_api_keys_change();

CREATE TRIGGER record_creation AFTER INSERT ON pgbeat.api_keys FOR EACH ROW EXECUTE FUNCTION pgbeat.record_key_event();

CREATE TRIGGER record_revocation AFTER UPDATE OF revoked_at ON pgbeat.api_keys FOR EACH ROW WHEN (((old.revoked_at IS NULL) AND (new.revoked_at IS NOT NULL))) EXECUTE FUNCTION pgbeat.record_key_event();

CREATE TRIGGER before_status BEFORE UPDATE OF status ON pgbeat.backfills FOR EACH ROW EXECUTE FUNCTION pgbeat.before_backfill_status();

CREATE TRIGGER record_draining AFTER UPDATE OF draining_at ON pgbeat.nodes FOR EACH ROW WHEN (((old.draining_at IS NULL) <> (new.draining_at IS NULL))) EXECUTE FUNCTION pgbeat.record_drain_event();

CREATE TRIGGER note_active_day_of_insert AFTER INSERT ON pgbeat.runs FOR EACH ROW WHEN (((new.status = ANY (ARRAY['waiting'::text, 'queued'::text, 'running'::text, 'retrying'::text])) AND ((new.scheduled_for < (clock_timestamp() - '01:00:00'::interval)) OR (new.scheduled_for > (clock_timestamp() + '01:00:00'::interval))))) EXECUTE FUNCTION pgbeat.note_active_day();

CREATE TRIGGER note_active_day_of_update AFTER UPDATE OF status ON pgbeat.runs FOR EACH ROW WHEN (((new.status = ANY (ARRAY['waiting'::text, 'queued'::text, 'running'::text, 'retrying'::text])) AND (old.status <> ALL (ARRAY['waiting'::text, 'queued'::text, 'running'::text, 'retrying'::text])) AND ((new.scheduled_for < (clock_timestamp() - '01:00:00'::interval)) OR (new.scheduled_for > (clock_timestamp() + '01:00:00'::interval))))) EXECUTE FUNCTION pgbeat.note_active_day();

CREATE TRIGGER after_delete AFTER DELETE ON pgbeat.schedules REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION pgbeat.after_schedules_insert_or_delete();

CREATE TRIGGER after_insert AFTER INSERT ON pgbeat.schedules REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION pgbeat.after_schedules_insert_or_delete();

CREATE TRIGGER after_update AFTER UPDATE OF name, task_name, payload, cron_expression, every, run_at, timezone, enabled, starts_at, ends_at, max_runs, jitter, overlap_policy, catch_up, catch_up_window, priority, queue_name, max_attempts, retry_delay, timeout, description, category, tags, pause_note ON pgbeat.schedules FOR EACH STATEMENT EXECUTE FUNCTION pgbeat.after_schedules_update();

CREATE TRIGGER after_update_row AFTER UPDATE OF name, task_name, payload, cron_expression, every, run_at, timezone, enabled, starts_at, ends_at, max_runs, jitter, overlap_policy, catch_up, catch_up_window, priority, queue_name, max_attempts, retry_delay, timeout, description, category, tags, pause_note ON pgbeat.schedules FOR EACH ROW WHEN ((old.revision <> new.revision)) EXECUTE FUNCTION pgbeat.after_schedule_update();

CREATE TRIGGER before_truncate BEFORE TRUNCATE ON pgbeat.schedules FOR EACH STATEMENT EXECUTE FUNCTION pgbeat.before_schedules_truncate();

CREATE TRIGGER before_write BEFORE INSERT OR UPDATE OF id, name, task_name, payload, cron_expression, every, run_at, timezone, enabled, starts_at, ends_at, max_runs, jitter, overlap_policy, catch_up, catch_up_window, priority, queue_name, max_attempts, retry_delay, timeout, description, category, tags, pause_note, paused_at, active_since, timetable_since, revision, created_at, updated_at, updated_by ON pgbeat.schedules FOR EACH ROW EXECUTE FUNCTION pgbeat.before_schedule_write();

CREATE TRIGGER search_after_delete AFTER DELETE ON pgbeat.schedules REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION pgbeat.remove_from_schedule_search();

CREATE TRIGGER search_after_insert AFTER INSERT ON pgbeat.schedules REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION pgbeat.add_to_schedule_search();

CREATE TRIGGER search_after_update AFTER UPDATE OF name, task_name, payload, cron_expression, every, run_at, timezone, enabled, starts_at, ends_at, max_runs, jitter, overlap_policy, catch_up, catch_up_window, priority, queue_name, max_attempts, retry_delay, timeout, description, category, tags, pause_note ON pgbeat.schedules FOR EACH ROW WHEN ((old.revision <> new.revision)) EXECUTE FUNCTION pgbeat.change_in_schedule_search();

CREATE TRIGGER search_before_truncate BEFORE TRUNCATE ON pgbeat.schedules FOR EACH STATEMENT EXECUTE FUNCTION pgbeat.remove_from_schedule_search();

revoke execute on function pgbeat.add_to_schedule_search() from public;

revoke execute on function pgbeat.after_schedule_update() from public;

revoke execute on function pgbeat.after_schedules_insert_or_delete() from public;

revoke execute on function pgbeat.change_in_schedule_search() from public;

revoke execute on function pgbeat.record_drain_event() from public;

revoke execute on function pgbeat.record_key_event() from public;

revoke execute on function pgbeat.remove_from_schedule_search() from public;

comment on table pgbeat.active_days is 'The days (UTC) besides the active_window that may have active runs; a day may be in it several times';

comment on column pgbeat.active_days.day is 'A day of UTC, as the partitions are';

comment on table pgbeat.active_window is 'One row: every active run has its instant in here or on one of the active_days';

comment on column pgbeat.active_window.singleton is 'Always true';

comment on column pgbeat.active_window.since is 'About two hours ago; moved by the leader';

comment on column pgbeat.active_window.until is 'An hour after the latest time that the leader knew; now is always in the window';

comment on column pgbeat.active_window.next_since is 'Where since is moved to next';

comment on column pgbeat.active_window.next_xid is 'Once all transactions before this one are over';

comment on table pgbeat.api_keys is 'The keys of the HTTP API: bin/pgbeat keys create. Without a row the API is open, on loopback only';

comment on column pgbeat.api_keys.id is 'Identity; generated';

comment on column pgbeat.api_keys.name is 'What the audit trail calls whoever uses it: unique, 1 to 200 characters, without control characters or blanks around it, and not like an id';

comment on column pgbeat.api_keys.role is 'viewer reads; operator also runs, pauses and cancels what there is; admin also changes it';

comment on column pgbeat.api_keys.hash is 'SHA-256 of the token; the token itself is kept nowhere';

comment on column pgbeat.api_keys.prefix is 'How the token begins, to recognise it by; of its 43 random characters these are 8';

comment on column pgbeat.api_keys.created_at is 'When it was created';

comment on column pgbeat.api_keys.created_by is 'Who did that: the setting pgbeat.actor, or else the database user';

comment on column pgbeat.api_keys.expires_at is 'From when on it is refused; null = never';

comment on column pgbeat.api_keys.revoked_at is 'Since when it is refused for good; null = it is not';

comment on column pgbeat.api_keys.last_used_at is 'When it was last used, give or take a minute; null = never';

comment on table pgbeat.attempts is 'Every try of a run';

comment on column pgbeat.attempts.run_id is 'The run';

comment on column pgbeat.attempts.scheduled_for is 'The run''s nominal instant; here so that attempts are partitioned as runs are';

comment on column pgbeat.attempts.attempt is '1 for the first';

comment on column pgbeat.attempts.node_id is 'The worker that tried';

comment on column pgbeat.attempts.started_at is 'When';

comment on column pgbeat.attempts.finished_at is 'Until when';

comment on column pgbeat.attempts.status is 'running, succeeded, failed, cancelled, timed_out, worker_lost: the worker died in the middle, or worker_stopped: it was stopped in the middle, and the run may be tried once more for that';

comment on column pgbeat.attempts.error is '{"code", "message", "stack"}';

comment on table pgbeat.backfill_instants is 'The instants of each backfill: what the ledger had for them, and what became of them';

comment on column pgbeat.backfill_instants.backfill_id is 'The backfill';

comment on column pgbeat.backfill_instants.scheduled_for is 'The instant';

comment on column pgbeat.backfill_instants.found is 'The status of the run that the ledger had for it; null = none';

comment on column pgbeat.backfill_instants.clock_change is 'What a clock change does to it, as in runs';

comment on column pgbeat.backfill_instants.chosen is 'Whether it is to run';

comment on column pgbeat.backfill_instants.run_id is 'The run that the backfill made of it; null until then';

comment on column pgbeat.backfill_status.id is 'Grows with every backfill';

comment on column pgbeat.backfill_status.schedule_id is 'The schedule; it may be gone';

comment on column pgbeat.backfill_status.schedule_name is 'Its name then';

comment on column pgbeat.backfill_status.starts_at is 'No instant before this one; inclusive';

comment on column pgbeat.backfill_status.ends_at is 'No instant after this one; inclusive';

comment on column pgbeat.backfill_status.which is 'missing: instants that never ran (no run, missed, skipped); failed: those whose run failed; all: every instant whose run is not under way';

comment on column pgbeat.backfill_status.max_active is 'How many of its runs may be under way at once';

comment on column pgbeat.backfill_status.payload is 'What its runs are given; null = the schedule''s payload';

comment on column pgbeat.backfill_status.dry_run is 'Stop when the instants are listed, and wait for start_backfill';

comment on column pgbeat.backfill_status.status is 'listing (the leader lists the instants), listed (a dry run), running, completed, cancelled, failed (see error)';

comment on column pgbeat.backfill_status.listed_until is 'The last instant that is listed so far';

comment on column pgbeat.backfill_status.error is 'Why it can''t be run';

comment on column pgbeat.backfill_status.created_at is 'When it was asked for';

comment on column pgbeat.backfill_status.created_by is 'Who asked: the setting pgbeat.actor, or else the database user';

comment on column pgbeat.backfill_status.finished_at is 'When it was completed, cancelled or failed';

comment on column pgbeat.backfill_status.instants is 'How many instants of the timetable it has';

comment on column pgbeat.backfill_status.chosen is 'How many of them are to run';

comment on column pgbeat.backfill_status.remaining is 'How many of these it has not begun';

comment on column pgbeat.backfill_status.queued is 'How many of its runs are waiting, queued or between attempts';

comment on column pgbeat.backfill_status.running is 'How many of its runs are running';

comment on column pgbeat.backfill_status.succeeded is 'How many of its runs succeeded';

comment on column pgbeat.backfill_status.failed is 'How many of its runs failed';

comment on column pgbeat.backfill_status.cancelled is 'How many of its runs were cancelled';

comment on column pgbeat.backfill_status.taken_over is 'How many of its runs a later backfill has run again';

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

comment on column pgbeat.backfills.xid is 'The transaction that wrote its status last, by which the live feed tells what is new; 0 = before it told of backfills';

comment on table pgbeat.idempotency_keys is 'Answers to requests with an Idempotency-Key, written with what the request did and given again when it is repeated; kept for a day';

comment on column pgbeat.idempotency_keys.caller is 'Who asked; keys of different callers have nothing to do with each other';

comment on column pgbeat.idempotency_keys.key is 'As the request had it';

comment on column pgbeat.idempotency_keys.fingerprint is 'SHA-256 of the request: another one with the same key is refused';

comment on column pgbeat.idempotency_keys.status is 'HTTP status of the answer';

comment on column pgbeat.idempotency_keys.headers is 'Its headers that say something about what was done';

comment on column pgbeat.idempotency_keys.body is 'Its body, to the letter';

comment on column pgbeat.idempotency_keys.created_at is 'When the request was made';

comment on table pgbeat.lapses is 'Stretches in which instants passed that will not fire, until the leader has counted them and written the missed run that covers them';

comment on column pgbeat.lapses.id is 'Grows with every lapse';

comment on column pgbeat.lapses.schedule_id is 'The schedule; it may be gone';

comment on column pgbeat.lapses.schedule_name is 'Its name then';

comment on column pgbeat.lapses.task_name is 'Its task then';

comment on column pgbeat.lapses.payload is 'Its payload then';

comment on column pgbeat.lapses.max_attempts is 'Its attempts then';

comment on column pgbeat.lapses.cron_expression is 'Its timetable then';

comment on column pgbeat.lapses.timezone is 'The zone of that timetable';

comment on column pgbeat.lapses.every is 'Its timetable then';

comment on column pgbeat.lapses.run_at is 'Its timetable then';

comment on column pgbeat.lapses.starts_at is 'The timetable''s first bound';

comment on column pgbeat.lapses.ends_at is 'The timetable''s last bound';

comment on column pgbeat.lapses.schedule_created_at is 'What every is counted from when there is no starts_at';

comment on column pgbeat.lapses.reason is 'Why they will not fire: paused, edited, deleted, or what catch_up decided';

comment on column pgbeat.lapses.since is 'The stretch begins here; inclusive';

comment on column pgbeat.lapses.until is 'and ends before this';

comment on column pgbeat.lapses.counted_until is 'How far the leader has come; exclusive';

comment on column pgbeat.lapses.missed_since is 'The first instant that it found';

comment on column pgbeat.lapses.missed_last is 'The last instant that it found so far';

comment on column pgbeat.lapses.missed_count is 'How many instants it found so far';

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

comment on table pgbeat.leader is 'One row: the tick that holds the advisory lock. It informs; the lock decides.';

comment on column pgbeat.leader.singleton is 'Keeps it at one row';

comment on column pgbeat.leader.term is 'How many elections there have been; the leader''s number';

comment on column pgbeat.leader.node_id is 'The leading node; null after it resigned';

comment on column pgbeat.leader.backend_pid is 'The database session that holds the lock; a standby ends it when the heartbeat is stale';

comment on column pgbeat.leader.elected_at is 'When it was elected';

comment on column pgbeat.leader.heartbeat_at is 'When it last showed that it leads';

comment on table pgbeat.migrations is 'The migrations that were applied';

comment on column pgbeat.migrations.name is 'The file';

comment on column pgbeat.migrations.checksum is 'Its SHA-256 then';

comment on column pgbeat.migrations.applied_at is 'When';

comment on table pgbeat.minutes is 'What happened in each minute of the last 30 days; written by the leader when it is over. A minute that nobody was there to write is left out, unless it is of the last hour';

comment on column pgbeat.minutes.minute is 'When it began';

comment on column pgbeat.minutes.fired is 'Runs that are new: fired by timetables, caught up, backfilled or triggered. Of those that were not counted in time, an outage over, at most the latest 500,000';

comment on column pgbeat.minutes.succeeded is 'Runs that did so in this minute';

comment on column pgbeat.minutes.failed is 'Runs that did so in this minute, all their attempts over';

comment on column pgbeat.minutes.cancelled is 'Runs that were, in this minute';

comment on column pgbeat.minutes.skipped is 'Instants that were entered as skipped, to about a second';

comment on column pgbeat.minutes.missed is 'Instants that were found to be missed, to about a second; after an outage those of the outage';

comment on column pgbeat.minutes.lateness_p50_seconds is 'Half of the runs that lateness_runs counts began no later than this after their instants; null = there was none';

comment on column pgbeat.minutes.lateness_p99_seconds is 'The same for 99 of 100';

comment on column pgbeat.minutes.lateness_max_seconds is 'The latest of them';

comment on column pgbeat.minutes.lateness_runs is 'Of how many runs that is: those that were fired by timetables and finished in this minute; the first 20,000 of them';

comment on column pgbeat.minutes.last_run_id is 'Up to this id of pgbeat.runs they are counted as new; the next minute begins after it';

comment on table pgbeat.mirror is 'One row: up to where schedule_events are copied to Redis, and how the mirror is';

comment on column pgbeat.mirror.singleton is 'Keeps it at one row';

comment on column pgbeat.mirror.epoch is 'The first half of the ids of the stream''s entries; the second is the event''s number';

comment on column pgbeat.mirror.snapshot is 'What the statement saw that numbered events last; what it did not see is new. Null before the first';

comment on column pgbeat.mirror.system_identifier is 'Of the cluster whose transactions the snapshot is about; a dump may have been restored in another';

comment on column pgbeat.mirror.last_event_id is 'The greatest id of an event that has a number';

comment on column pgbeat.mirror.numbered is 'The last number that was given';

comment on column pgbeat.mirror.sent is 'Up to this number they are in Redis';

comment on column pgbeat.mirror.sent_at is 'When one was last sent';

comment on column pgbeat.mirror.channel is 'Where to; null while nobody has ever mirrored';

comment on column pgbeat.mirror.node_id is 'The tick that mirrors';

comment on column pgbeat.mirror.seen_at is 'When it last showed that it does';

comment on column pgbeat.mirror.failing_since is 'Since when Redis can''t be used; null while it can';

comment on column pgbeat.mirror.error is 'Why; null while it can';

comment on table pgbeat.mirrored_events is 'The order in which schedule_events are copied to Redis: those that are to be sent, and those that the stream keeps';

comment on column pgbeat.mirrored_events.number is 'Counts them, without a gap';

comment on column pgbeat.mirrored_events.event_id is 'The event in schedule_events';

comment on table pgbeat.node_metrics is 'What the processes that run now have counted since they started; /metrics shows all of them. A row goes with its node. Unlogged: empty after a crash of Postgres, and full again a second later';

comment on column pgbeat.node_metrics.node_id is 'The node';

comment on column pgbeat.node_metrics.published_at is 'When it was written';

comment on column pgbeat.node_metrics.metrics is '[{"name", "help", "type", "values": [[labels, value], …]}, …]; of a histogram {"bounds"} besides, and each value is [labels, counts up to each bound and in all, sum]';

comment on table pgbeat.nodes is 'The processes that run now. A process that stops cleanly takes its row away; one that dies leaves it with a stale heartbeat until the leader has recovered its runs.';

comment on column pgbeat.nodes.id is 'Chosen by the process at start';

comment on column pgbeat.nodes.kind is 'tick, worker or api; a process that is all three has three rows';

comment on column pgbeat.nodes.host is 'Host name';

comment on column pgbeat.nodes.pid is 'Process id on that host';

comment on column pgbeat.nodes.version is 'pgbeat''s version';

comment on column pgbeat.nodes.tasks is 'Workers: the tasks it runs';

comment on column pgbeat.nodes.concurrency is 'Workers: how many runs at once';

comment on column pgbeat.nodes.worker_pool_id is 'Workers: the graphile-worker pool that locks its jobs';

comment on column pgbeat.nodes.started_at is 'When the process registered';

comment on column pgbeat.nodes.heartbeat_at is 'When it was last heard of';

comment on column pgbeat.nodes.draining_at is 'Workers: since when it takes no new runs; it heeds that within a second. Null = it takes them, as after each start';

comment on table pgbeat.run_logs is 'What tasks logged, capped for each attempt';

comment on column pgbeat.run_logs.run_id is 'The run';

comment on column pgbeat.run_logs.scheduled_for is 'The run''s nominal instant; here so that lines are partitioned as runs are';

comment on column pgbeat.run_logs.attempt is 'The attempt that logged it';

comment on column pgbeat.run_logs.line is 'Counts the lines of an attempt, from 1; 0 = not from the task: who asked for the attempt with pgbeat.retry';

comment on column pgbeat.run_logs.logged_at is 'When, by pgbeat.clock()';

comment on column pgbeat.run_logs.level is 'debug, info, warn or error';

comment on column pgbeat.run_logs.message is 'The text';

comment on column pgbeat.run_logs.fields is 'What the task gave with it';

comment on table pgbeat.runs is 'What became of every instant: the history. Kept when the schedule is deleted';

comment on column pgbeat.runs.id is 'Grows with every run';

comment on column pgbeat.runs.schedule_id is 'The schedule that fired it; it may be gone';

comment on column pgbeat.runs.schedule_name is 'Its name then';

comment on column pgbeat.runs.task_name is 'The task';

comment on column pgbeat.runs.payload is 'What the task is given';

comment on column pgbeat.runs.scheduled_for is 'The nominal instant; with the schedule it is the run''s identity, and never changes';

comment on column pgbeat.runs.origin is 'Why it exists: schedule, catch_up, backfill or manual';

comment on column pgbeat.runs.status is 'waiting (behind an active run), queued, running, retrying (between attempts), succeeded, failed, cancelled; never started: skipped, missed';

comment on column pgbeat.runs.reason is 'Why nothing ran (overlap, replaced, catch_up_none, catch_up_latest, outside_window, paused, edited, deleted), or a word on how it ended (partial, timeout, cancelled, replaced, …)';

comment on column pgbeat.runs.missed_since is 'Missed: the first instant that this row covers; scheduled_for is the last';

comment on column pgbeat.runs.missed_count is 'Missed: how many instants this row covers';

comment on column pgbeat.runs.priority is 'Smaller runs first';

comment on column pgbeat.runs.queue_name is 'Runs with the same queue name run one after the other';

comment on column pgbeat.runs.max_attempts is 'How often it is tried, the first time included';

comment on column pgbeat.runs.timeout is 'How long one attempt may take; null = without limit';

comment on column pgbeat.runs.attempt is 'The latest attempt; 0 = none yet';

comment on column pgbeat.runs.job_id is 'The graphile-worker job of the latest attempt; null before it';

comment on column pgbeat.runs.node_id is 'The worker of the latest attempt';

comment on column pgbeat.runs.queued_at is 'When its job was added; minus scheduled_for it is the fire delay. The instant itself where the job was made ready before it, to be committed then';

comment on column pgbeat.runs.started_at is 'When its first attempt began; minus scheduled_for it is the lateness';

comment on column pgbeat.runs.finished_at is 'When its outcome was known';

comment on column pgbeat.runs.progress is 'What the task last reported: {"done", "total", "message"}';

comment on column pgbeat.runs.result is 'What the task returned';

comment on column pgbeat.runs.error is 'Of the latest attempt that failed: {"code", "message", "stack"}';

comment on column pgbeat.runs.cancel_requested_at is 'When it was cancelled; a running one goes on until its worker has ended it';

comment on column pgbeat.runs.next_attempt_at is 'Queued or retrying: not before this, for there is jitter or a pause between attempts; null = at once';

comment on column pgbeat.runs.clock_change is 'What a clock change did to its local time. moved: skipped, so it fires at the first instant after the gap. merged: it comes twice, and only the first fires. doubled: it comes twice, and both fire';

comment on column pgbeat.runs.backfill_id is 'The backfill that made it run';

comment on column pgbeat.runs.retry_delay is 'The pause before its second attempt, from which later ones grow; null = 5 s';

comment on table pgbeat.schedule_events is 'Every change of a schedule, append-only: audit trail and change history';

comment on column pgbeat.schedule_events.id is 'Grows with every event';

comment on column pgbeat.schedule_events.schedule_id is 'The schedule; it may be gone';

comment on column pgbeat.schedule_events.schedule_name is 'Its name then';

comment on column pgbeat.schedule_events.event_type is 'created, updated, paused, resumed, deleted; of its runs: triggered, backfilled, cancelled, retried';

comment on column pgbeat.schedule_events.changes is 'Each column that changed, with from and to; of what was done to runs, the id of the run or backfill';

comment on column pgbeat.schedule_events.revision is 'The schedule''s revision after the change';

comment on column pgbeat.schedule_events.changed_by is 'Who: the setting pgbeat.actor, or else the database user';

comment on column pgbeat.schedule_events.occurred_at is 'When';

comment on column pgbeat.schedule_events.note is 'What was said about it: the pause note, or the setting pgbeat.note';

comment on column pgbeat.schedule_events.xid is 'The transaction that recorded it, by which the live feed tells what is new; 0 = before there was a feed';

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

comment on table pgbeat.schedules is 'When + task + payload + policies. Minimal: insert into pgbeat.schedules (name, task_name, cron_expression) values (…)';

comment on column pgbeat.schedules.id is 'Identity; generated';

comment on column pgbeat.schedules.name is 'Unique, at most 200 characters; generated when an INSERT leaves it out';

comment on column pgbeat.schedules.task_name is 'The task to run; must be in pgbeat.tasks';

comment on column pgbeat.schedules.payload is 'What the task is given';

comment on column pgbeat.schedules.cron_expression is 'Timetable, first kind: 5 fields, 6 (seconds first) or 7 (a year last), or @hourly and its kin; read in timezone';

comment on column pgbeat.schedules.every is 'Timetable, second kind: a fixed interval, 1 s or more, counted from starts_at or else created_at; a day is 24 hours';

comment on column pgbeat.schedules.run_at is 'Timetable, third kind: once';

comment on column pgbeat.schedules.timezone is 'IANA name of the zone that the cron expression is read in';

comment on column pgbeat.schedules.enabled is 'false = paused: nothing fires, and nothing of the paused stretch is caught up later; it becomes one missed run';

comment on column pgbeat.schedules.starts_at is 'No instant before this one; inclusive';

comment on column pgbeat.schedules.ends_at is 'No instant after this one; inclusive';

comment on column pgbeat.schedules.max_runs is 'How often it fires before it is finished; null = without end';

comment on column pgbeat.schedules.jitter is 'Start up to this much later than the nominal instant; the same every time for one schedule and instant, never past the next instant; to about a second';

comment on column pgbeat.schedules.overlap_policy is 'When the previous run is still active: skip this one, queue it behind, allow both, or replace the previous one';

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

comment on column pgbeat.schedules.paused_at is 'Kept by the system: since when it is paused; null when it is not';

comment on column pgbeat.schedules.timetable_since is 'Kept by the system: since when it has this timetable';

comment on column pgbeat.schedules.retry_delay is 'The pause before the second attempt, at most a day; later ones are each 3 times as long, up to 15 minutes, or to this if it is longer; null = 5 s';

comment on column pgbeat.schedules.owner is 'The database role that inserted it; whose it is where pgbeat.enable_owner_security() was called. Only the owner of the table may change it';

comment on table pgbeat.system_events is 'What somebody did to keys and workers, append-only: with schedule_events it is the audit trail';

comment on column pgbeat.system_events.id is 'Of the same sequence as those of schedule_events';

comment on column pgbeat.system_events.event_type is 'key_created, key_revoked, worker_drained or worker_undrained';

comment on column pgbeat.system_events.subject_id is 'The key or the node; it may be gone';

comment on column pgbeat.system_events.subject_name is 'The name of the key; the host of the worker and its process id';

comment on column pgbeat.system_events.changes is 'A key for each column that says something about it: {"from": …, "to": …}';

comment on column pgbeat.system_events.changed_by is 'Who: the setting pgbeat.actor, or else the database user';

comment on column pgbeat.system_events.note is 'What they said about it: the setting pgbeat.note';

comment on column pgbeat.system_events.occurred_at is 'When';

comment on table pgbeat.tasks is 'The catalogue: every task that a worker has offered. A schedule can only name a task that is here.';

comment on column pgbeat.tasks.name is 'What schedules call it (task_name): letters, digits and _ . : - , at most 128';

comment on column pgbeat.tasks.description is 'What it does, in a sentence';

comment on column pgbeat.tasks.payload_schema is 'JSON Schema of the payload it takes; null when unknown';

comment on column pgbeat.tasks.published_at is 'When a worker last published it';

comment on column pgbeat.upcoming.schedule_id is 'The schedule';

comment on column pgbeat.upcoming.schedule_name is 'Its name';

comment on column pgbeat.upcoming.task_name is 'Its task';

comment on column pgbeat.upcoming.next_run_at is 'The next nominal instant; with jitter the start is later';

comment on column pgbeat.upcoming.local_time is 'The same as clocks in the schedule''s zone show it; null when the server does not know the zone any more';

comment on column pgbeat.upcoming.timezone is 'That zone';

comment on column pgbeat.upcoming.seconds_until is 'How long until then by pgbeat.clock(); negative = it is due and not fired yet';

comment on column pgbeat.upcoming.following is 'Up to 4 instants after it, where they follow by arithmetic: of every, as far as ends_at and max_runs let them (what is skipped does not count towards max_runs); none after run_at. Null for a cron expression, for only the leader reads those: GET /schedules/{id}/preview';

comment on function pgbeat.actor() is 'Who is changing schedules: the setting pgbeat.actor (the HTTP API sets it), or else the database user; of a member of pgbeat_client user:setting';

comment on function pgbeat.add_lapse(pgbeat.schedules,text,timestamp with time zone,timestamp with time zone) is 'Has the leader account for the instants of a timetable in a stretch that will not fire';

comment on function pgbeat.add_run_logs(bigint[],timestamp with time zone[],smallint[],integer[],timestamp with time zone[],text[],text[],jsonb[]) is 'Writes lines, each made of the elements at one position; those that are there already stay. Waits a second at most for whoever has the table locked';

comment on function pgbeat.add_to_schedule_search() is 'Has new schedules found by lists';

comment on function pgbeat.after_api_keys_change() is 'Tells every API process that what it remembers of keys may be wrong';

comment on function pgbeat.after_schedule_update() is 'Records one edit, and the stretch that will not fire because of it';

comment on function pgbeat.after_schedules_insert_or_delete() is 'Records new and deleted schedules, and wakes the tick';

comment on function pgbeat.after_schedules_update() is 'Wakes the tick';

comment on function pgbeat.as_spelled(interval,interval) is 'A duration, spelled as before where it is as long: a day is 24 hours';

comment on function pgbeat.backfill(text,timestamp with time zone,timestamp with time zone,text,integer,boolean,jsonb) is 'Runs the instants of a schedule from starts_at to ends_at (both inclusive, both past); which: missing, failed or all; at most max_active at once. With dry_run it only lists them in backfill_instants, for start_backfill. Answers the backfill''s id';

comment on function pgbeat.backfill_problem(timestamp with time zone,timestamp with time zone,text,integer) is 'Why a backfill can''t be right, or null';

comment on view pgbeat.backfill_status is 'Backfills with their progress: how many instants they have, how many are chosen to run and how many of these remain, and how their runs are getting on; taken_over are those that a later backfill has run again';

comment on function pgbeat.before_backfill_status() is 'Has the live feed tell of a backfill';

comment on function pgbeat.before_schedule_write() is 'Checks a schedule and sets the columns that the system keeps, whatever the statement says of them. An edit of the timetable is planned anew; an edit that changes nothing is none';

comment on function pgbeat.before_schedules_truncate() is 'Records what a TRUNCATE takes away';

comment on function pgbeat.cancel(bigint) is 'Cancels a run; false when it is over or cancelled already, or when there is none';

comment on function pgbeat.cancel_backfill(bigint) is 'Ends a backfill: nothing more of it is begun, what is running goes on to its end; false when it is over already';

comment on function pgbeat.cancel_runs(bigint[],text) is 'Cancels runs that are not over, with a reason; answers which. What is running ends as soon as its worker has heard of it';

comment on function pgbeat.change_in_schedule_search() is 'Has an edited schedule found by lists as what it is now';

comment on function pgbeat.clock() is 'What time it is for schedules and runs: the server''s clock, unless this database is a simulation';

comment on function pgbeat.create_client_role() is 'Makes the role pgbeat_client, unless the cluster has it, and gives it its rights in this database; a migration does so where it may. Safe to repeat. A notice says what to do where the caller may not create roles';

comment on function pgbeat.create_run_partitions(date,date) is 'Makes the partitions of runs, attempts and run_logs for each day (UTC) from first_day to last_day that has none; answers how many tables it made. Gives up with lock_not_available when somebody is reading for long. The leader does so ahead of time';

comment on function pgbeat.cron_field(text,text,integer,integer,integer) is 'The values that one field of a cron expression names; null when it uses L, W, # or +, which only croner judges; an error when it can''t be right';

comment on function pgbeat.cron_problem(text) is 'Why a cron expression can''t be right, or null when it may be';

comment on function pgbeat.disable_owner_security() is 'Members of pgbeat_client see and change all schedules again, and of runs only how they went';

comment on function pgbeat.drop_run_partitions(date,timestamp with time zone) is 'Forgets a day (UTC) of runs, attempts and run_logs, unless one of its runs is not over or has finished since; then it answers false. Gives up with lock_not_available when somebody is reading for long';

comment on function pgbeat.editable(pgbeat.schedules) is 'The columns that people edit, as JSON';

comment on function pgbeat.enable_owner_security() is 'From now on members of pgbeat_client see and change only the schedules that they own, and see all of the runs of these. For the owner of the tables; gives up with lock_not_available when somebody is reading for long';

comment on function pgbeat.full_xid(xid,bigint) is 'The whole id of the transaction that wrote a row version, from its system column xmin and a bound above it: pg_snapshot_xmax of the snapshot that sees the row';

comment on function pgbeat.has_active_runs(timestamp with time zone,timestamp with time zone) is 'Whether there are runs that are not over with an instant from since to before until';

comment on function pgbeat.is_client() is 'Whether the current role has the rights of pgbeat_client; a superuser has all';

comment on function pgbeat.is_time_zone(text) is 'Whether this server knows the time zone';

comment on view pgbeat.lateness is 'How late the runs of each schedule began, by the hour of their instant, in this hour and the 23 before it: what was fired by the timetable and has begun. Ask for one schedule, or expect to wait: all runs of a day are read. pgbeat.minutes has all schedules together, for 30 days';

comment on function pgbeat.letter_pairs(text) is 'Each two letters that follow each other, in lower case: a text that is part of another has no pair that the other lacks';

comment on function pgbeat.move_active_window() is 'Moves the active window on with the time, and forgets active days that have no active runs any more; false when somebody is just noting a day. The leader does so every minute, read committed';

comment on function pgbeat.note_active_day() is 'Has the tick look for active runs on the day of this one';

comment on function pgbeat.pause(text,text) is 'Pauses a schedule, given by id or name, with a note that says why';

comment on function pgbeat.record_act(uuid,text,text,jsonb) is 'Enters into the audit trail what somebody did with a schedule''s runs';

comment on function pgbeat.record_drain_event() is 'Enters into the audit trail who had a worker drain, or take runs again';

comment on function pgbeat.record_key_event() is 'Enters into the audit trail who made or revoked a key';

comment on function pgbeat.remove_from_schedule_search() is 'Has lists forget schedules that are gone';

comment on function pgbeat.resume(text,text) is 'Resumes a schedule, given by id or name; the note is kept in schedule_events. What the pause covers becomes one missed run';

comment on function pgbeat.retry(bigint) is 'Runs a run that is over again, now: the same row, with the payload that it had, goes on counting attempts. An operator''s act like pgbeat.trigger, so it is not held back by other runs of the schedule, whatever the overlap policy; its schedule may be gone. False when the run is under way already; an error (P0002) when there is none';

comment on function pgbeat.run_instant(bigint) is 'The scheduled_for of a run, which tells the partition that has it; null when there is no such run';

comment on function pgbeat.run_partition_settings(text) is 'The storage parameters of the partitions of runs, attempts and run_logs';

comment on function pgbeat.schedule(text,text,text,interval,timestamp with time zone,text,jsonb,boolean,timestamp with time zone,timestamp with time zone,integer,interval,text,text,interval,integer,text,integer,interval,interval,text,text,text[],text) is 'Has a schedule with this name be as given; answers its id. What is left out becomes what an INSERT makes of it, except enabled and pause_note: a pause stays until enabled is given. Given what is there already it writes nothing, so every replica may call it whenever it starts';

comment on function pgbeat.schedule_changes(jsonb,jsonb) is 'The columns in which two versions of a schedule differ, with both values';

comment on function pgbeat.schedule_id(text) is 'The id of a schedule that is given by id or name; an error (P0002) when there is none';

comment on function pgbeat.schedule_problem(pgbeat.schedules,text[]) is 'Why a schedule can''t be right, or null; looks at the columns that changed, so that what has become wrong meanwhile can still be paused or renamed';

comment on view pgbeat.schedule_status is 'How each schedule is getting on. Ask for some of them, by schedule_id or schedule_name or with a limit: each takes a few steps into indexes';

comment on function pgbeat.searched_tags(text[]) is 'Tags as schedule_search has them: the first 200 characters of each';

comment on function pgbeat.split_missed(bigint) is 'Gives each instant of a backfill that a missed row of the same timetable covers a row of its own; the leader counts what is outside anew';

comment on function pgbeat.start_backfill(bigint) is 'Runs a backfill that was listed as a dry run; false when there is none that waits';

comment on function pgbeat.transaction_clock() is 'When the transaction began, by pgbeat.clock(): what an INSERT calls now';

comment on function pgbeat.trigger(text,jsonb) is 'Runs a schedule now, besides its timetable; takes its id or name and, for this once, another payload. Answers the run''s id';

comment on function pgbeat.unfired_since(pgbeat.schedules,timestamp with time zone) is 'From when on nothing of a schedule has fired: since it was paused, since what is due now, or, when nobody has planned it yet, since it holds; null when it is up to date';

comment on function pgbeat.unschedule(text) is 'Deletes the schedule with this name; its runs stay. False when there is none, so it may be repeated';

comment on view pgbeat.upcoming is 'What will fire next, for each schedule that is enabled and planned; order by next_run_at limit 20 is quick however many there are';

comment on policy of_owner on pgbeat.runs is 'Clients see the runs of their own schedules, as long as these are there';

comment on policy of_owner on pgbeat.schedules is 'Clients see and change their own schedules';

comment on type pgbeat.problem is 'What is wrong with a row: the column, why, and a way out';
