-- DESIGN
--
-- listed_info holds what J-Quants says about every listed company, one row a company and business day. Rows are only
-- ever added or corrected; nothing is deleted, not even what a later answer leaves out.
--
-- listed_info_checkpoints lets a run of many days be interrupted. A day's checkpoint is written in the transaction that
-- saves the day, so the next attempt of the same run skips exactly the days that are saved and still counts them. They
-- go when the run is done.
--
-- request_limits is the pace that J-Quants allows an account, shared by every worker in every process: a log of the
-- instants at which requests were or will be started. At most n of them lie in any window of 61 seconds. It is a log
-- and not a bucket because J-Quants counts requests in a minute, and a bucket lets twice the rate through in its first
-- one; the odd second is for requests that travel at different speeds. Whoever takes a slot holds the account's row
-- lock for that one statement, and slots are handed out in order, so a request that waits is never overtaken.

create table jquants.listed_info (
  date date not null,
  code text not null,
  company_name text not null,
  company_name_english text,
  sector_17_code text,
  sector_17_code_name text,
  sector_33_code text,
  sector_33_code_name text,
  scale_category text,
  market_code text,
  market_code_name text,
  margin_code text,
  margin_code_name text,
  product_category text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (date, code)
);

create index listed_info_code_date_idx on jquants.listed_info (code, date desc);

comment on table jquants.listed_info is 'Companies listed on the Tokyo Stock Exchange, one row a company and business day. Source: J-Quants API V2, /v2/equities/master; may not be redistributed.';
comment on column jquants.listed_info.date is 'The business day the data applies to, as J-Quants says (Date)';
comment on column jquants.listed_info.code is 'Issue code, 5 characters (Code)';
comment on column jquants.listed_info.company_name is 'Name in Japanese (CoName)';
comment on column jquants.listed_info.company_name_english is 'Name in English (CoNameEn)';
comment on column jquants.listed_info.sector_17_code is 'Code in the 17-sector classification (S17)';
comment on column jquants.listed_info.sector_17_code_name is 'Name in the 17-sector classification (S17Nm)';
comment on column jquants.listed_info.sector_33_code is 'Code in the 33-sector classification, zero-padded (S33)';
comment on column jquants.listed_info.sector_33_code_name is 'Name in the 33-sector classification (S33Nm)';
comment on column jquants.listed_info.scale_category is 'TOPIX size category, - for none (ScaleCat)';
comment on column jquants.listed_info.market_code is 'Market segment, zero-padded: 0111 Prime, 0112 Standard, 0113 Growth, others mostly before April 2022 (Mkt)';
comment on column jquants.listed_info.market_code_name is 'Name of the market segment (MktNm)';
comment on column jquants.listed_info.margin_code is 'Margin trading class; kept when a later answer leaves it out (Mrgn)';
comment on column jquants.listed_info.margin_code_name is 'Name of the margin trading class; kept when a later answer leaves it out (MrgnNm)';
comment on column jquants.listed_info.product_category is 'Kind of security; kept when a later answer leaves it out (ProdCat)';
comment on column jquants.listed_info.created_at is 'When the row was first saved';
comment on column jquants.listed_info.updated_at is 'When something in the row last changed';

create table jquants.listed_info_checkpoints (
  run_id text not null,
  date date not null,
  fetched_count integer not null,
  saved_count integer not null,
  skipped_count integer not null,
  changed_count integer not null,
  saved_at timestamptz not null default now(),
  primary key (run_id, date)
);

create index listed_info_checkpoints_saved_at_idx on jquants.listed_info_checkpoints (saved_at);

comment on table jquants.listed_info_checkpoints is 'Days that an unfinished run has saved, so that its next attempt does not fetch them again';
comment on column jquants.listed_info_checkpoints.run_id is 'The run, pgbeat.runs.id';
comment on column jquants.listed_info_checkpoints.date is 'The day as it was asked for';
comment on column jquants.listed_info_checkpoints.fetched_count is 'Rows that J-Quants sent for the day';
comment on column jquants.listed_info_checkpoints.saved_count is 'Rows that are in the table because of the day, changed or not';
comment on column jquants.listed_info_checkpoints.skipped_count is 'Rows that the run''s filters left out, and repeats';
comment on column jquants.listed_info_checkpoints.changed_count is 'Rows that were inserted or updated';
comment on column jquants.listed_info_checkpoints.saved_at is 'When the day was saved';

