/** The actions that change one record: `create`, `update`, `delete`, `restore`. */

import { z } from 'zod'
import type { Change } from '../../audit/event.ts'
import { AdminError } from '../../errors.ts'
import { encodeKey } from '../../model/key.ts'
import type { Field, FieldType, Key, Model, SoftDelete, Value, Values } from '../../model/model.ts'
import { fieldOf } from '../../model/model.ts'
import { textOf } from '../../model/text.ts'
import { type Action, defineAction, type ParseContext, type RunContext } from '../action.ts'
import type { FieldChange, Plan } from '../outcome.ts'
import type { Records, RecordView, Target } from '../records.ts'
import { deletionPlan } from './deletion-plan.ts'
import { type RecordInput, readInput, typedInputOf } from './input.ts'
import { isRelated, relatedWords, writeRelated } from './related-write.ts'
import { instantText, kept, typedOf } from './values.ts'

const NoInput = z.strictObject({}).nullish()

export interface Written {
  /** As in an address; null where the model has no key. */
  readonly key: string | null
  readonly title: string
  readonly changed: readonly string[]
  /** The record as its writer now sees it; null when it is gone, out of their sight, or has no key. */
  readonly record: RecordView | null
}

export const createRecord: Action<RecordInput, Written> = defineAction<RecordInput, Written>({
  verb: 'create',
  model: '*',
  label: 'Create',
  on: 'model',
  access: 'write',
  kind: 'record.create',
  appliesTo: (model) => model.writable.create,
  parse: (input, context) => readInput(input, context, 'create'),
  typed: typedInputOf,
  writes: ({ values }) => Object.keys(values),
  nests: isRelated,
  async plan(input, { model }) {
    return {
      sentence: sentenceOf(model, `Create a ${model.label.toLowerCase()}`, input),
      effects: [],
      changes: shown(model, {}, input.values, () => true),
    }
  },
  async run(input, context) {
    const { model, records, report, now } = context
    const { values } = input
    if (isRelated(input) && !model.key) throw noKeyToTie(model)
    const first = kept(model, null, values, now)
    const key = await records.create({ ...values, ...first })
    const encodedKey = model.key ? encodeKey(model, key) : null
    const view = model.key ? await records.reload(key) : null
    report.target(encodedKey, view?.title ?? null)
    // What the source filled in is part of what was made.
    const made = model.key ? await records.stored(key) : {}
    report.change(...differences(model, {}, { ...made, ...asWritten(model, values, made), ...first }))
    report.count({ affected: 1 })
    await writeAlong(context, key, input)
    return { key: encodedKey, title: view?.title ?? model.label, changed: Object.keys(values), record: view }
  },
})

export const updateRecord: Action<RecordInput, Written> = defineAction<RecordInput, Written>({
  verb: 'update',
  model: '*',
  label: 'Update',
  on: 'record',
  access: 'write',
  kind: 'record.update',
  appliesTo: (model) => model.writable.update && model.key !== null,
  parse: (input, context) => readInput(input, context, 'update'),
  typed: typedInputOf,
  writes: ({ values }) => Object.keys(values),
  nests: isRelated,
  async plan(input, context) {
    const { values } = input
    const target = targetOf(context)
    const before = await context.records.stored(target.key)
    const named = `Change ${context.model.label.toLowerCase()} ${target.view.title}`
    const sentence = sentenceOf(context.model, named, input)
    const isSeen = (name: string): boolean => name in target.view.values
    return { sentence, effects: [], changes: shown(context.model, before, values, isSeen) }
  },
  async run(input, context) {
    const { model, records, report, now } = context
    const { values } = input
    const target = targetOf(context)
    const before = await records.stored(target.key)
    const asked = differences(model, before, values).map((change) => change.field)
    const meant = Object.fromEntries(Object.entries(values).filter(([name]) => asked.includes(name)))
    const set = isMeant(model, values, asked) ? { ...meant, ...kept(model, before, meant, now) } : {}
    const wanted = differences(model, before, set)
    if (wanted.length > 0) await records.update(target.key, set)
    const key = (model.key ?? []).map((name, index) => set[name] ?? target.key[index] ?? null)
    const made = await rewritten(model, records, key, wanted)
    const changes = differences(model, before, { ...set, ...made })
    const changed = changes.map((change) => change.field)
    const view = await records.reload(key)
    const encodedKey = encodeKey(model, key)
    report.target(encodedKey, view?.title ?? target.view.title)
    report.change(...changes)
    report.count({ affected: changed.length > 0 ? 1 : 0 })
    await writeAlong(context, key, input)
    return { key: encodedKey, title: view?.title ?? target.view.title, changed, record: view }
  },
})

/** "Change order #10482; add 2 of Tags." */
function sentenceOf(model: Model, named: string, input: RecordInput): string {
  return `${[named, ...relatedWords(model, input)].join('; ')}.`
}

/** How many links and records were written along stands in the record's own event; each has one of its own beside it. */
async function writeAlong(context: RunContext, key: Key, input: RecordInput): Promise<void> {
  if (!isRelated(input)) return
  const along = await writeRelated(context, key, input)
  context.report.detail({ along })
}

function noKeyToTie(model: Model): AdminError {
  return new AdminError(
    'invalid-input',
    `${model.labelPlural} have no key, so nothing can be tied to a new one. Leave out "links" and "children".`,
  )
}

/** What was given, but where the source tells that it wrote it in its own way. */
function asWritten(model: Model, values: Values, made: Values): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const stored = isRewritten(fieldOf(model, name)) ? made[name] : undefined
      return [name, stored === undefined ? value : stored]
    }),
  )
}

