/**
 * How one record is put back as it was before some changes: by which action and
 * with which values, what of it has changed since, and what can't be put back
 * and why. Pure, given the record as it stands.
 */

import type { Beside } from '../../gate/action.ts'
import { type Grant, isMasked, readableFields } from '../../gate/grant.ts'
import type { FieldChange } from '../../gate/outcome.ts'
import { isTrashed } from '../../gate/record/difference.ts'
import { type Field, fieldOf, type Model, type Value, type Values } from '../../model/model.ts'
import { EVERYTHING } from '../../model/predicate.ts'
import { isTyped } from '../../model/refined.ts'
import { textOf, valueOfText } from '../../model/text.ts'
import type { Known, Lost, Net, NetField } from './net.ts'

/** The verbs that put a record back; each is asked of the policy for each record. */
export const PUTTING_BACK = ['revert', 'update', 'delete', 'restore'] as const

export interface Step {
  readonly model: string
  readonly verb: 'create' | 'update' | 'delete' | 'restore'
  /** As it stands; null for a record that comes back. */
  readonly key: string | null
  /** The exact texts of what is written, as its writer answers for them. */
  readonly values: Readonly<Record<string, string | null>>
  /** What nobody types, for a record that comes back. */
  readonly also: Values
}

export interface Assessed {
  readonly net: Net
  /** What it is called, as far as whoever asks may know. */
  readonly title: string
  /** In the order in which they are done; none: there is nothing to do, or nothing can be done. */
  readonly steps: readonly Step[]
  /** For people: what it is now, and what it will be. */
  readonly changes: readonly FieldChange[]
  /** What has changed since: what it was left as, and what it is now. */
  readonly conflicts: readonly FieldChange[]
  /** Why none of it can be put back; null: it can. */
  readonly refusal: string | null
  /** What of it stays as it is, and why. */
  readonly left: readonly string[]
}

const LOST: Readonly<Record<Lost, string>> = {
  secret: 'is secret, and in no log',
  cut: 'was too long for the log',
  erased: 'was erased from the log',
  bytes: 'is a file, whose bytes are not in the log',
}

const NOT_YOURS = 'no rule lets you change it'
const GONE = 'it is not there any more'

export function assess(net: Net, there: Beside | undefined, grant: Grant): Assessed {
  const { model } = net
  const sight = sightOf(net, there, grant)
  const told = { net, title: sight.title }
  const nothing = { ...told, steps: [], changes: [], conflicts: [], left: [], refusal: null }
  if (!net.wasThere && !net.isThere) return nothing
  if (!grant.access(`${model.name}.revert`).isPossible) return { ...nothing, refusal: NOT_YOURS }
  if (net.isThere && !there) return net.wasThere ? { ...nothing, refusal: GONE } : nothing
  if (there && !isAllowed(there, 'revert')) return { ...nothing, refusal: NOT_YOURS }
  if (!net.isThere)
    return there
      ? { ...nothing, refusal: 'there is a record of its key again' }
      : backAgain(net, grant, told, sight)
  if (!there) return nothing
  return net.wasThere ? changedBack(net, there, grant, told, sight) : takenAway(net, there, told, sight)
}

interface Sight {
  readonly title: string
  /** Whether its value may be shown, and else whether its name may. */
  sees(field: string): boolean
  knows(field: string): boolean
}

/** Of a record that is gone, only who reads all of the model may see what it was. */
function sightOf({ model, key, label }: Net, there: Beside | undefined, grant: Grant): Sight {
  if (there) {
    const { title, values, masked } = there.view
    const sees = (name: string): boolean => name in values
    return { title, sees, knows: (name) => sees(name) || masked.includes(name) }
  }
  const { scope, fieldsEverywhere } = grant.access(`${model.name}.read`)
  const readable = new Set(scope === EVERYTHING ? readableFields(model, fieldsEverywhere) : [])
  const isCalled = scope === EVERYTHING && model.title.every((name) => readable.has(name))
  return {
    title: (isCalled ? label : null) ?? `#${key}`,
    sees: (name) => readable.has(name) && !isMasked(model, name),
    knows: (name) => readable.has(name),
  }
}

type Told = Pick<Assessed, 'net' | 'title'>

