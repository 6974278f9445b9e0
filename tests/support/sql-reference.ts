import type pg from 'pg'
import { markdownTable } from './markdown-table.ts'

/** What people call. All others are the system's own, and change without notice. */
const functions = {
  Schedules: ['schedule', 'unschedule', 'pause', 'resume'],
  'Runs and backfills': ['trigger', 'cancel', 'retry', 'backfill', 'start_backfill', 'cancel_backfill'],
  'Roles and time': ['create_client_role', 'enable_owner_security', 'disable_owner_security', 'actor', 'clock'],
}

/** What an argument means is what the comment on the column of that name says. */
const argumentsAreColumnsOf: Readonly<Record<string, string>> = { schedule: 'schedules', backfill: 'backfills' }

const views = ['upcoming', 'schedule_status', 'lateness', 'backfill_status']

/** Tables that people may read. */
const tables = [
  ...['schedules', 'runs', 'attempts', 'run_logs', 'schedule_events'],
  ...['backfills', 'backfill_instants', 'tasks', 'nodes', 'leader', 'minutes', 'api_keys'],
]

/** docs/reference/sql.md, as the comments in a migrated database have it. */
export async function sqlReference(client: Pick<pg.Client, 'query'>): Promise<string> {
  const relations = await readRelations(client)
  const called = await readFunctions(client)
  const relation = (name: string) => found(relations, name)
  const shown = new Set([...views, ...tables])
  return [
    `# SQL

Made from the comments in the database by \`npm run reference\`; not to be edited. \`\\d+ pgbeat.schedules\` and
\`\\df+ pgbeat.schedule\` in psql say the same.

- All is in the schema \`pgbeat\`. A schedule is given by its id or its name, except where a name is asked for.
- Whatever is wrong is refused with SQLSTATE \`22023\`, a message, the column, and a hint that says what would be right; an
  id or a name that is not there with \`P0002\`.
- \`set pgbeat.actor = 'ann'\` and \`set pgbeat.note = 'as agreed'\` go into the audit trail with what is done then.
- Everything is part of the caller's transaction. Transactions that declare several schedules should do so in the same
  order, by name: in opposite orders Postgres may end one of them with \`40P01\`, and nothing of it was done.

\`\`\`sql
select pgbeat.schedule('nightly', 'echo', '0 3 * * *');
select pgbeat.schedule('often', 'echo', every => '5 minutes', payload => '{"a": 1}', max_attempts => 1);
select * from pgbeat.upcoming order by next_run_at limit 20;
select * from pgbeat.schedule_status where schedule_name = 'nightly';
select pgbeat.unschedule('nightly');
\`\`\``,
    '## Functions',
    ...Object.entries(functions).flatMap(([title, names]) => [
      `### ${title}`,
      ...names.map((name) => {
        const columns = relations.get(argumentsAreColumnsOf[name] ?? '')?.columns ?? []
        return functionSection(found(called, name), columns)
      }),
    ]),
    '## Views',
    ...views.map((name) => relationSection(relation(name))),
    '## Tables',
    'People write to `schedules`, and read the others. Columns that the system keeps may be given and have no effect.',
    ...tables.map((name) => relationSection(relation(name))),
    `## Private tables

They may change with any version; nothing but pgbeat should read or write them.`,
    markdownTable(
      ['table', 'what it is for'],
      [...relations.values()]
        .filter(({ name }) => !shown.has(name))
        .map(({ name, comment }) => [`\`${name}\``, comment]),
    ),
    `## The role pgbeat_client

A role that can't log in; \`grant pgbeat_client to app\` gives the login role \`app\` what it may. It exists where the role
that migrated may create roles; otherwise \`select pgbeat.create_client_role()\` says what to do. A dump doesn't have it: in
another cluster create it before the dump is restored, or call that function afterwards.

Functions and views have no other rights than whoever uses them, so a client may use \`schedule\`, \`unschedule\`, \`pause\` and
\`resume\`. For \`trigger\` it would need rights to runs; \`run_at => now()\` does as well. It may schedule every task of the
catalogue, which then has the rights of the worker: leave the task \`sql\` off where clients should not have those.`,
    markdownTable(['on', 'may', 'columns'], await readRights(client)),
    `After \`select pgbeat.enable_owner_security()\`, by the owner of the tables, each member of \`pgbeat_client\` sees and
changes only schedules of which it is the \`owner\`, the role that inserted them, and sees all columns of the runs of these.
So give each program a login role of its own. \`pgbeat.disable_owner_security()\` takes that back. The owner of the tables
(tick, worker and API), superusers, roles with \`BYPASSRLS\` and roles with rights of their own see everything, as before.

What this does not hide: names are unique among all owners, so \`23505\` tells that one is taken. The task catalogue is
everybody's. Row estimates in \`EXPLAIN\` are of the whole table. Without owner security clients see all schedules, with
their payloads. \`LISTEN\`, \`NOTIFY\` and advisory locks are open to every role that may connect: notifications of pgbeat
say that something changed and not what, and whoever takes pgbeat's advisory locks keeps it from leading. Secrets don't
belong into payloads.`,
  ]
    .join('\n\n')
    .concat('\n')
}

