import { sql } from 'kysely'
import type { Db } from './tables.ts'

export interface Rights {
  readonly role: string
  /** Which of the schemas there are. */
  readonly schemas: readonly string[]
  /** What this role may not do and would have to, such as `select on pgbeat.runs`. */
  readonly missing: readonly string[]
  /** Whether it may make and drop partitions, as a tick and a migration do. */
  readonly is_owner: boolean
}

/** What the role of this session may do with pgbeat's tables and graphile-worker's. */
export async function readRights(db: Db): Promise<Rights> {
  const { rows } = await sql<Rights>`
    with own as (
      select oid, nspname as schema from pg_namespace where nspname in ('pgbeat', 'graphile_worker')
    ), relation as (
      select c.oid, c.relkind, format('%I.%I', own.schema, c.relname) as name
      from own join pg_class c on c.relnamespace = own.oid
      -- A partition is reached through its table.
      where not c.relispartition
    ), missing as (
      select 'usage on schema ' || schema as what from own where not has_schema_privilege(oid, 'usage')
      union all
      select lower(privilege) || ' on ' || name from relation, unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) privilege
      where (relkind in ('r', 'p') or relkind = 'v' and privilege = 'SELECT') and not has_table_privilege(oid, privilege)
      union all
      select 'usage on sequence ' || name from relation
      -- In this order, for it must not be asked about a table.
      where case when relkind = 'S' then not has_sequence_privilege(oid, 'usage') end
        -- An identity column needs none.
        and not exists (
          select from pg_depend d
          where d.classid = 'pg_class'::regclass and d.objid = relation.oid and d.deptype = 'i')
      union all
      select 'execute on function ' || p.oid::regprocedure from own join pg_proc p on p.pronamespace = own.oid
      -- Whoever sets a trigger off needs no right to its function.
      where p.prorettype <> 'trigger'::regtype and not has_function_privilege(p.oid, 'execute')
      union all
      select 'execute on function ' || name from unnest(array['pg_notify(text,text)', 'pg_control_system()']) name
      where not has_function_privilege(name, 'execute')
    )
    select current_user as role, array(select schema::text from own order by 1) as schemas,
      array(select what from missing order by 1) as missing,
      exists (
        select from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'pgbeat' and c.relname = 'runs' and pg_has_role(c.relowner, 'usage')
          and has_schema_privilege(n.oid, 'create')) as is_owner`.execute(db)
  return rows[0] as Rights
}
