/**
 * What PostgreSQL says of its own tables, asked in one statement and answered
 * as one JSON text; nothing is concluded here.
 *
 * The system catalogs are read rather than `information_schema`, which hides
 * what the connected user does not own and knows no partition, index or comment.
 * An embedded PGlite answers the same.
 */

import { type RawBuilder, sql } from 'kysely'
import type { Connection } from '../../database/database.ts'
import type { PostgresRows } from './catalog-rows.ts'

/** The schema of Castellan's own tables. */
export const OWN_SCHEMA = 'castellan'

export async function readRows(connection: Connection, tables: 'application' | 'own'): Promise<PostgresRows> {
  const { rows } = await catalogQuery(tables).execute(connection)
  const [row] = rows as readonly { readonly catalog: string }[]
  if (!row) throw new TypeError('The catalog query gave no row.')
  // the statement below selects the very keys of PostgresRows
  return JSON.parse(row.catalog) as PostgresRows
}

function catalogQuery(tables: 'application' | 'own'): RawBuilder<unknown> {
  const isWanted =
    tables === 'own'
      ? sql`n.nspname = ${OWN_SCHEMA}`
      : sql`n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', ${OWN_SCHEMA})`
  return sql`
    WITH RECURSIVE
      wanted_schema AS (
        SELECT n.oid, n.nspname, has_schema_privilege(n.oid, 'USAGE') AS is_open
        FROM pg_namespace n
        WHERE ${isWanted}
      ),
      relation AS MATERIALIZED (
        SELECT c.oid, n.nspname, c.relname, c.relkind, c.reltuples, c.relispopulated, has_table_privilege(c.oid, 'SELECT') AS selects,
          has_table_privilege(c.oid, 'INSERT') AS inserts, has_table_privilege(c.oid, 'UPDATE') AS updates
        FROM pg_class c
        JOIN wanted_schema n ON n.oid = c.relnamespace AND n.is_open
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
          AND NOT c.relispartition
          AND NOT EXISTS (
            SELECT FROM pg_depend d
            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
          )
      ),
      col AS MATERIALIZED (
        SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attidentity,
          a.attgenerated, r.selects, r.inserts, r.updates
        FROM pg_attribute a
        JOIN relation r ON r.oid = a.attrelid
        WHERE a.attnum > 0 AND NOT a.attisdropped
      ),
      used_type (oid) AS (
        SELECT atttypid FROM col
        UNION
        SELECT CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.typelem END
        FROM pg_type t JOIN used_type u ON u.oid = t.oid
        WHERE t.typtype = 'd' OR (t.typcategory = 'A' AND t.typelem <> 0)
      ),
      -- the foreign keys of partitions are their parent's
      foreign_key AS (
        SELECT DISTINCT ON (r.oid, names.columns, target.oid)
          r.oid AS relation, names.columns, n.nspname AS target_schema, target.relname AS target,
          names.target_columns, k.confdeltype AS on_delete, k.conkey[1] AS place, k.conname
        FROM pg_constraint k
        JOIN pg_class c ON c.oid = k.conrelid
        JOIN relation r ON r.oid = CASE WHEN c.relispartition THEN pg_partition_root(c.oid) ELSE c.oid END
        JOIN pg_class target ON target.oid = k.confrelid
        JOIN pg_namespace n ON n.oid = target.relnamespace
        CROSS JOIN LATERAL (
          SELECT array_agg(here.attname ORDER BY pair.place) AS columns,
            array_agg(there.attname ORDER BY pair.place) AS target_columns
          FROM unnest(k.conkey, k.confkey) WITH ORDINALITY AS pair (here, there, place)
          JOIN pg_attribute here ON here.attrelid = k.conrelid AND here.attnum = pair.here
          JOIN pg_attribute there ON there.attrelid = k.confrelid AND there.attnum = pair.there
        ) names
        WHERE k.contype = 'f' AND k.conparentid = 0
        ORDER BY r.oid, names.columns, target.oid, k.conname
      )
    SELECT json_build_object(
      'default_schema', current_schema(),
      'closed_schemas', coalesce((
        SELECT json_agg(s.nspname ORDER BY s.nspname)
        FROM wanted_schema s
        WHERE NOT s.is_open
          AND EXISTS (
            SELECT FROM pg_class c WHERE c.relnamespace = s.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
          )
      ), '[]'),
      'relations', coalesce((${relationRows()}), '[]'),
      'columns', coalesce((${columnRows()}), '[]'),
      'types', coalesce((${typeRows()}), '[]'),
      'primary_keys', coalesce((${primaryKeyRows()}), '[]'),
      'foreign_keys', coalesce((
        SELECT json_agg(json_build_object(
          'relation', f.relation::int8, 'columns', f.columns, 'target_schema', f.target_schema,
          'target', f.target, 'target_columns', f.target_columns, 'on_delete', f.on_delete
        ) ORDER BY f.relation, f.place, f.conname)
        FROM foreign_key f
      ), '[]'),
      'checks', coalesce((${checkRows()}), '[]'),
      'indexes', coalesce((${indexRows()}), '[]')
    )::text AS catalog`
}