create table jquants.request_limits (
  account text primary key,
  slots timestamptz[] not null default '{}',
  closed_until timestamptz not null default '-infinity'
);

comment on table jquants.request_limits is 'When each J-Quants account was asked lately: the rate limit that all workers share';
comment on column jquants.request_limits.account is 'SHA-256 of base URL and API key, in hex; the key itself is not kept';
comment on column jquants.request_limits.slots is 'Starts of the requests of the last 61 seconds and of those that wait for their turn, ascending';
comment on column jquants.request_limits.closed_until is 'No request before this instant: J-Quants said 429';

create function jquants.take_request_slot(
  for_account text,
  requests_per_minute integer,
  patience_ms bigint,
  out taken boolean,
  out wait_ms bigint
)
language plpgsql
as $$
declare
  slot_window constant interval := interval '61 seconds';
  present timestamptz;
  recent timestamptz[];
  closed timestamptz;
  slot timestamptz;
begin
  insert into jquants.request_limits (account) values (for_account) on conflict (account) do nothing;
  select slots, closed_until into recent, closed
    from jquants.request_limits where account = for_account for update;
  -- Only now: the lock may have taken a while.
  present := clock_timestamp();
  recent := array(select at from unnest(recent) as at where at > present - slot_window order by at);
  slot := greatest(
    present,
    closed,
    recent[cardinality(recent)],
    recent[cardinality(recent) - requests_per_minute + 1] + slot_window
  );
  taken := patience_ms is null or slot - present <= patience_ms * interval '1 millisecond';
  if taken then
    update jquants.request_limits set slots = recent || slot where account = for_account;
  else
    -- Come back when the whole window is free, not just one slot of it: fewer interruptions for the same pace.
    slot := greatest(slot, recent[cardinality(recent)] + slot_window);
  end if;
  wait_ms := ceil(extract(epoch from slot - present) * 1000);
end
$$;

comment on function jquants.take_request_slot is 'Reserves the next instant at which the account may send a request. taken: whether it did, which it does only within patience_ms (null: whatever the wait). wait_ms: how long to wait, for the slot or before asking again.';

create function jquants.close_account(for_account text, close_ms bigint)
returns void
language sql
as $$
  insert into jquants.request_limits as limits (account, closed_until)
  values (for_account, clock_timestamp() + close_ms * interval '1 millisecond')
  on conflict (account) do update set closed_until = greatest(limits.closed_until, excluded.closed_until)
$$;

comment on function jquants.close_account is 'Lets no request of the account start for close_ms milliseconds';

-- plpgsql, because its body is bound when it is called: pgbeat may change its tables without knowing of this function.
create function jquants.listed_info_metrics(since timestamptz default now() - interval '30 days')
returns table (
  runs bigint,
  succeeded bigint,
  partial bigint,
  failed bigint,
  success_rate numeric,
  failure_rate numeric,
  mean_duration interval,
  rows_fetched bigint
)
language plpgsql
stable
as $$
begin
  return query
    with done as (
      select r.status = 'succeeded' as ok, r.reason, r.finished_at - r.started_at as duration,
             (r.result ->> 'fetched_count')::bigint as fetched
        from pgbeat.runs r
       where r.task_name = 'fetch_listed_info_task' and r.scheduled_for >= since
         and r.status in ('succeeded', 'failed')
    )
    select count(*),
           count(*) filter (where ok),
           count(*) filter (where ok and done.reason = 'partial'),
           count(*) filter (where not ok),
           round(count(*) filter (where ok) / nullif(count(*), 0)::numeric, 4),
           round(count(*) filter (where not ok) / nullif(count(*), 0)::numeric, 4),
           avg(duration),
           coalesce(sum(fetched), 0)::bigint
      from done;
end
$$;

comment on function jquants.listed_info_metrics is 'How the runs of fetch_listed_info_task since an instant went: how many ended, how, the share of each, how long they took on average and how many rows they fetched. partial counts among succeeded.';
