-- DESIGN
--
-- pgbeat keeps everything it knows in this schema; processes hold nothing that a restart could lose.
--
--   schedules        when + task + payload + policies. An INSERT here is the API: it is checked by triggers, and live
--                    as soon as it is committed (0002 the checks, 0003 the table).
--   schedule_events  what changed, from what to what, by whom (0004). Append-only.
--   runs             one row for each instant that a schedule's timetable names, whatever became of it (0005).
--                    Range-partitioned by scheduled_for, so that forgetting a day is dropping a table.
--   attempts         each try of a run.
--   nodes, leader    which processes are alive, and which tick fires.
--   tasks            the code that workers offer.
--
-- How a row of `schedules` becomes work: a statement on it clears next_run_at and sends one NOTIFY. The leading tick
-- plans the row (fills next_run_at), sleeps until the earliest, locks what is due, and in one transaction advances
-- next_run_at, writes the runs and adds the graphile-worker jobs. A worker takes a job, opens an attempt, runs the
-- task and closes the attempt. `unique (schedule_id, scheduled_for)` on runs is what makes firing twice impossible;
-- locks and leadership only save work.
--
-- Instants end in _at (scheduled_for is an identity, not an event). Durations are intervals.

create table pgbeat.tasks (
  name text primary key
    check (name ~ '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$'),
  description text not null default '',
  payload_schema jsonb,
  published_at timestamptz not null default now()
);
comment on table pgbeat.tasks is 'The catalogue: every task that a worker has offered. A schedule can only name a task that is here.';
comment on column pgbeat.tasks.name is 'What schedules call it (task_name): letters, digits and _ . : - , at most 128';
comment on column pgbeat.tasks.description is 'What it does, in a sentence';
comment on column pgbeat.tasks.payload_schema is 'JSON Schema of the payload it takes; null when unknown';
comment on column pgbeat.tasks.published_at is 'When a worker last published it';

create table pgbeat.nodes (
  id uuid primary key,
  kind text not null check (kind in ('tick', 'worker', 'api')),
  host text not null,
  pid integer not null,
  version text not null,
  tasks text[] not null default '{}',
  concurrency integer,
  worker_pool_id text,
  started_at timestamptz not null default now(),
  heartbeat_at timestamptz not null default now()
);
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

create table pgbeat.leader (
  singleton boolean primary key default true check (singleton),
  term bigint not null default 0,
  node_id uuid,
  backend_pid integer,
  elected_at timestamptz,
  heartbeat_at timestamptz
);
insert into pgbeat.leader default values;
comment on table pgbeat.leader is 'One row: the tick that holds the advisory lock. It informs; the lock decides.';
comment on column pgbeat.leader.singleton is 'Keeps it at one row';
comment on column pgbeat.leader.term is 'How many elections there have been; the leader''s number';
comment on column pgbeat.leader.node_id is 'The leading node; null after it resigned';
comment on column pgbeat.leader.backend_pid is 'The database session that holds the lock; a standby ends it when the heartbeat is stale';
comment on column pgbeat.leader.elected_at is 'When it was elected';
comment on column pgbeat.leader.heartbeat_at is 'When it last showed that it leads';
