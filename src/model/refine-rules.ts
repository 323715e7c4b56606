/** The options that rule what is written and what may be done: they leave `Model.refined`. */

import { type Hooks, PERMISSION_HOOKS } from './hook.ts'
import { inputSchema } from './input-schema.ts'
import { type Field, fieldOf, type Model, type SoftDelete, type Writable } from './model.ts'
import type { AllowedAction, AnyObjectSchema, FormOption, ModelOptions } from './options.ts'
import { isWritable, parseValue } from './parse.ts'
import { inlinesOf, treesOf } from './refine-inline.ts'
import type { InputRules, Refined } from './refined.ts'
import { fieldsOf, nameOf, near, type Refining, unshown } from './refining.ts'

const COUNTED: ReadonlySet<Field['type']> = new Set(['int', 'bigint'])
const INSTANTS: ReadonlySet<Field['type']> = new Set(['timestamp', 'timestamptz'])

export function refineRules(refining: Refining): Model {
  const { options } = refining
  const model = withSoftDelete(refining)
  const concurrency = concurrencyOf({ ...refining, model })
  const allowedActions = allowedOf(refining)
  const { refined: _, ...rest } = model
  const refined: Refined = {
    order: options.order ?? null,
    allowedActions,
    possible: model.writable,
    create: inputRules(refining, 'create'),
    update: inputRules(refining, 'update'),
    validate: new Map(
      Object.entries(options.fields ?? {}).flatMap(([name, { validate }]) =>
        validate ? [[name, validate]] : [],
      ),
    ),
    stamped: stampedOf(refining),
    concurrency,
    labelled: new Set(
      Object.entries(options.fields ?? {}).flatMap(([name, { label }]) =>
        label === undefined ? [] : [name],
      ),
    ),
    unpicked: new Set(
      Object.entries(options.relations ?? {}).flatMap(([name, { picker }]) =>
        picker === false ? [name] : [],
      ),
    ),
    inline: inlinesOf(refining),
    trees: treesOf(refining),
    hooks: hooksOf(refining),
  }
  return {
    ...rest,
    fields:
      concurrency === null
        ? model.fields
        : model.fields.map((field) => (field.name === concurrency ? { ...field, readonly: true } : field)),
    writable: writableAs(model, allowedActions),
    refined,
  }
}

function withSoftDelete(refining: Refining): Model {
  const { model, options } = refining
  if (options.softDelete === undefined) return model
  const softDelete = options.softDelete === false ? null : softDeleteOf(refining, options.softDelete.field)
  // The mark is set by deleting and restoring alone; what is none any more is a field like others.
  const fields = model.fields.map((field) => {
    if (field.name === softDelete?.field) return { ...field, readonly: true }
    const wasMark = field.name === model.softDelete?.field
    const isGiven = options.fields?.[field.name]?.readonly !== undefined
    return wasMark && !isGiven && !field.generated ? { ...field, readonly: model.kind === 'view' } : field
  })
  return { ...model, softDelete, fields }
}

function softDeleteOf(refining: Refining, name: string): SoftDelete | null {
  const [field] = fieldsOf(refining, name, 'softDelete.field', (one) => {
    if (one.generated || one.computed) return 'is not written by anybody'
    if (one.type !== 'bool' && !INSTANTS.has(one.type))
      return `is of the type ${one.type}; a mark is true or false, or an instant`
    return INSTANTS.has(one.type) && !one.nullable ? 'cannot be empty, so it marks nothing' : unshown(one)
  })
  return field ? { field: field.name, kind: field.type === 'bool' ? 'flag' : 'instant' } : null
}

function concurrencyOf(refining: Refining): string | null {
  const { options } = refining
  if (options.concurrency === undefined) return null
  const [field] = fieldsOf(refining, options.concurrency, 'concurrency', (one) => {
    if (one.computed) return 'is computed, so it says nothing of the record'
    if (!COUNTED.has(one.type) && !INSTANTS.has(one.type))
      return `is of the type ${one.type}; it takes a whole number or an instant`
    if (refining.model.key?.includes(one.name)) return 'names the record, so it stays'
    return one.sensitivity === 'personal' ? 'is personal, so it is masked' : unshown(one)
  })
  return field?.name ?? null
}

/** @throws nothing; what the database does not let anyone do cannot be allowed here. */
function allowedOf({ model, options, report }: Refining): ReadonlySet<AllowedAction> | null {
  if (!options.allowedActions) return null
  for (const [index, action] of options.allowedActions.entries()) {
    if (action !== 'create' && action !== 'update' && action !== 'delete') continue
    if (model.writable[action]) continue
    const why = model.writable.reason ?? 'the database does not let anyone.'
    report('M307', `allowedActions[${index}]`, `"${action}" is not possible: ${why}`, 'Leave it out.')
  }
  return new Set(options.allowedActions)
}

