/**
 * Lays what an application's ORM says over the models of its database.
 *
 * The database stays the truth: whatever the overlay names that is not there
 * becomes a warning, and nothing becomes writable that the database or the
 * application's code does not let be written.
 */

import { describe } from '../model/describe.ts'
import { humanise, pluralLabel, singularLabel } from '../model/label.ts'
import {
  type Field,
  fieldOf,
  type Model,
  type Relation,
  type Sensitivity,
  type SoftDelete,
} from '../model/model.ts'
import type { Schema, Warning } from './data-source.ts'
import { smallModels } from './describe/describe.ts'
import type { FieldOverlay, ModelOverlay, Overlay, RelationOverlay } from './overlay.ts'
import type { SourceDefinition } from './source-definition.ts'

/** What stays the same while one model is worked on. */
interface Laying {
  readonly from: string
  readonly writes: SourceDefinition['writes']
  readonly schema: Schema
  readonly warnings: Warning[]
}

/** The schema with the overlay's names, relations and restrictions; its warnings tell what did not fit. */
export function applyOverlay(schema: Schema, overlay: Overlay, writes: SourceDefinition['writes']): Schema {
  const laying: Laying = { from: overlay.from, writes, schema, warnings: [] }
  for (const one of overlay.models) {
    if (modelAt(schema, one.schema, one.table)) continue
    warn(laying, 'unknown-table', null, null, `the table "${one.table}" is not in the database.`)
  }
  const models = schema.models.map((model) => {
    const one = overlay.models.find((place) => isAt(schema, model, place))
    return one ? laid(laying, model, one) : model
  })
  return {
    ...schema,
    // guessed once more, now that names, relations and hidden fields are the application's
    models: describe(models, smallModels(schema.rows)),
    warnings: [...schema.warnings, ...laying.warnings],
  }
}

function laid(laying: Laying, model: Model, one: ModelOverlay): Model {
  const fields = fieldsOf(laying, model, one)
  const relations = relationsOf(laying, { ...model, fields }, one)
  const named = one.entity ? { label: singularLabel(one.entity), labelPlural: pluralLabel(one.entity) } : {}
  const softDelete = softDeleteOf(laying, model, one)
  return {
    ...model,
    ...named,
    description: one.description ?? model.description,
    fields: fields.map((field) => (field.name === softDelete?.field ? { ...field, readonly: true } : field)),
    relations,
    softDelete,
    writable: writableOf(laying, model, one),
  }
}

function modelAt(known: Schema, schema: string | null, table: string): Model | undefined {
  return known.models.find((model) => isAt(known, model, { schema, table }))
}

/** Whether the model is of that table; an ORM may name the schema that the database finds by itself, or leave it out. */
export function isAt(
  { defaultSchema }: Pick<Schema, 'defaultSchema'>,
  model: Model,
  { schema, table }: Pick<ModelOverlay, 'schema' | 'table'>,
): boolean {
  const itself = defaultSchema ?? 'public'
  return model.table === table && (model.schema ?? itself) === (schema ?? itself)
}

function warn(
  { from, warnings }: Laying,
  code: string,
  model: string | null,
  field: string | null,
  detail: string,
): void {
  warnings.push({ code, model, field, detail: `${from}: ${detail}` })
}

function fieldsOf(laying: Laying, model: Model, { fields }: ModelOverlay): readonly Field[] {
  for (const { column } of fields) {
    if (model.fields.some((field) => field.column === column)) continue
    warn(laying, 'unknown-column', model.name, null, `the column "${column}" is not in the table.`)
  }
  return model.fields.map((field) => {
    const one = fields.find(({ column }) => column === field.column)
    return one ? fieldOver(laying, field, one) : field
  })
}

function fieldOver({ writes }: Laying, field: Field, one: FieldOverlay): Field {
  const isRenamed = one.property !== null && one.property !== field.column
  const fitting = one.choices && (field.type === 'text' || field.type === 'enum')
  return {
    ...field,
    label: isRenamed ? humanise(one.property ?? field.name) : field.label,
    hasDefault: field.hasDefault || (writes !== 'refuse' && one.makes?.onCreate !== undefined),
    hidden: field.hidden || one.isHidden,
    sensitivity: stricter(field.sensitivity, one.sensitivity),
    choices: fitting ? one.choices : field.choices,
    maxLength: smaller(field.maxLength, one.maxLength),
    readonly: field.readonly || one.readonlyReason !== null,
    help: one.readonlyReason ?? one.help ?? field.help,
  }
}

