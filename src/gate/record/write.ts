/**
 * The actions that change one record: `create`, `update`, `delete`, `restore`, `purge`. How all but the first are done
 * to several stands in `write-several.ts`.
 */

import type { Change } from '../../audit/event.ts'
import { AdminError } from '../../errors.ts'
import { encodeKey } from '../../model/key.ts'
import { type Field, type FieldType, fieldOf, type Key, type Model, type Values } from '../../model/model.ts'
import { type Action, defineAction, type RunContext } from '../action.ts'
import type { Records, RecordView, Target } from '../records.ts'
import { planDeletion, planPurge } from './deletion-plan.ts'
import { changeSet, differences, isTrashed, markSet, parseNothing, removal, shown } from './difference.ts'
import { type RecordInput, readInput, typedInputOf } from './input.ts'
import { isRelated, relatedWords, writeRelated } from './related-write.ts'
import { taken } from './taken.ts'
import { kept } from './values.ts'
import { severalDeleted, severalPurged, severalRestored, severalUpdated } from './write-several.ts'

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
    const set = changeSet(model, before, values, now)
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
  several: severalUpdated,
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
  run: (_input, context) => (context.model.softDelete ? mark(context, true) : remove(context)),
  several: severalDeleted,
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
  async plan(_input, context) {
    const name = `${context.model.label.toLowerCase()} ${targetOf(context).view.title}`
    return { sentence: `Bring ${name} back from the trash.`, effects: [], changes: [] }
  },
  run: (_input, context) => mark(context, false),
  several: severalRestored,
})

export const purgeRecord: Action<null, Written> = defineAction<null, Written>({
  verb: 'purge',
  model: '*',
  label: 'Delete for good',
  on: 'record',
  access: 'write',
  kind: 'record.purge',
  appliesTo: isPurgeable,
  parse: parseNothing,
  async plan(_input, context) {
    mustBeTrashed(context, await context.records.stored(targetOf(context).key))
    return planPurge(context)
  },
  async run(_input, context) {
    mustBeTrashed(context, await context.records.stored(targetOf(context).key))
    return remove(context)
  },
  several: severalPurged,
})

/** Whether records of the model go through a trash, from which the source lets anyone remove them for good. */
export function isPurgeable(model: Model): boolean {
  const possible = model.refined?.possible ?? model.writable
  return model.softDelete !== null && possible.delete && model.key !== null
}

function targetOf({ target, model }: RunContext): Target {
  if (!target) throw new TypeError(`The action on ${model.name} needs a record.`)
  return target
}

/** @throws AdminError `conflict`: what is not in the trash has not been deleted, and that comes first. */
function mustBeTrashed({ model, target }: RunContext, stored: Values): void {
  if (isTrashed(model, stored)) return
  const name = `${model.label.toLowerCase()} ${target?.view.title ?? ''}`
  throw new AdminError('conflict', `The ${name} is not in the trash. Delete it first.`)
}

async function remove(context: RunContext): Promise<Written> {
  const { model, records, report } = context
  const target = targetOf(context)
  const before = await records.stored(target.key)
  report.detail(taken(await records.impact([target.key], 'all')))
  await records.remove(target.key)
  report.change(...removal(model, before))
  report.count({ affected: 1 })
  return { key: target.encodedKey, title: target.view.title, changed: [], record: null }
}

async function mark(context: RunContext, isDeleted: boolean): Promise<Written> {
  const { model, records, report, now } = context
  const { softDelete } = model
  if (!softDelete) throw new TypeError(`${model.name} has no deletion mark.`)
  const target = targetOf(context)
  const before = await records.stored(target.key)
  const set = markSet(model, softDelete, before, { isDeleted, now })
  await records.update(target.key, set)
  report.change(...differences(model, before, set))
  report.count({ affected: 1 })
  const record = await records.reload(target.key)
  return { key: target.encodedKey, title: target.view.title, changed: [softDelete.field], record }
}