/** What is not allowed is, for everything that asks, as if the source did not let anyone. */
function writableAs({ writable, labelPlural }: Model, allowed: ReadonlySet<AllowedAction> | null): Writable {
  if (allowed === null) return writable
  const may = (verb: 'create' | 'update' | 'delete'): boolean => writable[verb] && allowed.has(verb)
  const narrowed = { create: may('create'), update: may('update'), delete: may('delete') }
  const isSame = (['create', 'update', 'delete'] as const).every((verb) => narrowed[verb] === writable[verb])
  if (isSame) return writable
  return {
    ...narrowed,
    reason: writable.reason ?? `${labelPlural} are set up to allow ${listed([...allowed])} only.`,
  }
}

function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`
}

function inputRules(refining: Refining, verb: 'create' | 'update'): InputRules {
  const { options, report } = refining
  const form: FormOption = options.form?.[verb] ?? {}
  const path = `form.${verb}`
  const readonly = fieldsOf(refining, form.readonly ?? [], `${path}.readonly`, () => null)
  const schema = options[verb]
    ? inputSchema(options[verb], verb, (problem, remedy) => report('M311', verb, problem, remedy))
    : null
  const fieldsets = form.fieldsets ?? []
  checkFieldsets(
    refining,
    fieldsets.map(({ fields }) => fields),
    `${path}.fieldsets`,
  )
  return {
    readonly: new Set(readonly.map(nameOf)),
    schema,
    only: schema && onlyOf(refining, schema, verb),
    fieldsets,
    defaults: verb === 'create' ? defaultsOf(refining) : new Map(),
  }
}

/** A schema that takes more than it names leaves all fields open. */
function onlyOf(
  { model, report }: Refining,
  schema: AnyObjectSchema,
  verb: string,
): ReadonlySet<string> | null {
  const { shape, catchall } = schema._zod.def
  const names = Object.keys(shape)
  for (const name of names) {
    const field = fieldOf(model, name)
    if (!field) {
      report(
        'M305',
        `${verb}.${name}`,
        `"${model.name}" has no field "${name}".`,
        near(name, model.fields.map(nameOf)),
      )
    } else if (!isWritable(field)) {
      report('M309', `${verb}.${name}`, `"${name}" is written by nobody.`, 'Leave it out of the schema.')
    }
  }
  const isLoose = catchall !== undefined && catchall._zod.def.type !== 'never'
  return isLoose ? null : new Set(names)
}

function checkFieldsets(refining: Refining, sets: readonly (readonly string[])[], path: string): void {
  const seen = new Set<string>()
  for (const [index, names] of sets.entries()) {
    fieldsOf(refining, names, `${path}[${index}].fields`, () => null)
    for (const [at, name] of names.entries()) {
      if (seen.has(name)) {
        refining.report('M307', `${path}[${index}].fields[${at}]`, `"${name}" stands twice.`, 'Name it once.')
      }
      seen.add(name)
    }
  }
}

function defaultsOf(refining: Refining): InputRules['defaults'] {
  const { model, options, report } = refining
  const given = Object.entries(options.form?.create?.defaults ?? {})
  for (const [name, value] of given) {
    const path = `form.create.defaults.${name}`
    const [field] = fieldsOf(refining, name, path, (one) =>
      isWritable(one) && one.sensitivity !== 'secret' ? null : 'stands in no form',
    )
    const parsed = field && typeof value !== 'function' ? parseValue(field, value) : null
    if (parsed && !parsed.ok)
      report('M304', path, `"${name}" ${parsed.problem}.`, 'Change it, or leave it out.')
    if (options.form?.create?.readonly?.includes(name) || options.stamped?.includes(name)) {
      report('M307', path, `"${name}" of "${model.name}" is not offered in the form.`, 'Leave it out.')
    }
  }
  return new Map(given)
}

function stampedOf(refining: Refining): ReadonlySet<string> {
  const { model, options, report } = refining
  if (options.stamped && !options.prepare) {
    report(
      'M307',
      'stamped',
      'nothing writes these fields without "prepare".',
      'Declare it, or leave them out.',
    )
  }
  const fields = fieldsOf(refining, options.stamped ?? [], 'stamped', (field) => {
    if (model.key?.includes(field.name)) return 'names the record'
    if (field.name === options.concurrency) return 'is kept by Castellan itself'
    if (field.computed || field.generated) return 'is written by nobody'
    return field.readonly ? 'is readonly' : null
  })
  return new Set(fields.map(nameOf))
}

function hooksOf({ options, report }: Refining): Hooks {
  if (options.inaccessible && !options.isAccessible) {
    const remedy = 'Declare "isAccessible", or leave it out.'
    report('M307', 'inaccessible', 'nothing refuses a visitor without "isAccessible".', remedy)
  }
  const names = ['isAccessible', 'inaccessible', 'prepare', ...PERMISSION_HOOKS] as const
  const declared: readonly (readonly [string, unknown])[] = names.flatMap((name) => {
    const hook: ModelOptions[typeof name] = options[name]
    return hook ? [[name, hook] as const] : []
  })
  // Picked one by one from an option of the very type.
  return Object.freeze(Object.fromEntries(declared)) as Hooks
}