const STRICTNESS: readonly Sensitivity[] = ['public', 'internal', 'personal', 'secret']

/** What the database is known to hold stays as guarded as it is; only the option `models` says less. */
function stricter(known: Sensitivity, said: Sensitivity | null): Sensitivity {
  return said !== null && STRICTNESS.indexOf(said) > STRICTNESS.indexOf(known) ? said : known
}

function smaller(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b
  return Math.min(a, b)
}

/** The application's own names win; what only the database knows stays. */
function relationsOf(laying: Laying, model: Model, { relations }: ModelOverlay): readonly Relation[] {
  const given = relations.flatMap((one) => relationOver(laying, model, one) ?? [])
  const rest = model.relations.filter((known) => !given.some((one) => isSameWay(one, known)))
  const taken = new Set(given.map(({ name }) => name))
  return [...given, ...rest.filter(({ name }) => !taken.has(name))]
}

function relationOver(laying: Laying, model: Model, one: RelationOverlay): Relation | null {
  const target = modelAt(laying.schema, one.targetSchema, one.targetTable)
  const from = target && namesOf(model, one.from)
  const to = target && namesOf(target, one.to)
  if (!target || !from || !to || from.length === 0 || from.length !== to.length) {
    warn(
      laying,
      'unknown-relation',
      model.name,
      null,
      `the relation "${one.name}" leads to no table or column.`,
    )
    return null
  }
  const way = { kind: one.kind, target: target.name, from, to }
  const known = model.relations.find((relation) => isSameWay(relation, way))
  if (one.kind === 'one' && !isUnique(target, to)) {
    const detail = `the relation "${one.name}" may lead to several records, so it is left out.`
    warn(laying, 'unknown-relation', model.name, null, detail)
    return null
  }
  const isTaken = fieldOf(model, one.name) !== undefined
  const name = isTaken ? (known?.name ?? `${one.name}_${one.kind}`) : one.name
  return { ...way, name, label: humanise(one.name), onDelete: known?.onDelete ?? 'restrict' }
}

/** Rules look through a relation at one record: where there may be several, they would look at any of them. */
function isUnique({ key, uniques }: Model, names: readonly string[]): boolean {
  return [key ?? [], ...uniques].some(
    (unique) => unique.length > 0 && unique.every((name) => names.includes(name)),
  )
}

function namesOf(model: Model, columns: readonly string[]): readonly string[] | null {
  const names = columns.map((column) => model.fields.find((field) => field.column === column)?.name)
  return names.every((name) => name !== undefined) ? names : null
}

function isSameWay(a: Pick<Relation, 'kind' | 'target' | 'from' | 'to'>, b: typeof a): boolean {
  return (
    a.kind === b.kind &&
    a.target === b.target &&
    a.from.join('\0') === b.from.join('\0') &&
    a.to.join('\0') === b.to.join('\0')
  )
}

function softDeleteOf(laying: Laying, model: Model, { softDeleteColumn }: ModelOverlay): SoftDelete | null {
  if (softDeleteColumn === null) return model.softDelete
  const field = model.fields.find(({ column }) => column === softDeleteColumn)
  if (!field) return model.softDelete
  if (field.type === 'bool') return { field: field.name, kind: 'flag' }
  if (field.type === 'timestamp' || field.type === 'timestamptz')
    return { field: field.name, kind: 'instant' }
  warn(laying, 'soft-delete', model.name, field.name, 'a mark of deletion has to be a boolean or a moment.')
  return model.softDelete
}

/** Code of the application that SQL would pass by keeps a model read-only until its owner decides. */
function writableOf(laying: Laying, model: Model, one: ModelOverlay): Model['writable'] {
  const { writable } = model
  const made = one.fields.filter(({ makes }) => makes).map(({ property, column }) => property ?? column)
  if (laying.writes !== 'refuse' || one.codeOnWrite.length + made.length === 0) return writable
  const code = [...one.codeOnWrite, ...made.map((name) => `a value for ${name}`)].join('; ')
  const reason = `${laying.from} runs code when it writes here (${code}). Choose writes: 'orm' to run it, or 'sql' to write past it.`
  return { create: false, update: false, delete: false, reason: writable.reason ?? reason }
}
