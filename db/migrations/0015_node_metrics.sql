-- What each process has counted, for whoever shows the metrics of the whole cluster.
--
-- A table of its own: the rows are written anew about once a second and are large, so they would bloat pgbeat.nodes,
-- whose heartbeats must stay quick. It is unlogged because nobody misses it after a crash: a second later every process
-- has written its figures again.

create unlogged table pgbeat.node_metrics (
  node_id uuid primary key references pgbeat.nodes (id) on delete cascade,
  published_at timestamptz not null default clock_timestamp(),
  metrics jsonb not null
) with (fillfactor = 50);
comment on table pgbeat.node_metrics is 'What the processes that run now have counted since they started; /metrics shows all of them. A row goes with its node. Unlogged: empty after a crash of Postgres, and full again a second later';
comment on column pgbeat.node_metrics.node_id is 'The node';
comment on column pgbeat.node_metrics.published_at is 'When it was written';
comment on column pgbeat.node_metrics.metrics is '[{"name", "help", "type", "values": [[labels, value], …]}, …]; of a histogram {"bounds"} besides, and each value is [labels, counts up to each bound and in all, sum]';

-- Few of very many, so that counting them doesn't read the others.
create index schedules_paused on pgbeat.schedules (id) where not enabled;
create index schedules_finished on pgbeat.schedules (id) where next_run_at = 'infinity';
