-- Every fire moves its schedule's row. With room on the page the new one goes beside the old one, which halves what the
-- move costs; and what is left behind is cleaned up before a table has grown by much of it.
alter table pgbeat.schedules set (
  fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05
);
