-- The checks as before, with three additions: an expression is at most 1,000 characters long (reading took time in the
-- square of its length), a message quotes at most 100 of them, and an offset such as +09:00 is no time zone (Postgres
-- reads it with POSIX' sign, JavaScript with the other).

create or replace function pgbeat.cron_field(field text, title text, lowest integer, highest integer, steps integer)
returns integer[]
language plpgsql immutable strict as $$
declare
  item text;
  part text[];
  first integer;
  last integer;
  step integer;
  found integer[] := '{}';
begin
  foreach item in array string_to_array(field, ',') loop
    if item ~ '[LlWw#+]' then
      return null;
    end if;
    item := replace(item, '?', '*');
    part := regexp_match(item, '^(?:(\*)|0*([0-9]{1,5})(?:-0*([0-9]{1,5}))?)?(?:/0*([0-9]{1,5}))?$');
    if item = '' or part is null then
      raise exception '% is not a %', quote_literal(left(item, 100)), title;
    end if;
    first := coalesce(part[2]::integer, lowest);
    last := coalesce(part[3]::integer, case when part[2] is null or part[4] is not null then highest else first end);
    step := coalesce(part[4]::integer, 1);
    if step < 1 or step > steps then
      raise exception 'the step of % is not from 1 to % for a %', left(item, 100), steps, title;
    elsif first > last then
      raise exception 'the range % of a % runs backwards', left(item, 100), title;
    end if;
    -- croner minds the values that a range reaches, not the end that is written.
    last := last - (last - first) % step;
    if first < lowest or last > highest then
      raise exception '% is outside % to % for a %', left(item, 100), lowest, highest, title;
    end if;
    -- Of years only the last one is asked about.
    found := found || case when highest > 100 then array[last] else array(select generate_series(first, last, step)) end;
  end loop;
  return found;
end $$;

create or replace function pgbeat.cron_problem(expression text) returns text
language plpgsql stable as $$
declare
  fields text[];
  names text[];
  days integer[];
  months integer[];
  years integer[];
  weekday text;
begin
  if length(expression) > 1000 then
    return format('it has %s characters, which are more than 1000', length(expression));
  end if;
  -- The blanks that JavaScript splits at and Postgres, depending on its locale, may not.
  fields := regexp_split_to_array(btrim(regexp_replace(expression,
    '[\s\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+', ' ', 'g')), ' ');
  if lower(fields[1]) in ('@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly')
     and cardinality(fields) = 1 then
    return null;
  elsif cardinality(fields) not between 5 and 7 then
    return format('%s has %s fields instead of 5, 6 or 7', quote_literal(left(expression, 100)), cardinality(fields));
  end if;
  if cardinality(fields) = 5 then
    fields := array_prepend('0', fields);
  end if;

  if fields[5] ~ '[A-Za-z]' then
    names := '{jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec}';
    for i in 1..12 loop
      fields[5] := regexp_replace(fields[5], names[i], i::text, 'gi');
    end loop;
  end if;
  weekday := fields[6];
  if weekday ~ '[A-Za-z]' then
    weekday := regexp_replace(weekday, '-sun', '-7', 'gi');
    names := '{sun,mon,tue,wed,thu,fri,sat}';
    for i in 1..7 loop
      weekday := regexp_replace(weekday, names[i], (i - 1)::text, 'gi');
    end loop;
  end if;

  perform pgbeat.cron_field(fields[1], 'second', 0, 59, 60);
  perform pgbeat.cron_field(fields[2], 'minute', 0, 59, 60);
  perform pgbeat.cron_field(fields[3], 'hour', 0, 23, 24);
  days := pgbeat.cron_field(fields[4], 'day of the month', 1, 31, 31);
  months := pgbeat.cron_field(fields[5], 'month', 1, 12, 12);
  perform pgbeat.cron_field(weekday, 'day of the week', 0, 7, 8);
  years := pgbeat.cron_field(fields[7], 'year', 1, 9999, 10000);

  if weekday in ('*', '?') and not exists (
    select from unnest(days) day, unnest(months) month
    where day <= case month when 2 then 29 when 4 then 30 when 6 then 30 when 9 then 30 when 11 then 30 else 31 end
  ) and days is not null and months is not null then
    return format('%s never fires: none of its months has such a day', quote_literal(expression));
  elsif (select max(year) from unnest(years) year) < extract(year from now() - interval '1 day') then
    return format('%s never fires again: its last year is over', quote_literal(expression));
  end if;
  return null;
exception when raise_exception then
  return sqlerrm;
end $$;

create or replace function pgbeat.is_time_zone(name text) returns boolean
language plpgsql stable as $$
begin
  -- Postgres also reads POSIX zones such as FOO+3, and files that are no zones of the IANA database.
  if name ~ '^(posix|right)/|^(localtime|posixrules|Factory)$|^<|^[+-]?[0-9]' then
    return false;
  elsif name ~ '^[A-Za-z]+[+-]?[0-9]' then
    return exists (select from pg_timezone_names zones where lower(zones.name) = lower(is_time_zone.name));
  end if;
  perform now() at time zone name;
  return name <> '';
exception when invalid_parameter_value then
  return false;
end $$;
