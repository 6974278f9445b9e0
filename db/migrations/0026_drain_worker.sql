-- A worker that drains takes no new run, finishes what it has, and stays. It is told so with the answer to its heartbeat, so
-- whoever may update its row can have it drain, and nothing that is sent can be lost.

alter table pgbeat.nodes add column draining_at timestamptz check (draining_at is null or kind = 'worker');
comment on column pgbeat.nodes.draining_at is 'Workers: since when it takes no new runs; it heeds that within a second. Null = it takes them, as after each start';
