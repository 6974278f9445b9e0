-- As before, except that a name left out is made from the whole id: of the first eight digits, 5,200 rows shared one now
-- and then, and 100,000 more often than not.

create or replace function pgbeat.before_schedule_write() returns trigger
language plpgsql as $$
declare
  everything constant text[] := '{name,task_name,payload,cron_expression,every,run_at,timezone,enabled,starts_at,ends_at,max_runs,jitter,overlap_policy,catch_up,catch_up_window,priority,queue_name,max_attempts,timeout,description,category,tags,pause_note}';
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
end $$;
