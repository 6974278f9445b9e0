-- A worker that is told to stop hands back what it can't finish. That is neither the task's failure nor a death.

alter table pgbeat.attempts drop constraint attempts_status_check;
alter table pgbeat.attempts add constraint attempts_status_check check (status in
  ('running', 'succeeded', 'failed', 'cancelled', 'timed_out', 'worker_lost', 'worker_stopped'));
comment on column pgbeat.attempts.status is
  'running, succeeded, failed, cancelled, timed_out, worker_lost: the worker died in the middle, or worker_stopped: it was stopped in the middle, and the run may be tried once more for that';