/**
 * What the source made of the values that it writes in its own way (`[1,5]` is stored as `[1,6)`), so that the
 * log says what is there. Nothing is read where no such field was written.
 */
async function rewritten(
  model: Model,
  records: Records,
  key: Key,
  changes: readonly Change[],
): Promise<Values> {
  const names = changes.map(({ field }) => field).filter((name) => isRewritten(fieldOf(model, name)))
  if (names.length === 0) return {}
  const stored = await records.stored(key)
  return Object.fromEntries(names.map((name) => [name, stored[name] ?? null]))
}

/** JSON among them: `jsonb` keeps no spaces, and only the last of two members of one name. */
const REWRITTEN: ReadonlySet<FieldType> = new Set(['native', 'json'])

function isRewritten(field: Field | undefined): boolean {
  return field !== undefined && REWRITTEN.has(field.element?.type ?? field.type)
}

/** Stamps alone are no change, where something else was given that is as it was. */
function isMeant(model: Model, values: Values, asked: readonly string[]): boolean {
  const typed = Object.keys(typedOf(values, model))
  return typed.length === 0 ? asked.length > 0 : typed.some((name) => asked.includes(name))
}

export const deleteRecord: Action<null, Written> = defineAction<null, Written>({
  verb: 'delete',
  model: '*',
  label: 'Delete',
  on: 'record',
  access: 'write',
  kind: 'record.delete',
  appliesTo: (model) => model.writable.delete && model.key !== null,
  parse: parseNothing,
  plan: (_input, context) => planDeletion(context),
  async run(_input, context) {
    const { model, records, report, now } = context
    const target = targetOf(context)
    if (model.softDelete) return mark(context, model.softDelete, markValue(model, model.softDelete, now))
    const before = await records.stored(target.key)
    await records.remove(target.key)
    report.change(...removal(model, before))
    report.count({ affected: 1 })
    return { key: target.encodedKey, title: target.view.title, changed: [], record: null }
  },
})

export const restoreRecord: Action<null, Written> = defineAction<null, Written>({
  verb: 'restore',
  model: '*',
  label: 'Restore',
  on: 'record',
  access: 'write',
  kind: 'record.restore',
  appliesTo: (model) =>
    model.softDelete !== null && (model.writable.update || model.writable.delete) && model.key !== null,
  parse: parseNothing,
  async run(_input, context) {
    const { softDelete } = context.model
    if (!softDelete) throw new TypeError('`restore` needs a model with a deletion mark.')
    return mark(context, softDelete, softDelete.kind === 'flag' ? false : null)
  },
})

/** What the deletion of the target would take along; also what the page before it shows. */
export async function planDeletion(context: RunContext): Promise<Plan> {
  const target = targetOf(context)
  return deletionPlan(
    context.model,
    context.models,
    target.view.title,
    await context.records.countRelated(target.key),
  )
}

function parseNothing(raw: unknown, { model }: ParseContext): null {
  if (!NoInput.safeParse(raw).success) {
    throw new AdminError('invalid-input', `${model.name}: this action takes no input.`, {
      fields: { input: ['must be left out'] },
    })
  }
  return null
}

function targetOf({ target, model }: RunContext): Target {
  if (!target) throw new TypeError(`The action on ${model.name} needs a record.`)
  return target
}

function markValue(model: Model, { field, kind }: SoftDelete, now: number): Value {
  return kind === 'flag' ? true : instantText(fieldOf(model, field), now)
}

async function mark(context: RunContext, { field }: SoftDelete, value: Value): Promise<Written> {
  const { model, records, report, now } = context
  const target = targetOf(context)
  const before = await records.stored(target.key)
  const set = { [field]: value, ...kept(model, before, {}, now) }
  await records.update(target.key, set)
  report.change(...differences(model, before, set))
  report.count({ affected: 1 })
  const record = await records.reload(target.key)
  return { key: target.encodedKey, title: target.view.title, changed: [field], record }
}

/** Everything that was there. */
function removal(model: Model, before: Values): readonly Change[] {
  const nothing = Object.fromEntries(model.fields.map(({ name }) => [name, null]))
  return differences(model, before, nothing)
}

/** Fields of `after` that differ from `before`. */
function differences(model: Model, before: Values, after: Values): readonly Change[] {
  return model.fields.flatMap((field): Change[] => {
    if (!(field.name in after)) return []
    const change = { field: field.name, sensitivity: field.sensitivity, ...texts(field, before, after) }
    return change.before === change.after && field.sensitivity !== 'secret' ? [] : [change]
  })
}

function texts(field: Field, before: Values, after: Values): { before: string | null; after: string | null } {
  return {
    before: textOf(field, before[field.name] ?? null),
    after: textOf(field, after[field.name] ?? null),
  }
}

/**
 * The same for people. What they may not see is named and never shown, and stands there whether it
 * differs or not: leaving it out would tell that the guess is right.
 */
function shown(
  model: Model,
  before: Values,
  after: Values,
  isSeen: (field: string) => boolean,
): readonly FieldChange[] {
  const differing = new Map(differences(model, before, after).map((change) => [change.field, change]))
  return Object.keys(after).flatMap((name): FieldChange[] => {
    const field = fieldOf(model, name)
    if (!field) return []
    const isMasked = field.sensitivity === 'personal' || field.sensitivity === 'secret' || !isSeen(name)
    if (isMasked) return [{ field: name, label: field.label, before: null, after: null, isMasked }]
    const change = differing.get(name)
    return change
      ? [{ field: name, label: field.label, before: change.before, after: change.after, isMasked }]
      : []
  })
}
