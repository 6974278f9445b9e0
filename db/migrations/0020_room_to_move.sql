-- Every fire moves its schedule's row. With room on the page the new one goes beside the old one, which costs less; and
-- what is left behind is cleaned up before a table has grown by much of it.
alter table pgbeat.schedules set (
  fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05
);

-- Whether a schedule has active runs is asked each time that it is due: one index to look into, not one for those that wait
-- and one for the others.
create index runs_active on pgbeat.runs (schedule_id, status) where status in ('waiting', 'queued', 'running', 'retrying');
drop index pgbeat.runs_under_way;
