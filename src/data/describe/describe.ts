/**
 * From what a database says of its tables to models that can be administered:
 * one set of rules for every engine.
 *
 * Pure and quick: it reads nothing. Whatever an engine knows stands in its
 * `Catalog`; what differs between engines is said there and not here.
 */

import { describe } from '../../model/describe.ts'
import { humanise } from '../../model/label.ts'
import type { Field, Index, Model } from '../../model/model.ts'
import type { Catalog, CatalogTable } from '../catalog.ts'
import type { Schema } from '../data-source.ts'
import type { DescribeOptions, Draft } from './draft.ts'
import { fieldsOf } from './field.ts'
import { fingerprintOf } from './fingerprint.ts'
import { keyOf, uniquesOf } from './key.ts'
import { commonPrefix, labelsOf } from './labels.ts'
import { namedTables } from './name.ts'
import { inMenuOrder } from './order.ts'
import { relationsOf } from './relations.ts'
import { warningsOf } from './warnings.ts'
import { writableOf } from './writable.ts'

/** A table of fewer records is sorted without an index in no time. */
const SMALL = 10_000
/** A table of so many records is walked through by none of its lists. */
const LARGE = 100_000
const VIEWS = 'Views'

/** The models of a catalog, with default options, and what its owner should know. */
export function schemaOf(catalog: Catalog, options: DescribeOptions): Schema {
  const { named, refused } = namedTables(catalog.tables, options)
  const whole: Whole = {
    hasSchemas: new Set(named.map(({ table }) => table.schema)).size > 1,
    prefix: commonPrefix(named.map(({ table }) => table)),
  }
  const drafts = named.map(
    ({ table, name }): Draft => ({ table, model: bareModel(table, name, options, whole) }),
  )
  const { relations, warnings } = relationsOf(drafts, catalog)
  const related = drafts.map(({ model }) => ({ ...model, relations: relations.get(model) ?? [] }))
  const rows = new Map(
    drafts.flatMap(({ table, model }) => (table.rows === null ? [] : [[model.name, table.rows]])),
  )
  return {
    fingerprint: fingerprintOf(named.map(({ table }) => table)),
    models: inMenuOrder(describe(related, smallModels(rows))),
    warnings: warningsOf(catalog, { drafts, refused, broken: warnings, prefix: options.prefix ?? '' }),
    rows,
    defaultSchema: catalog.defaultSchema ?? null,
  }
}

/** Names of the models that are sorted without an index in no time, by how many records each has. */
export function smallModels(rows: Schema['rows']): ReadonlySet<string> {
  return new Set([...rows].filter(([, count]) => count < SMALL).map(([name]) => name))
}

/** What one model has to know of all. */
interface Whole {
  readonly hasSchemas: boolean
  /** What all tables begin with. */
  readonly prefix: string
}

function bareModel(table: CatalogTable, name: string, options: DescribeOptions, whole: Whole): Model {
  const fields = fieldsOf(table)
  const indexes = indexesOf(table, fields)
  const model = {
    name,
    source: options.source,
    schema: table.schema,
    table: table.name,
    kind: table.kind,
    ...labelsOf(table, whole.prefix),
    description: table.comment,
    icon: null,
    group: groupOf(table, options, whole),
    fields,
    key: keyOf(table, fields, indexes),
    uniques: uniquesOf(table, fields, indexes),
    indexes,
    ...(options.tables === 'application' && (table.rows ?? 0) >= LARGE && { isLarge: true }),
    ...(table.plansByStatistics && { plansByStatistics: true }),
    relations: [],
    title: [],
    list: { columns: [], filters: [], search: [], sort: [], perPage: 50 },
    softDelete: null,
    writable: { create: false, update: false, delete: false, reason: null },
  } satisfies Model
  return { ...model, writable: writableOf(table, model, options.isReadOnly) }
}

/** By source for all but the first, by schema where there are several; views stand apart. */
function groupOf(
  { schema, kind }: CatalogTable,
  { source, prefix }: DescribeOptions,
  { hasSchemas }: Whole,
): string | null {
  const inSchema = hasSchemas && schema !== null ? humanise(schema) : null
  if (prefix) return inSchema === null ? humanise(source) : `${humanise(source)}: ${inSchema}`
  return inSchema ?? (kind === 'view' ? VIEWS : null)
}

function indexesOf({ indexes }: CatalogTable, fields: readonly Field[]): readonly Index[] {
  const names = new Map(fields.map(({ column, name }) => [column, name]))
  return indexes.map(({ columns, isUnique, isPartial, ...rest }) => ({
    ...rest,
    fields: columns.map((column) => (column === null ? null : (names.get(column) ?? null))),
    unique: isUnique,
    partial: isPartial,
  }))
}
