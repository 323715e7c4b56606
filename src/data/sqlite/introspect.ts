/**
 * The models of a SQLite database: from its catalog to fields, keys, relations
 * and the defaults that make a usable admin of a database nobody has described.
 */

import { createHash } from 'node:crypto'
import type { Connection } from '../../database/database.ts'
import { guessList, guessSoftDelete, guessTitle, linkLabelled, searchAcross } from '../../model/describe.ts'
import { humanise, pluralLabel, singularLabel } from '../../model/label.ts'
import type { Field, Index, Model, Relation, Writable } from '../../model/model.ts'
import type { Schema } from '../data-source.ts'
import {
  type Catalog,
  type ColumnRow,
  cappedCount,
  firstRows,
  type IndexRow,
  readCatalog,
  type TableRow,
} from './catalog.ts'
import type { Column } from './column.ts'
import { type Ddl, readDdl } from './ddl.ts'
import { type FieldSource, fieldOfColumn } from './field.ts'
import { type Related, relationsOf } from './relations.ts'
import { OWN_MODELS, warningsOf } from './warnings.ts'

/** Which tables make models: the application's, or Castellan's own. */
export type Tables = 'application' | 'own'

/** What the adapter keeps of a table beside its model. */
export interface TableFacts {
  readonly columns: ReadonlyMap<string, Column>
  readonly ddl: Ddl
  /** The name under which rows have a number, when they have one that no column hides. */
  readonly rowId: string | null
}

export interface Introspection {
  readonly schema: Schema
  readonly facts: ReadonlyMap<string, TableFacts>
}

const OWN_PREFIX = 'castellan_'
const SAMPLED_ROWS = 50
/** A table of fewer records is sorted without an index in no time. */
const SMALL = 10_000
const ROW_ID_NAMES: readonly string[] = ['_rowid_', 'rowid', 'oid']

/** One table on its way to a model. */
interface Draft {
  readonly row: TableRow
  readonly model: Model
  readonly facts: TableFacts
  readonly isSmall: boolean
}

export async function introspect(
  connection: Connection,
  options: { readonly source: string; readonly tables: Tables; readonly isReadOnly: boolean },
): Promise<Introspection> {
  const catalog = await readCatalog(connection)
  const isWanted = (name: string): boolean =>
    name.startsWith(OWN_PREFIX) === (options.tables === 'own') && !name.startsWith(OWN_MODELS)
  const rows = catalog.tables.filter(({ name, type }) => isWanted(name) && type !== 'virtual')
  const drafts: Draft[] = []
  for (const row of rows) {
    if (catalog.brokenViews.includes(row.name)) continue
    drafts.push(await draftOf(connection, catalog, row, options))
  }
  const byTable = new Map(drafts.map((draft) => [draft.row.name, relatedOf(draft.model)]))
  const { relations, warnings } = relationsOf(
    byTable,
    catalog.foreignKeys.filter(({ tbl }) => isWanted(tbl)),
  )
  return {
    schema: {
      fingerprint: fingerprintOf(catalog, isWanted),
      models: described(drafts, relations),
      warnings: [
        ...warnings,
        ...warningsOf(
          catalog,
          drafts.map(({ model }) => model),
          isWanted,
        ),
      ],
    },
    facts: new Map(drafts.map(({ row, facts }) => [row.name, facts])),
  }
}

async function draftOf(
  connection: Connection,
  catalog: Catalog,
  row: TableRow,
  { source, isReadOnly }: { readonly source: string; readonly isReadOnly: boolean },
): Promise<Draft> {
  const columns = catalog.columns.filter(({ tbl, hidden }) => tbl === row.name && hidden !== 1n)
  const ddl = readDdl(row.type === 'table' ? row.sql : null, columns.map(nameOf))
  const keyed = new Set([
    ...catalog.foreignKeys.filter(({ tbl }) => tbl === row.name).map(({ from }) => from),
    ...columns.filter(({ pk }) => pk > 0n).map(nameOf),
  ])
  // a view may have to be computed whole before it gives its first row
  const isTable = row.type === 'table'
  const samples = isTable ? await firstRows(connection, row.name, columns.map(nameOf), SAMPLED_ROWS) : []
  const sources = columns.map((column): FieldSource => {
    const values = samples.map((sample) => sample[column.name]).filter((value) => value !== null)
    return {
      row,
      column,
      ddl,
      isKey: keyed.has(column.name),
      values,
      primaryKeySize: columns.filter(({ pk }) => pk > 0n).length,
    }
  })
  const made = sources.map(fieldOfColumn)
  const fields = made.map(({ field }) => field)
  const named = new Map(made.map(({ field }) => [field.column, field]))
  const indexes = indexesOf(catalog.indexes, row.name, named)
  const model = {
    name: row.name,
    source,
    schema: null,
    table: row.name,
    kind: isTable ? 'table' : 'view',
    label: isTable ? singularLabel(row.name) : humanise(row.name),
    labelPlural: isTable ? pluralLabel(row.name) : humanise(row.name),
    description: null,
    icon: null,
    group: null,
    fields,
    key: keyOf(columns, named, indexes),
    uniques: uniquesOf(columns, named, indexes),
    indexes,
    relations: [],
    title: [],
    list: { columns: [], filters: [], search: [], sort: [], perPage: 50 },
    softDelete: null,
    writable: { create: false, update: false, delete: false, reason: null },
  } satisfies Model
  return {
    row,
    model: { ...model, writable: writableOf(model, isReadOnly) },
    facts: {
      columns: new Map(made.map(({ field, column }) => [field.column, column])),
      ddl,
      rowId: isTable && row.wr === 0n ? freeRowId(columns) : null,
    },
    isSmall: isTable && (await cappedCount(connection, row.name, SMALL)) < SMALL,
  }
}