function changedBack(net: Net, there: Beside, grant: Grant, told: Told, sight: Sight): Assessed {
  const { model } = net
  const mark = markOf(net, there)
  const granted = fieldsFor(there, grant, `${model.name}.update`)
  const parts = net.fields
    .filter(({ name }) => mark === 'none' || model.softDelete?.field !== name)
    .map((one) => putBack(net, one, there, granted, sight))
  const values = Object.fromEntries(
    parts.flatMap((part) => (part.kind === 'put' ? [[part.name, part.text]] : [])),
  )
  const changes = parts.flatMap((part) => (part.kind === 'put' ? [part.change] : []))
  const conflicts = parts.flatMap((part) => (part.kind === 'put' && part.conflict ? [part.conflict] : []))
  const left = parts.flatMap((part) => (part.kind === 'left' ? [part.why] : []))
  const steps = stepsBack(net, values, mark)
  const none = { ...told, steps: [], changes: [], conflicts: [], left: [] }
  if (steps.some(({ verb }) => !isAllowed(there, verb))) return { ...none, refusal: NOT_YOURS }
  if (steps.length === 0 && left.length > 0) return { ...none, refusal: left.join('; ') }
  return { ...told, steps, changes, conflicts, left, refusal: null }
}

function stepsBack(
  { model, key }: Net,
  values: Readonly<Record<string, string | null>>,
  mark: ReturnType<typeof markOf>,
): readonly Step[] {
  const common = { model: model.name, key, also: {} }
  const update: readonly Step[] =
    Object.keys(values).length > 0 ? [{ ...common, verb: 'update', values }] : []
  // what is in the trash comes out before it is changed, and what goes there is changed before
  if (mark === 'restore') return [{ ...common, verb: 'restore', values: {} }, ...update]
  return mark === 'delete' ? [...update, { ...common, verb: 'delete', values: {} }] : update
}

/** One field of a record that stays. */
type PutBack =
  | {
      readonly kind: 'put'
      readonly name: string
      readonly text: string | null
      readonly change: FieldChange
      readonly conflict: FieldChange | null
    }
  | { readonly kind: 'left'; readonly why: string }
  | { readonly kind: 'nothing' }

function putBack(
  net: Net,
  one: NetField,
  there: Beside,
  granted: ReadonlySet<string>,
  sight: Sight,
): PutBack {
  const { model } = net
  const field = fieldOf(model, one.name)
  if (field && isKept(model, field)) return { kind: 'nothing' }
  const wanted = wantedOf(one, field, there)
  if (wanted === null) return { kind: 'nothing' }
  const label = field && sight.knows(one.name) ? field.label : 'A field'
  const why = whyNot(model, field, wanted.before, granted)
  if (why !== null || !field || !('text' in wanted.before)) {
    return { kind: 'left', why: `${label} ${why ?? 'is no field any more'}` }
  }
  const { text } = wanted.before
  const isConflict = wanted.isConflict || net.between.includes(one.name)
  const leftAs = 'text' in one.after ? one.after.text : null
  return {
    kind: 'put',
    name: one.name,
    text,
    change: changeOf(field, wanted.now, text, sight),
    conflict: isConflict ? changeOf(field, leftAs, wanted.now, sight) : null,
  }
}

/** What a field is to be, and what it is; null: it is that already. */
function wantedOf(
  one: NetField,
  field: Field | undefined,
  { stored }: Beside,
): { readonly before: Known; readonly now: string | null; readonly isConflict: boolean } | null {
  if (!field) return { before: one.before, now: null, isConflict: false }
  const now = textOf(field, stored[field.name] ?? null)
  if ('text' in one.before && one.before.text === now) return null
  if (
    'text' in one.before &&
    'text' in one.after &&
    one.before.text === one.after.text &&
    one.after.text === now
  )
    return null
  return { before: one.before, now, isConflict: 'text' in one.after && one.after.text !== now }
}

/** Why the field stays as it is; null: it need not. */
function whyNot(
  model: Model,
  field: Field | undefined,
  before: Known,
  granted: ReadonlySet<string>,
): string | null {
  if (!field) return 'is no field any more'
  if ('lost' in before) return LOST[before.lost]
  if (!isTyped(model, 'update', field)) return 'is changed by nobody, or by actions of the application alone'
  return granted.has(field.name) ? null : 'is not for you to change'
}

/** Whether the mark of the trash is to be set or taken away; `same`: it is as it was. */
function markOf(net: Net, { stored }: Beside): 'restore' | 'delete' | 'same' | 'none' {
  const { model } = net
  const { softDelete } = model
  const one = softDelete && net.fields.find(({ name }) => name === softDelete.field)
  if (!softDelete || !one || !('text' in one.before)) return 'none'
  const field = fieldOf(model, softDelete.field)
  const text = one.before.text
  const value: Value = field && text !== null ? (valueOfText(field, text) ?? text) : null
  const wasTrashed = isTrashed(model, { [softDelete.field]: value })
  if (wasTrashed === isTrashed(model, stored)) return 'same'
  return wasTrashed ? 'delete' : 'restore'
}