/** What was counted last. A table never analysed tells no number; its size on disk then gives one to go by. */
function countedOf(relation: 'r' | 'leaf'): RawBuilder<unknown> {
  const { oid, counted } = { oid: sql.ref(`${relation}.oid`), counted: sql.ref(`${relation}.reltuples`) }
  return sql`CASE WHEN ${counted} >= 0 THEN ${counted} ELSE round(pg_relation_size(${oid}) / 80.0) END`
}

function relationRows(): RawBuilder<unknown> {
  return sql`
    SELECT json_agg(json_build_object(
      'id', r.oid::int8,
      'schema', r.nspname,
      'name', r.relname,
      'kind', r.relkind,
      'comment', obj_description(r.oid, 'pg_class'),
      'rows', CASE
        WHEN r.relkind = 'p' THEN (
          SELECT coalesce(sum(${countedOf('leaf')}), 0)
          FROM pg_partition_tree(r.oid) tree
          JOIN pg_class leaf ON leaf.oid = tree.relid
          WHERE tree.isleaf
        )
        WHEN r.relkind IN ('r', 'm') THEN ${countedOf('r')}
      END,
      'filled', r.relispopulated,
      'visible', pg_table_is_visible(r.oid),
      'can_select', r.selects OR has_any_column_privilege(r.oid, 'SELECT'),
      'can_insert', r.inserts OR has_any_column_privilege(r.oid, 'INSERT'),
      'can_update', r.updates OR has_any_column_privilege(r.oid, 'UPDATE'),
      'can_delete', has_table_privilege(r.oid, 'DELETE'),
      'takes_insert', r.relkind <> 'f' OR pg_relation_is_updatable(r.oid, false) & 8 = 8,
      'takes_update', r.relkind <> 'f' OR pg_relation_is_updatable(r.oid, false) & 4 = 4,
      'takes_delete', r.relkind <> 'f' OR pg_relation_is_updatable(r.oid, false) & 16 = 16,
      'fills', EXISTS (
        SELECT
        FROM pg_trigger t
        -- for each row, before, insert
        WHERE t.tgrelid = r.oid AND NOT t.tgisinternal AND t.tgtype & 7 = 7
      ),
      'secured', row_security_active(r.oid),
      'heirs', r.relkind IN ('r', 'f') AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = r.oid)
    ) ORDER BY r.nspname, r.relname)
    FROM relation r`
}

function columnRows(): RawBuilder<unknown> {
  return sql`
    SELECT json_agg(json_build_object(
      'relation', c.attrelid::int8,
      'name', c.attname,
      'type', c.atttypid::int8,
      'declared', format_type(c.atttypid, c.atttypmod),
      'required', c.attnotnull,
      'expression', pg_get_expr(d.adbin, d.adrelid),
      'identity', c.attidentity,
      'generated', c.attgenerated,
      'comment', about.description,
      'can_select', c.selects OR has_column_privilege(c.attrelid, c.attnum, 'SELECT'),
      'can_insert', c.inserts OR has_column_privilege(c.attrelid, c.attnum, 'INSERT'),
      'can_update', c.updates OR has_column_privilege(c.attrelid, c.attnum, 'UPDATE'),
      'sequence_denied', d.oid IS NOT NULL AND EXISTS (
        SELECT
        FROM pg_depend need
        JOIN pg_class s ON s.oid = need.refobjid
        WHERE need.classid = 'pg_attrdef'::regclass AND need.objid = d.oid
          AND need.refclassid = 'pg_class'::regclass
          AND CASE s.relkind WHEN 'S' THEN NOT has_sequence_privilege(s.oid, 'USAGE') ELSE false END
      )
    ) ORDER BY c.attrelid, c.attnum)
    FROM col c
    LEFT JOIN pg_attrdef d ON d.adrelid = c.attrelid AND d.adnum = c.attnum
    LEFT JOIN pg_description about
      ON about.classoid = 'pg_class'::regclass AND about.objoid = c.attrelid AND about.objsubid = c.attnum`
}

