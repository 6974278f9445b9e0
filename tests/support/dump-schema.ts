import type pg from 'pg'

/**
 * The objects of a schema as SQL that makes them again. pg_dump is not part of the embedded PostgreSQL, and one of
 * another version refuses it; the catalogue's own pg_get_…def functions say all that is needed.
 */
export async function dumpSchema(client: Pick<pg.Client, 'query'>, schema: string): Promise<string> {
  await client.query(`set search_path = ''`)
  const statements: string[] = [`create schema ${schema}`, 'set check_function_bodies = off']
  for (const sql of sections) {
    const { rows } = await client.query<{ statement: string }>(sql, [schema])
    statements.push(...rows.map(({ statement }) => statement))
  }
  await client.query('reset search_path')
  return `${statements.map((statement) => `${statement.trimEnd()};\n`).join('\n')}`
}

const compositeTypes = `
  select format('create type %s as (%s)', t.oid::regtype, string_agg(
    format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' order by a.attnum)) as statement
  from pg_type t
  join pg_class c on c.oid = t.typrelid and c.relkind = 'c'
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
  where t.typnamespace = $1::regnamespace
  group by t.oid order by t.typname`

const sequences = `
  select format('create sequence %s', c.oid::regclass) as statement
  from pg_class c
  where c.relnamespace = $1::regnamespace and c.relkind = 'S'
    and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'i')
  order by c.relname`

// The daily partitions are made as days go by; only the default ones belong to the schema.
const ofSchema = `
  c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p') and not c.relispartition`

const tables = `
  select format(E'create %stable %s (\\n%s\\n)%s%s', case c.relpersistence when 'u' then 'unlogged ' end, c.oid::regclass, body.lines,
    case when c.relkind = 'p' then ' partition by ' || pg_get_partkeydef(c.oid) end,
    ' with (' || array_to_string(c.reloptions, ', ') || ')') as statement
  from pg_class c, lateral (
    select string_agg('  ' || line, E',\\n' order by part, position) as lines from (
      select 1 as part, a.attnum::int as position, format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod))
        || case a.attidentity when 'a' then ' generated always as identity' else '' end
        || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
        || case when a.attnotnull then ' not null' else '' end as line
      from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      union all
      select 2, row_number() over (order by contype desc, conname)::int,
        format('constraint %I %s', conname, pg_get_constraintdef(oid))
      from pg_constraint where conrelid = c.oid and contype in ('c', 'p', 'u')
    ) lines
  ) body
  where ${ofSchema}
  order by c.relname`

const defaultPartitions = `
  select format('create table %s partition of %s default', c.oid::regclass, i.inhparent::regclass) as statement
  from pg_class c join pg_inherits i on i.inhrelid = c.oid
  where c.relnamespace = $1::regnamespace and c.relispartition and pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT'
    and c.relkind = 'r'
  order by c.relname`

const ownedSequences = `
  select format('alter sequence %s owned by %s.%I', s.oid::regclass, d.refobjid::regclass, a.attname) as statement
  from pg_class s
  join pg_depend d on d.objid = s.oid and d.deptype = 'a' and d.refobjsubid > 0
  join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
  where s.relnamespace = $1::regnamespace and s.relkind = 'S'
  order by s.relname`

const indexes = `
  select pg_get_indexdef(x.indexrelid) as statement
  from pg_index x join pg_class c on c.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
  where ${ofSchema} and not exists (select from pg_constraint k where k.conindid = x.indexrelid)
  order by i.relname`

const foreignKeys = `
  select format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as statement
  from pg_constraint
  where connamespace = $1::regnamespace and contype = 'f'
  order by conrelid::regclass::text, conname`

const views = `
  select format('create view %s%s as %s', c.oid::regclass, ' with (' || array_to_string(c.reloptions, ', ') || ')',
    rtrim(pg_get_viewdef(c.oid), ';')) as statement
  from pg_class c
  where c.relnamespace = $1::regnamespace and c.relkind = 'v'
  order by c.relname`

const functions = `
  select pg_get_functiondef(p.oid) as statement
  from pg_proc p
  where p.pronamespace = $1::regnamespace
  order by p.proname, p.oid`

const policies = `
  select format('create policy %I on %s using (%s)', p.polname, p.polrelid::regclass, pg_get_expr(p.polqual, p.polrelid))
    as statement
  from pg_policy p join pg_class c on c.oid = p.polrelid
  where ${ofSchema}
  order by c.relname, p.polname`

// Rights of roles are no part of the schema; that of everybody to execute what there is, is the default.
const revocations = `
  select format('revoke execute on function %s from public', p.oid::regprocedure) as statement
  from pg_proc p
  where p.pronamespace = $1::regnamespace
    and not exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) where grantee = 0)
  order by p.proname, p.oid`

const triggers = `
  select pg_get_triggerdef(t.oid) as statement
  from pg_trigger t join pg_class c on c.oid = t.tgrelid
  where ${ofSchema} and not t.tgisinternal
  order by c.relname, t.tgname`

const comments = `
  select statement from (
    select 1 as part, c.relname::text as name, a.attnum::int as position, case a.attnum
      when 0 then format('comment on table %s is %L', c.oid::regclass, d.description)
      else format('comment on column %s.%I is %L', c.oid::regclass, a.attname, d.description) end as statement
    from pg_description d
    join pg_class c on c.oid = d.objoid and d.classoid = 'pg_class'::regclass
    left join lateral (
      select coalesce(attnum, 0) as attnum, attname from (select d.objsubid) one
      left join pg_attribute on attrelid = c.oid and attnum = one.objsubid and attnum > 0
    ) a on true
    where ${ofSchema} or c.relnamespace = $1::regnamespace and c.relkind = 'v' and d.objsubid > 0
    union all
    select 2, p.proname, 0, format('comment on function %s is %L', p.oid::regprocedure, d.description)
    from pg_description d join pg_proc p on p.oid = d.objoid and d.classoid = 'pg_proc'::regclass
    where p.pronamespace = $1::regnamespace
    union all
    select 2, c.relname::text, 0, format('comment on view %s is %L', c.oid::regclass, d.description)
    from pg_description d join pg_class c on c.oid = d.objoid and d.classoid = 'pg_class'::regclass and d.objsubid = 0
    where c.relnamespace = $1::regnamespace and c.relkind = 'v'
    union all
    select 3, p.polname::text, row_number() over (order by c.relname)::int,
      format('comment on policy %I on %s is %L', p.polname, c.oid::regclass, d.description)
    from pg_description d
    join pg_policy p on p.oid = d.objoid and d.classoid = 'pg_policy'::regclass
    join pg_class c on c.oid = p.polrelid
    where ${ofSchema}
    union all
    select 4, t.typname, 0, format('comment on type %s is %L', t.oid::regtype, d.description)
    from pg_description d join pg_type t on t.oid = d.objoid and d.classoid = 'pg_type'::regclass
    where t.typnamespace = $1::regnamespace
  ) all_comments
  order by part, name, position`

const sections = [
  compositeTypes,
  sequences,
  tables,
  defaultPartitions,
  ownedSequences,
  foreignKeys,
  functions,
  indexes,
  views,
  policies,
  triggers,
  revocations,
  comments,
]