function takenAway(net: Net, there: Beside, told: Told, sight: Sight): Assessed {
  const { model } = net
  const nothing = { ...told, steps: [], changes: [], conflicts: [], left: [], refusal: null }
  if (isTrashed(model, there.stored)) return nothing
  if (!model.writable.delete || !isAllowed(there, 'delete'))
    return { ...nothing, refusal: 'no rule lets you delete it' }
  const conflicts = net.fields.flatMap((one): FieldChange[] => {
    const field = fieldOf(model, one.name)
    if (!field || isKept(model, field) || !('text' in one.after)) return []
    const now = textOf(field, there.stored[field.name] ?? null)
    return now === one.after.text ? [] : [changeOf(field, one.after.text, now, sight)]
  })
  const step: Step = { model: model.name, verb: 'delete', key: net.key, values: {}, also: {} }
  return { ...told, steps: [step], changes: [], conflicts, left: [], refusal: null }
}

function backAgain(net: Net, grant: Grant, told: Told, sight: Sight): Assessed {
  const { model } = net
  const nothing = { ...told, steps: [], changes: [], conflicts: [], left: [], refusal: null }
  const creating = grant.access(`${model.name}.create`)
  if (!model.writable.create || !creating.isPossible)
    return { ...nothing, refusal: 'no rule lets you make it again' }
  // whose it was nobody can say any more
  if (grant.access(`${model.name}.revert`).scope !== EVERYTHING) return { ...nothing, refusal: NOT_YOURS }
  const parts = net.fields.map((one) => broughtBack(net, one, creating.fieldsSomewhere, sight))
  const refused = parts.find((part) => part.kind === 'refused')
  if (refused) return { ...nothing, refusal: refused.why }
  const step: Step = {
    model: model.name,
    verb: 'create',
    key: null,
    values: Object.fromEntries(
      parts.flatMap((part) => (part.kind === 'typed' ? [[part.name, part.text]] : [])),
    ),
    also: Object.fromEntries(
      parts.flatMap((part) => (part.kind === 'also' ? [[part.name, part.value]] : [])),
    ),
  }
  const changes = parts.flatMap((part) => ('change' in part ? [part.change] : []))
  const left = parts.flatMap((part) => (part.kind === 'left' ? [part.why] : []))
  return { ...told, steps: [step], changes, conflicts: [], left, refusal: null }
}

/** One field of a record that comes back. */
type BroughtBack =
  | { readonly kind: 'typed'; readonly name: string; readonly text: string; readonly change: FieldChange }
  | { readonly kind: 'also'; readonly name: string; readonly value: Value; readonly change: FieldChange }
  | { readonly kind: 'left'; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'nothing' }

function broughtBack(
  { model }: Net,
  { name, ...sides }: NetField,
  granted: ReadonlySet<string>,
  sight: Sight,
): BroughtBack {
  const field = fieldOf(model, name)
  if (!field || field.computed) return { kind: 'nothing' }
  const isOfWriter = isTyped(model, 'create', field)
  // what nobody answers for comes back as it went: an older value would undo what others did
  const before = isOfWriter ? sides.before : sides.last
  const label = sight.knows(name) ? field.label : 'A field'
  if ('lost' in before) {
    const isNeeded = !field.nullable && !field.hasDefault
    const why = `${label} ${LOST[before.lost]}`
    return isNeeded ? { kind: 'refused', why } : { kind: 'left', why }
  }
  const { text } = before
  const value = text === null ? undefined : valueOfText(field, text)
  const isWorkedOut = field.generated && !model.key?.includes(name)
  if (text === null || value === undefined || isWorkedOut) return { kind: 'nothing' }
  const change = changeOf(field, null, text, sight)
  if (!isOfWriter) return { kind: 'also', name, value, change }
  if (!granted.has(name)) return { kind: 'refused', why: `${label} is not for you to fill in` }
  return { kind: 'typed', name, text, change }
}

/** What changes with every change, and what the source works out: it follows by itself. */
function isKept(model: Model, field: Field): boolean {
  const { refined } = model
  return (
    field.generated ||
    field.computed !== undefined ||
    refined?.concurrency === field.name ||
    (refined?.stamped.has(field.name) ?? false)
  )
}

function fieldsFor(there: Beside, grant: Grant, action: string): ReadonlySet<string> {
  const decision = there.decisions.get('update')
  return decision?.effect === 'allow' ? decision.fields : grant.access(action).fieldsSomewhere
}

function isAllowed({ decisions }: Beside, verb: string): boolean {
  return decisions.get(verb)?.effect === 'allow'
}

function changeOf(field: Field, before: string | null, after: string | null, sight: Sight): FieldChange {
  const isShown = sight.sees(field.name) && field.sensitivity !== 'personal' && field.sensitivity !== 'secret'
  return {
    field: sight.knows(field.name) ? field.name : '',
    label: sight.knows(field.name) ? field.label : 'A field that you may not read',
    before: isShown ? before : null,
    after: isShown ? after : null,
    isMasked: !isShown,
  }
}
