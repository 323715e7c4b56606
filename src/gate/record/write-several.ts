/**
 * Changing, deleting, restoring and purging several records at once: what each
 * of them becomes is worked out for itself, and those that become the same are
 * written by one statement.
 */

import type { Change } from '../../audit/event.ts'
import { AdminError } from '../../errors.ts'
import { type Field, fieldOf, type Key, type Model, type Values } from '../../model/model.ts'
import { NOT_WRITABLE } from '../../model/parse.ts'
import type { RunContext, Several } from '../action.ts'
import { exactly } from '../chunk.ts'
import type { FieldChange, Plan } from '../outcome.ts'
import type { Target } from '../records.ts'
import { named, planDeletion, planPurge, selected } from './deletion-plan.ts'
import { changeSet, differences, isTrashed, markSet, removal } from './difference.ts'
import type { RecordInput } from './input.ts'
import { taken } from './taken.ts'

/** What an action on several records answers. */
export interface WrittenSeveral {
  /** How many records it was about. */
  readonly matched: number
  /** How many of them are different now. */
  readonly affected: number
}

export const severalUpdated: Several<RecordInput> = {
  kind: 'record.bulk-update',
  shows: ({ values }) => Object.keys(values),
  async plan(input, context) {
    const { values } = input
    mustLeaveOthers(context.model, input)
    const before = await context.records.storedMany(keysOf(context))
    return {
      sentence: `Change ${named(context)}.`,
      effects: [],
      changes: changesOf(context, values, before),
      ...selected(context),
    }
  },
  async run(input, context) {
    const { model, records, targets, now } = context
    const { values } = input
    mustLeaveOthers(model, input)
    const before = await records.storedMany(keysOf(context))
    const changed = await write(context, before, (stored) => changeSet(model, stored, values, now))
    // how many were like that already would tell of a field that may be written and not read
    const isSeen = Object.keys(values).every((name) => targets.every(({ view }) => name in view.values))
    return { matched: targets.length, affected: isSeen ? changed : targets.length }
  },
}

export const severalDeleted: Several<null> = {
  kind: 'record.bulk-delete',
  shows: () => [],
  plan: (_input, context) => planDeletion(context),
  run: (_input, context) => (context.model.softDelete ? mark(context, true) : remove(context)),
}

export const severalRestored: Several<null> = {
  kind: 'record.bulk-restore',
  shows: () => [],
  async plan(_input, context): Promise<Plan> {
    const sentence = `Bring ${named(context)} back from the trash.`
    return { sentence, effects: [], changes: [], ...selected(context) }
  },
  run: (_input, context) => mark(context, false),
}

export const severalPurged: Several<null> = {
  kind: 'record.bulk-purge',
  shows: () => [],
  async plan(_input, context) {
    await mustBeTrashed(context)
    return planPurge(context)
  },
  async run(_input, context) {
    await mustBeTrashed(context)
    return remove(context)
  },
}

function keysOf({ targets }: RunContext): readonly Key[] {
  return targets.map(({ key }) => key)
}

/** A key names one record, so no two can be given the same; links and inline records are of one record alone. */
function mustLeaveOthers(model: Model, { values, links, children }: RecordInput): void {
  const keys = (model.key ?? [])
    .filter((name) => name in values)
    .map((name) => [name, [NOT_WRITABLE]] as const)
  const others = [
    ...links.map(({ relation }) => `links.${relation}`),
    ...children.map(({ relation }) => `children.${relation}`),
  ].map((place) => [place, ['is not taken for several records']] as const)
  const fields = Object.fromEntries<readonly string[]>([...keys, ...others])
  const names = Object.keys(fields)
  if (names.length === 0) return
  throw new AdminError('invalid-input', `${model.name}.update: check ${names.join(', ')}.`, { fields })
}