function nameOf({ name }: ColumnRow): string {
  return name
}

function indexesOf(
  rows: readonly IndexRow[],
  table: string,
  fields: ReadonlyMap<string, Field>,
): readonly Index[] {
  const byName = Map.groupBy(
    rows.filter(({ tbl }) => tbl === table),
    ({ idx }) => idx,
  )
  return [...byName].map(([name, parts]) => ({
    name,
    fields: parts.map(({ col }) => (col === null ? null : (fields.get(col)?.name ?? null))),
    unique: parts[0]?.unique === 1n,
    partial: parts[0]?.partial === 1n,
  }))
}

/** The primary key, or else the first unique index over columns that are never NULL. */
function keyOf(
  columns: readonly ColumnRow[],
  fields: ReadonlyMap<string, Field>,
  indexes: readonly Index[],
): readonly string[] | null {
  const primary = primaryKey(columns, fields)
  if (primary.length > 0) return primary
  const required = new Set(
    columns.filter(({ notnull }) => notnull === 1n).map(({ name }) => fields.get(name)?.name),
  )
  const usable = indexes.find((index) => isUsableKey(index, required))
  return usable ? usable.fields.filter((name) => name !== null) : null
}

function isUsableKey(index: Index, required: ReadonlySet<string | undefined>): boolean {
  return index.unique && !index.partial && index.fields.every((name) => name !== null && required.has(name))
}

function primaryKey(columns: readonly ColumnRow[], fields: ReadonlyMap<string, Field>): readonly string[] {
  return columns
    .filter(({ pk }) => pk > 0n)
    .toSorted((a, b) => Number(a.pk - b.pk))
    .map(({ name }) => fields.get(name)?.name ?? name)
}

function uniquesOf(
  columns: readonly ColumnRow[],
  fields: ReadonlyMap<string, Field>,
  indexes: readonly Index[],
): readonly (readonly string[])[] {
  const primary = primaryKey(columns, fields)
  const sets = indexes
    .filter((index) => index.unique && !index.partial && !index.fields.includes(null))
    .map((index) => index.fields.filter((name) => name !== null))
  const all = primary.length > 0 ? [primary, ...sets] : sets
  return all.filter((set, index) => all.findIndex((other) => other.join('\0') === set.join('\0')) === index)
}

function writableOf(model: Model, isReadOnly: boolean): Writable {
  const nothing = { create: false, update: false, delete: false }
  if (isReadOnly) return { ...nothing, reason: 'The database can only be read.' }
  if (model.kind === 'view')
    return { ...nothing, reason: 'This is a view: its records come from other tables.' }
  if (model.key) return { create: true, update: true, delete: true, reason: null }
  return { ...nothing, create: true, reason: 'The table has no key, so its records can not be told apart.' }
}

function freeRowId(columns: readonly ColumnRow[]): string | null {
  const taken = new Set(columns.map(({ name }) => name.toLowerCase()))
  return ROW_ID_NAMES.find((name) => !taken.has(name)) ?? null
}

function relatedOf({ table, labelPlural, key, fields }: Model): Related {
  return {
    table,
    labelPlural,
    key,
    fields: new Map(fields.map((one) => [one.column.toLowerCase(), one.name])),
  }
}

/** The guesses build on each other: titles need relations, search needs every title. */
function described(
  drafts: readonly Draft[],
  relations: ReadonlyMap<string, readonly Relation[]>,
): readonly Model[] {
  const titled = drafts.map(({ model, isSmall }) => {
    const related = linkLabelled({ ...model, relations: relations.get(model.table) ?? [] })
    const called: Model = { ...marked(related), title: guessTitle(related) }
    return { ...called, list: guessList(called, isSmall) }
  })
  const byName = new Map(titled.map((model) => [model.name, model]))
  return titled.map((model) => ({ ...model, list: { ...model.list, search: searchAcross(model, byName) } }))
}

/** The mark is set and taken by `delete` and `restore`, which are rights of their own. */
function marked(model: Model): Model {
  const softDelete = guessSoftDelete(model)
  const fields = model.fields.map((field) =>
    field.name === softDelete?.field ? { ...field, readonly: true } : field,
  )
  return { ...model, softDelete, fields }
}

/** SHA-256 (FIPS 180-4) over every CREATE statement, in order of the tables. */
function fingerprintOf(catalog: Catalog, isWanted: (name: string) => boolean): string {
  const texts = catalog.tables.filter(({ name }) => isWanted(name)).map(({ name, sql }) => [name, sql])
  const indexes = catalog.indexes
    .filter(({ tbl }) => isWanted(tbl))
    .map(({ idx, seqno, col }) => [idx, Number(seqno), col])
  return createHash('sha256')
    .update(JSON.stringify([texts, indexes]))
    .digest('hex')
}
