-- Figures over time, for charts: one row a minute, written once by the leader when the minute is over. What they are counted
-- from are ranges of two indexes: the ids of the runs that are new since the minute before, and when runs finished. So it
-- takes as long as the minute was busy, however many runs there are.

create table pgbeat.minutes (
  minute timestamptz primary key check (extract(epoch from minute) % 60 = 0),
  fired integer not null,
  succeeded integer not null,
  failed integer not null,
  cancelled integer not null,
  skipped integer not null,
  missed bigint not null,
  lateness_p50_seconds double precision,
  lateness_p99_seconds double precision,
  lateness_max_seconds double precision,
  lateness_runs integer not null,
  last_run_id bigint not null
);
comment on table pgbeat.minutes is 'What happened in each minute of the last 30 days; written by the leader when it is over. A minute that nobody was there to write is left out, unless it is of the last hour';
comment on column pgbeat.minutes.minute is 'When it began';
comment on column pgbeat.minutes.fired is 'Runs that are new: fired by timetables, caught up, backfilled or triggered. Of those that were not counted in time, an outage over, at most the latest 500,000';
comment on column pgbeat.minutes.succeeded is 'Runs that did so in this minute';
comment on column pgbeat.minutes.failed is 'Runs that did so in this minute, all their attempts over';
comment on column pgbeat.minutes.cancelled is 'Runs that were, in this minute';
comment on column pgbeat.minutes.skipped is 'Instants that were entered as skipped, to about a second';
comment on column pgbeat.minutes.missed is 'Instants that were found to be missed, to about a second; after an outage those of the outage';
comment on column pgbeat.minutes.lateness_p50_seconds is 'Half of the runs that lateness_runs counts began no later than this after their instants; null = there was none';
comment on column pgbeat.minutes.lateness_p99_seconds is 'The same for 99 of 100';
comment on column pgbeat.minutes.lateness_max_seconds is 'The latest of them';
comment on column pgbeat.minutes.lateness_runs is 'Of how many runs that is: those that were fired by timetables and finished in this minute; the first 20,000 of them';
comment on column pgbeat.minutes.last_run_id is 'Up to this id of pgbeat.runs they are counted as new; the next minute begins after it';
