-- What becomes of backfills is told on the live feed, by the transaction that wrote it, as events of schedules are
-- (0016_change_feed.sql). It is a column and no row of schedule_events: that a backfill is completed is nothing that
-- somebody did, and has no place in the audit trail, nor in the copy of it that the mirror keeps.
--
-- Each update that names the status counts, whether it changes or not: the leader writes it with each slice of instants that
-- it has listed.

alter table pgbeat.backfills add column xid xid8 not null default '0';
alter table pgbeat.backfills alter column xid set default pg_current_xact_id();
comment on column pgbeat.backfills.xid is 'The transaction that wrote its status last, by which the live feed tells what is new; 0 = before it told of backfills';

create index backfills_by_xid on pgbeat.backfills (xid);

create function pgbeat.before_backfill_status() returns trigger
language plpgsql as $$
begin
  new.xid := pg_current_xact_id();
  return new;
end $$;
comment on function pgbeat.before_backfill_status() is 'Has the live feed tell of a backfill';

create trigger before_status before update of status on pgbeat.backfills
  for each row execute function pgbeat.before_backfill_status();

-- Who made or revoked a key, and who had a worker drain. A table of its own: schedule_events is about schedules in each of
-- its columns, and all of it is mirrored and told to viewers. The ids are of one sequence, so that the audit trail is both
-- tables in the order of their ids. Triggers record it, so that it makes no difference how it was done.

create table pgbeat.system_events (
  id bigint primary key default nextval('pgbeat.schedule_events_id_seq'),
  event_type text not null check (event_type in ('key_created', 'key_revoked', 'worker_drained', 'worker_undrained')),
  subject_id uuid not null,
  subject_name text not null,
  changes jsonb not null,
  changed_by text not null,
  note text,
  occurred_at timestamptz not null default clock_timestamp()
);
comment on table pgbeat.system_events is 'What somebody did to keys and workers, append-only: with schedule_events it is the audit trail';
comment on column pgbeat.system_events.id is 'Of the same sequence as those of schedule_events';
comment on column pgbeat.system_events.event_type is 'key_created, key_revoked, worker_drained or worker_undrained';
comment on column pgbeat.system_events.subject_id is 'The key or the node; it may be gone';
comment on column pgbeat.system_events.subject_name is 'The name of the key; the host of the worker and its process id';
comment on column pgbeat.system_events.changes is 'A key for each column that says something about it: {"from": …, "to": …}';
comment on column pgbeat.system_events.changed_by is 'Who: the setting pgbeat.actor, or else the database user';
comment on column pgbeat.system_events.note is 'What they said about it: the setting pgbeat.note';
comment on column pgbeat.system_events.occurred_at is 'When';

-- As their owner: whoever may change a key or a node is not asked whether they may use the sequence.
create function pgbeat.record_key_event() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
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
end $$;
comment on function pgbeat.record_key_event() is 'Enters into the audit trail who made or revoked a key';

create trigger record_creation after insert on pgbeat.api_keys
  for each row execute function pgbeat.record_key_event();
create trigger record_revocation after update of revoked_at on pgbeat.api_keys
  for each row when (old.revoked_at is null and new.revoked_at is not null)
  execute function pgbeat.record_key_event();

create function pgbeat.record_drain_event() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into pgbeat.system_events (event_type, subject_id, subject_name, changes, changed_by, note)
  values (
    case when new.draining_at is null then 'worker_undrained' else 'worker_drained' end,
    new.id, format('%s %s', new.host, new.pid),
    pgbeat.schedule_changes(jsonb_build_object('draining_at', old.draining_at),
      jsonb_build_object('draining_at', new.draining_at)),
    pgbeat.actor(), nullif(current_setting('pgbeat.note', true), ''));
  return null;
end $$;
comment on function pgbeat.record_drain_event() is 'Enters into the audit trail who had a worker drain, or take runs again';

-- A heartbeat names another column, and a worker that writes its row anew inserts it.
create trigger record_draining after update of draining_at on pgbeat.nodes
  for each row when ((old.draining_at is null) <> (new.draining_at is null))
  execute function pgbeat.record_drain_event();
