-- What lists of runs are read by, besides the key (newest first) and the unique key (one schedule's, newest first).
-- A run that succeeds is in the index of its task and in that of the ends of runs; the others hold what is rare.

create index runs_by_task on pgbeat.runs (task_name, id);
create index runs_finished on pgbeat.runs (finished_at, id) where finished_at is not null;
create index runs_not_succeeded on pgbeat.runs (status, id) where status in ('failed', 'cancelled', 'skipped', 'missed');
create index runs_by_origin on pgbeat.runs (origin, id) where origin <> 'schedule';