function typeRows(): RawBuilder<unknown> {
  return sql`
    SELECT json_agg(json_build_object(
      'id', t.oid::int8,
      'name', t.typname,
      'builtin', t.typnamespace = 'pg_catalog'::regnamespace,
      'kind', t.typtype,
      'element', CASE WHEN t.typtype = 'b' AND t.typcategory = 'A' THEN nullif(t.typelem, 0)::int8 END,
      'element_declared', CASE WHEN t.typcategory = 'A' THEN format_type(nullif(t.typelem, 0), NULL) END,
      'base', nullif(t.typbasetype, 0)::int8,
      'base_declared', CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END,
      'required', t.typnotnull,
      'default', t.typdefault,
      'labels', (
        SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid
      ),
      'checks', (
        SELECT json_agg(pg_get_constraintdef(k.oid, true) ORDER BY k.conname)
        FROM pg_constraint k
        WHERE k.contypid = t.oid AND k.contype = 'c'
      )
    ))
    FROM used_type u
    JOIN pg_type t ON t.oid = u.oid`
}

function primaryKeyRows(): RawBuilder<unknown> {
  return sql`
    SELECT json_agg(json_build_object(
      'relation', k.conrelid::int8,
      'columns', (
        SELECT json_agg(a.attname ORDER BY part.place)
        FROM unnest(k.conkey) WITH ORDINALITY AS part (attnum, place)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = part.attnum
      )
    ))
    FROM pg_constraint k
    JOIN relation r ON r.oid = k.conrelid
    WHERE k.contype = 'p'`
}

function checkRows(): RawBuilder<unknown> {
  return sql`
    SELECT json_agg(json_build_object(
      'relation', k.conrelid::int8,
      'name', k.conname,
      'definition', pg_get_constraintdef(k.oid, true)
    ) ORDER BY k.conrelid, k.conname)
    FROM pg_constraint k
    JOIN relation r ON r.oid = k.conrelid
    WHERE k.contype IN ('c', 'x')`
}

function indexRows(): RawBuilder<unknown> {
  return sql`
    SELECT json_agg(json_build_object(
      'relation', i.indrelid::int8,
      'name', c.relname,
      'columns', (
        SELECT json_agg(a.attname ORDER BY part.place)
        FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS part (attnum, place)
        LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = part.attnum AND part.attnum > 0
        WHERE part.place <= i.indnkeyatts
      ),
      'unique', i.indisunique,
      'partial', i.indpred IS NOT NULL,
      'method', m.amname,
      'classes', (
        SELECT json_agg(o.opcname ORDER BY part.place)
        FROM unnest(i.indclass::oid[]) WITH ORDINALITY AS part (class, place)
        JOIN pg_opclass o ON o.oid = part.class
      ),
      'plain', (
        SELECT bool_and(
          o.opcdefault AND part.ordering IN (0, a.attcollation) AND part.option & 1 = part.option >> 1 & 1
        )
        FROM unnest(i.indclass::oid[], i.indcollation::oid[], i.indoption::int2[], i.indkey::int2[])
          AS part (class, ordering, option, attnum)
        JOIN pg_opclass o ON o.oid = part.class
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = part.attnum AND part.attnum > 0
      ),
      'descending', (
        SELECT json_agg(part.option & 1 = 1 ORDER BY part.place)
        FROM unnest(i.indoption::int2[]) WITH ORDINALITY AS part (option, place)
      ),
      'tie', CASE WHEN r.reltuples >= 10000 THEN (
        SELECT ceil(r.reltuples * greatest(
          s.null_frac,
          CASE WHEN i.indisunique AND i.indnkeyatts = 1 THEN 0 ELSE greatest(
            s.most_common_freqs[1],
            CASE WHEN s.n_distinct > 0 THEN 1 / s.n_distinct WHEN s.n_distinct < 0 THEN -1 / s.n_distinct / r.reltuples END
          ) END
        ))
        FROM pg_stats s
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] AND a.attname = s.attname
        WHERE s.schemaname = r.nspname AND s.tablename = r.relname AND NOT s.inherited
      ) END,
      'definition', CASE
        WHEN i.indexprs IS NOT NULL OR i.indpred IS NOT NULL OR m.amname <> 'btree' THEN pg_get_indexdef(i.indexrelid)
        ELSE ''
      END
    ) ORDER BY i.indrelid, c.relname)
    FROM pg_index i
    JOIN relation r ON r.oid = i.indrelid
    JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_am m ON m.oid = c.relam
    WHERE i.indisvalid AND i.indislive`
}
