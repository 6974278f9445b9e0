-- Who may use the HTTP API. A key is a random token that its owner keeps and sends with every request; this table has its
-- SHA-256, which says whether a token is the right one and can't be turned back into it. A salt or a slow hash would add
-- nothing: nobody guesses 32 random bytes.
--
-- A key that has served its time is revoked, not deleted: its name stays in the audit trail, and no other key gets it.
-- As long as there is any row, the API asks for a key.

create table pgbeat.api_keys (
  id uuid primary key default gen_random_uuid(),
  name text not null constraint api_keys_name_key unique
    check (name ~ '^\S(.{0,198}\S)?$' and name !~ '[[:cntrl:]]'
      and name !~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
  role text not null check (role in ('viewer', 'operator', 'admin')),
  hash bytea not null unique check (octet_length(hash) = 32),
  prefix text not null check (prefix ~ '^pgb_[A-Za-z0-9_-]{8}$'),
  created_at timestamptz not null default now(),
  created_by text not null default session_user,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,

  constraint api_keys_expires_later check (isfinite(expires_at) and expires_at > created_at)
);
comment on table pgbeat.api_keys is 'The keys of the HTTP API: bin/pgbeat keys create. Without a row the API is open, on loopback only';
comment on column pgbeat.api_keys.id is 'Identity; generated';
comment on column pgbeat.api_keys.name is 'What the audit trail calls whoever uses it: unique, 1 to 200 characters, without control characters or blanks around it, and not like an id';
comment on column pgbeat.api_keys.role is 'viewer reads; operator also runs, pauses and cancels what there is; admin also changes it';
comment on column pgbeat.api_keys.hash is 'SHA-256 of the token; the token itself is kept nowhere';
comment on column pgbeat.api_keys.prefix is 'How the token begins, to recognise it by; of its 43 random characters these are 8';
comment on column pgbeat.api_keys.created_at is 'When it was created';
comment on column pgbeat.api_keys.created_by is 'Who did that: the setting pgbeat.actor, or else the database user';
comment on column pgbeat.api_keys.expires_at is 'From when on it is refused; null = never';
comment on column pgbeat.api_keys.revoked_at is 'Since when it is refused for good; null = it is not';
comment on column pgbeat.api_keys.last_used_at is 'When it was last used, give or take a minute; null = never';

create function pgbeat.after_api_keys_change() returns trigger
language plpgsql as $$
begin
  perform pg_notify('pgbeat_api_keys', lower(tg_op));
  return null;
end $$;
comment on function pgbeat.after_api_keys_change() is 'Tells every API process that what it remembers of keys may be wrong';

-- Every column that decides who somebody is and what they may do; last_used_at is none of them.
create trigger after_change
  after insert or update of id, name, role, hash, expires_at, revoked_at or delete or truncate
  on pgbeat.api_keys
  for each statement execute function pgbeat.after_api_keys_change();