/** @throws AdminError `conflict`: what is not in the trash has not been deleted, and that comes first. */
async function mustBeTrashed(context: RunContext): Promise<void> {
  const { model, records, targets } = context
  const stored = await records.storedMany(keysOf(context))
  const alive = targets.filter((_, index) => !isTrashed(model, stored[index] ?? {}))
  if (alive.length === 0) return
  const many = model.labelPlural.toLowerCase()
  throw new AdminError(
    'conflict',
    `${alive.length} of the ${targets.length} ${many} are not in the trash. Delete them first.`,
  )
}

/** Those that are in the trash already, or are not, stay as they are. */
async function mark(context: RunContext, isDeleted: boolean): Promise<WrittenSeveral> {
  const { model, records, targets, now } = context
  const { softDelete } = model
  if (!softDelete) throw new TypeError(`${model.name} has no deletion mark.`)
  const before = await records.storedMany(keysOf(context))
  const affected = await write(context, before, (stored) =>
    isTrashed(model, stored) === isDeleted ? {} : markSet(model, softDelete, stored, { isDeleted, now }),
  )
  return { matched: targets.length, affected }
}

/** One record, what it was and what is written to it. */
interface Written {
  readonly target: Target
  readonly before: Values
  readonly set: Values
  readonly changes: readonly Change[]
}

/** Writes what differs, and tells of each record that does. Returns how many those were. */
async function write(
  { model, records, targets, report }: RunContext,
  before: readonly Values[],
  setOf: (stored: Values) => Values,
): Promise<number> {
  const all = targets.map((target, index): Written => {
    const stored = before[index] ?? {}
    const set = setOf(stored)
    return { target, before: stored, set, changes: differences(model, stored, set) }
  })
  const written = all.filter(({ changes }) => changes.length > 0)
  for (const same of Map.groupBy(written, ({ set }) => sameness(set)).values()) {
    const [first] = same
    if (!first) continue
    await records.updateMany(
      same.map(({ target }) => target.key),
      first.set,
      same.map((one) => one.before),
    )
  }
  for (const { target, changes } of written) report.changeOf(target, changes)
  report.count({ affected: written.length })
  return written.length
}

function sameness(set: Values): string {
  const names = Object.keys(set).sort()
  return `${JSON.stringify(names)} ${exactly(names.map((name) => set[name] ?? null))}`
}

async function remove(context: RunContext): Promise<WrittenSeveral> {
  const { model, records, targets, report } = context
  const keys = keysOf(context)
  const before = await records.storedMany(keys)
  report.detail(taken(await records.impact(keys, 'all')))
  await records.removeMany(keys)
  for (const [index, target] of targets.entries())
    report.changeOf(target, removal(model, before[index] ?? {}))
  report.count({ affected: targets.length })
  return { matched: targets.length, affected: targets.length }
}

/** Each field that is written, and what it was: the one value of all of them, or how many there are. */
function changesOf(
  { model, targets }: RunContext,
  values: Values,
  before: readonly Values[],
): readonly FieldChange[] {
  return Object.keys(values).flatMap((name): FieldChange[] => {
    const field = fieldOf(model, name)
    if (!field) return []
    const isOpen = field.sensitivity !== 'personal' && field.sensitivity !== 'secret'
    const isSeen = isOpen && targets.every(({ view }) => name in view.values)
    const common = { field: name, label: field.label }
    if (!isSeen) return [{ ...common, before: null, after: null, isMasked: true }]
    const [after = null] = textsOf(model, field, [values])
    return [{ ...common, before: oneOf(textsOf(model, field, before)), after, isMasked: false }]
  })
}

function textsOf(model: Model, field: Field, all: readonly Values[]): readonly (string | null)[] {
  return [
    ...new Set(
      all.map((one) => {
        const [change] = differences(model, {}, { [field.name]: one[field.name] ?? null })
        return change?.after ?? null
      }),
    ),
  ]
}

function oneOf(texts: readonly (string | null)[]): string | null {
  return texts.length > 1 ? `${texts.length} different values` : (texts[0] ?? null)
}