interface Column {
  readonly name: string
  readonly type: string
  readonly comment: string
}

interface Relation {
  readonly name: string
  readonly comment: string
  readonly columns: readonly Column[]
}

interface Callable {
  readonly name: string
  readonly comment: string
  readonly result: string
  readonly arguments: readonly { readonly name: string; readonly type: string; readonly default: string | null }[]
}

type Named<Row extends { readonly name: string }> = ReadonlyMap<string, Row>

function found<Row extends { readonly name: string }>(rows: Named<Row>, name: string): Row {
  const row = rows.get(name)
  if (row === undefined) throw new Error(`the database has no pgbeat.${name}`)
  return row
}

function functionSection({ name, comment, result, ...given }: Callable, columns: readonly Column[]): string {
  const parts = given.arguments.map(
    (one) => `${one.name} ${shortType(one.type)}${one.default === null ? '' : ` default ${one.default}`}`,
  )
  const inOne = `pgbeat.${name}(${parts.join(', ')}) → ${shortType(result)}`
  const signature = inOne.length <= 110 ? inOne : `pgbeat.${name}(\n  ${parts.join(',\n  ')}\n) → ${shortType(result)}`
  const meanings = given.arguments.flatMap(({ name: argument }) => {
    const meaning = columns.find((column) => column.name === argument)?.comment
    return meaning === undefined ? [] : [[`\`${argument}\``, meaning]]
  })
  const table = meanings.length === 0 ? '' : `\n\n${markdownTable(['argument', ''], meanings)}`
  return `#### pgbeat.${name}\n\n${comment}.\n\n\`\`\`\n${signature}\n\`\`\`${table}`
}

function relationSection({ name, comment, columns }: Relation): string {
  const rows = columns.map((column) => [`\`${column.name}\``, shortType(column.type), column.comment])
  return `### pgbeat.${name}\n\n${comment}.\n\n${markdownTable(['column', 'type', ''], rows)}`
}

function shortType(type: string): string {
  return type.replace('timestamp with time zone', 'timestamptz').replace('timestamp without time zone', 'timestamp')
}

async function readRelations(client: Pick<pg.Client, 'query'>): Promise<Named<Relation>> {
  const { rows } = await client.query<Relation>(`
    select c.relname as name, obj_description(c.oid, 'pg_class') as comment, (
      select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
        'comment', col_description(c.oid, a.attnum)) order by a.attnum)
      from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    ) as columns
    from pg_class c
    where c.relnamespace = 'pgbeat'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition
    order by c.relname`)
  return byName(rows)
}

async function readFunctions(client: Pick<pg.Client, 'query'>): Promise<Named<Callable>> {
  const { rows } = await client.query<Callable>(`
    select p.proname as name, obj_description(p.oid, 'pg_proc') as comment, pg_get_function_result(p.oid) as result, (
      select coalesce(json_agg(json_build_object('name', a.name, 'type', format_type(a.type, null),
        'default', regexp_replace(replace(pg_get_function_arg_default(p.oid, a.position::integer), 'NULL::', 'null::'),
          '::[a-z ]+(\\[\\])?', ''))
        order by a.position), '[]')
      from unnest(p.proargnames, p.proargtypes::oid[]) with ordinality as a(name, type, position)
    ) as arguments
    from pg_proc p where p.pronamespace = 'pgbeat'::regnamespace`)
  return byName(rows)
}

function byName<Row extends { readonly name: string }>(rows: readonly Row[]): Named<Row> {
  return new Map(rows.map((row) => [row.name, row]))
}

/** What pgbeat_client may do with which columns; none = all of them. */
async function readRights(client: Pick<pg.Client, 'query'>): Promise<string[][]> {
  const { rows } = await client.query<{ name: string; privileges: string; columns: string | null }>(`
    with client as (
      select c.relname, acl.privilege_type, null::smallint as attnum, null::name as attname
      from pg_class c, aclexplode(c.relacl) acl
      where c.relnamespace = 'pgbeat'::regnamespace and acl.grantee = 'pgbeat_client'::regrole
      union all
      select c.relname, acl.privilege_type, a.attnum, a.attname
      from pg_class c join pg_attribute a on a.attrelid = c.oid, aclexplode(a.attacl) acl
      where c.relnamespace = 'pgbeat'::regnamespace and acl.grantee = 'pgbeat_client'::regrole
    ), of_columns as (
      select relname, privilege_type, string_agg('\`' || attname || '\`', ', ' order by attnum) as columns
      from client group by relname, privilege_type
    )
    select relname as name, lower(string_agg(privilege_type, ', ' order by privilege_type)) as privileges, columns
    from of_columns group by relname, columns order by relname, columns nulls first`)
  return rows.map(({ name, privileges, columns }) => [`\`${name}\``, privileges, columns ?? 'all'])
}
