-- What the mirror has copied to Redis, and in which order.
--
-- Events get visible in another order than that of their ids. So before any is sent, those that are new are given numbers,
-- in a transaction: events of one schedule in their order, each event one number, for ever. What is sent is sent in the
-- order of these numbers, and each number is the id of its entry in the stream. So whoever sends one again, because it does
-- not know whether it was sent, is told by Redis that it is there.

create table pgbeat.mirror (
  singleton boolean primary key default true check (singleton),
  epoch bigint not null default floor(extract(epoch from clock_timestamp()) * 1000),
  snapshot pg_snapshot,
  system_identifier bigint,
  last_event_id bigint not null default 0,
  numbered bigint not null default 0,
  sent bigint not null default 0,
  sent_at timestamptz,
  channel text,
  node_id uuid,
  seen_at timestamptz,
  failing_since timestamptz,
  error text
) with (fillfactor = 50);
insert into pgbeat.mirror default values;
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

create table pgbeat.mirrored_events (
  number bigint primary key,
  event_id bigint not null
);
comment on table pgbeat.mirrored_events is 'The order in which schedule_events are copied to Redis: those that are to be sent, and those that the stream keeps';
comment on column pgbeat.mirrored_events.number is 'Counts them, without a gap';
comment on column pgbeat.mirrored_events.event_id is 'The event in schedule_events';
