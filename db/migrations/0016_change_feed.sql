-- What the live feed reads changes by: which transactions wrote them, for these become visible in another order than that
-- in which they began, got their ids or looked at the clock (src/store/changes.ts).
--
-- Two steps, so that the events there are need not be rewritten: a constant default is kept in the catalogue, and they
-- count as written by transaction 0, before every other. What is recorded from now on names its own transaction; inside a
-- savepoint too it is the transaction as a whole, which is what becomes visible.

alter table pgbeat.schedule_events add column xid xid8 not null default '0';
alter table pgbeat.schedule_events alter column xid set default pg_current_xact_id();
comment on column pgbeat.schedule_events.xid is 'The transaction that recorded it, by which the live feed tells what is new; 0 = before there was a feed';

create index schedule_events_by_xid on pgbeat.schedule_events (xid);

-- `xmin` of a row has the lower 32 bits of the transaction's id. The upper ones follow from a bound: of all ids with these
-- lower bits, it is the greatest below it. That is exact for up to 4 billion transactions; a row that is older, and by
-- then frozen, counts as younger than it is. 0, 1 and 2 are no transactions but "always there". Numbers and not xid8,
-- which has no arithmetic: each way there and back is by text, and this is asked of every row that may have changed.
create function pgbeat.full_xid(short_xid xid, bound bigint) returns bigint
language sql immutable parallel safe as $$
  select case when short_xid = '0'::xid or short_xid = '1'::xid or short_xid = '2'::xid then 0
    else greatest(0, bound - 1 - ((bound - 1 - short_xid::text::bigint) & 4294967295)) end
$$;
comment on function pgbeat.full_xid(xid, bigint) is 'The whole id of the transaction that wrote a row version, from its system column xmin and a bound above it: pg_snapshot_xmax of the snapshot that sees the row';
