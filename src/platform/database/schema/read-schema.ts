/** What a database's catalog says of one thing in it: a table, a column, a trigger … */
export interface SchemaObject {
  kind: string;
  /** The table that it belongs to; its own name where it belongs to none. */
  table: string;
  name: string;
  /** All that it does, in the engine's words. */
  definition: string;
}

/** Runs a select and returns its rows. */
export type Query = (text: string) => Promise<SchemaObject[]>;

/**
 * Everything in the current schema of a PostgreSQL database that changes what a statement does. Left out are owners, grants, comments
 * and statistics targets, the order of columns, and what belongs to an extension. Names are written without the schema where it
 * is the first of the search path, so that two schemas compare. Not-null constraints are in the catalog of constraints since version
 * 18; they are read from the columns.
 */
export const POSTGRES_SCHEMA = `
  with own as (select oid from pg_namespace where nspname = current_schema()),
  relation as (
    select c.* from pg_class c
    where c.relnamespace = (select oid from own)
      and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
  )
  select case relkind when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table'
      when 'c' then 'type' else 'table' end as kind,
    relname::text as "table", relname::text as name,
    concat_ws(' ', relkind, relpersistence, case when relrowsecurity then 'row security' end,
      case when relforcerowsecurity then 'forced' end, case when relispartition then 'partition' end,
      case when relkind in ('v', 'm') then pg_get_viewdef(oid, true) end) as definition
  from relation where relkind in ('r', 'p', 'v', 'm', 'f', 'c')
  union all
  select 'sequence', relname, relname, concat_ws(' ', relpersistence, format_type(seqtypid, null), seqstart, seqincrement,
    seqmin, seqmax, case when seqcycle then 'cycle' end)
  from relation join pg_sequence on seqrelid = oid
  union all
  select 'column', relname, attname, concat_ws(' ', format_type(atttypid, atttypmod),
    'collate ' || nullif(collname::text, 'default'), case when attnotnull then 'not null' end,
    'identity ' || nullif(attidentity::text, ''), 'generated ' || nullif(attgenerated::text, ''),
    'default ' || pg_get_expr(adbin, adrelid, true))
  from relation join pg_attribute on attrelid = relation.oid and attnum > 0 and not attisdropped
  left join pg_collation on pg_collation.oid = attcollation
  left join pg_attrdef on adrelid = attrelid and adnum = attnum
  where relkind in ('r', 'p', 'f', 'c')
  union all
  select 'constraint', coalesce(relname, conname), conname, concat_ws(' ', pg_get_constraintdef(c.oid, true),
    case when exists (select from pg_trigger where tgconstraint = c.oid and tgisinternal and tgenabled <> 'O') then 'disabled' end)
  from pg_constraint c left join relation on relation.oid = conrelid
  where contype not in ('n', 't')
    and (relation.oid is not null or confrelid in (select oid from relation) or connamespace = (select oid from own))
  union all
  select 'index', relation.relname, c.relname, concat_ws(' ', pg_get_indexdef(indexrelid, 0, true),
    case when not (indisvalid and indisready) then 'invalid' end)
  from pg_index join relation on relation.oid = indrelid join pg_class c on c.oid = indexrelid
  union all
  select 'trigger', relname, tgname, concat_ws(' ', pg_get_triggerdef(t.oid, true), 'enabled ' || nullif(tgenabled::text, 'O'))
  from pg_trigger t join relation on relation.oid = tgrelid where not tgisinternal
  union all
  select 'rule', relname, rulename, concat_ws(' ', pg_get_ruledef(r.oid, true), 'enabled ' || nullif(ev_enabled::text, 'O'))
  from pg_rewrite r join relation on relation.oid = ev_class where rulename <> '_RETURN'
  union all
  select 'policy', relname, polname, concat_ws(' ', polcmd, polpermissive, pg_get_expr(polqual, polrelid, true),
    pg_get_expr(polwithcheck, polrelid, true))
  from pg_policy join relation on relation.oid = polrelid
  union all
  select 'child table', relname, inhrelid::regclass::text, '' from pg_inherits join relation on relation.oid = inhparent
  union all
  select 'function', proname, p.oid::regprocedure::text,
    case prokind when 'a' then 'aggregate'
      else replace(pg_get_functiondef(p.oid), format(' %I.%I(', current_schema(), proname), format(' %I(', proname)) end
  from pg_proc p
  where pronamespace = (select oid from own)
    and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
  union all
  select case when classid = 'pg_statistic_ext'::regclass then 'statistics' else 'object' end, name, name, ''
  from pg_depend d, pg_describe_object(classid, objid, 0) as name
  where refclassid = 'pg_namespace'::regclass and refobjid = (select oid from own) and deptype = 'n'
    and classid not in ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_extension'::regclass)
    and not exists (select from pg_depend e where e.classid = d.classid and e.objid = d.objid and e.deptype = 'e')
  union all
  select 'event trigger', evtname, evtname, concat_ws(' ', evtevent, evtfoid::regprocedure)
  from pg_event_trigger e
  where evtenabled <> 'D' and (select rolsuper from pg_roles where rolname = current_user)
    and not exists (select from pg_depend d where d.classid = 'pg_event_trigger'::regclass and d.objid = e.oid and d.deptype = 'e')
  union all
  select 'setting', name, name, setting from pg_settings where name = 'session_replication_role' and setting <> 'origin'`;

/** Kinds that belong to the whole database or to the connection, whichever schema is looked at. */
export const DATABASE_WIDE = ['event trigger', 'setting'];

/**
 * Everything in an SQLite database but what SQLite keeps for itself: the numbers of `autoincrement`, the statistics of `analyze`, and
 * indexes that a table's own statement asks for.
 */
export const SQLITE_SCHEMA = `
  select type as kind, tbl_name as "table", name, coalesce(sql, '') as definition from sqlite_schema
  where not (type = 'table' and name in ('sqlite_sequence', 'sqlite_stat1', 'sqlite_stat4'))
    and not (type = 'index' and name like 'sqlite_autoindex_%' and sql is null)`;
