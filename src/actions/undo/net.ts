/**
 * What several changes of the log come to, record by record: whether it was
 * there before and is there after them, and each field's value before the first
 * and after the last. Pure.
 */

import { isCut } from '../../audit/cut.ts'
import type { AuditEvent, EventChange } from '../../audit/event.ts'
import type { UnsealedValues } from '../../audit/unsealed.ts'
import { decodeKey, encodeKey } from '../../model/key.ts'
import { type Field, fieldOf, type Model } from '../../model/model.ts'
import { valueOfText } from '../../model/text.ts'

/** Why a value can't be told from the log. */
export type Lost = 'secret' | 'cut' | 'erased' | 'bytes'

/** The exact text of a value, or why it is not there. */
export type Known = { readonly text: string | null } | { readonly lost: Lost }

export interface NetField {
  readonly name: string
  readonly before: Known
  /** Before the last of the changes: of a record that was deleted, as its deletion found it. */
  readonly last: Known
  readonly after: Known
}

/** What became of one record. */
export interface Net {
  readonly model: Model
  /** As in an address: after the last of the changes. */
  readonly key: string
  /** As it was called then; null where the log does not say. */
  readonly label: string | null
  readonly wasThere: boolean
  readonly isThere: boolean
  readonly fields: readonly NetField[]
  /** Fields that somebody else changed between two of the changes. */
  readonly between: readonly string[]
  /** How many records of other models went with it, by model, as the event of its deletion says. */
  readonly taken: Readonly<Record<string, string>>
  /** The newest of the events. */
  readonly event: string
  /** The place of the newest and of the first of them among all. */
  readonly last: number
}

interface Draft {
  wasThere: boolean
  isThere: boolean
  label: string | null
  readonly fields: Map<string, Omit<NetField, 'name'>>
  readonly between: Set<string>
  taken: Readonly<Record<string, string>>
  event: string
  last: number
}

/**
 * @param events In the order in which they were made; those of models that are not known are left out.
 * @returns The records in the order of their last change.
 */
export function netChanges(
  events: readonly AuditEvent[],
  models: ReadonlyMap<string, Model>,
  unsealed: UnsealedValues,
): readonly Net[] {
  const drafts = new Map<string, { readonly model: Model; key: string; readonly draft: Draft }>()
  for (const [index, event] of events.entries()) {
    const model = models.get(event.target?.model ?? '')
    const key = event.target?.key
    if (!model?.key || typeof key !== 'string') continue
    const before = `${model.name} ${keyBefore(model, key, event.changes)}`
    const found = drafts.get(before)
    const one = found ?? { model, key, draft: newDraft(event, model) }
    drafts.delete(before)
    one.key = key
    add(one.draft, model, event, unsealed)
    Object.assign(one.draft, { event: event.id, last: index, label: event.target?.label ?? one.draft.label })
    drafts.set(`${model.name} ${key}`, one)
  }
  return [...drafts.values()]
    .map(
      ({ model, key, draft }): Net => ({
        ...draft,
        model,
        key,
        between: [...draft.between],
        fields: [...draft.fields].map(([name, sides]) => ({ name, ...sides })),
      }),
    )
    .toSorted((a, b) => a.last - b.last)
}

/** Whether both are known and the same. */
export function isSame(one: Known, other: Known): boolean {
  return 'text' in one && 'text' in other && one.text === other.text
}

function newDraft(event: AuditEvent, model: Model): Draft {
  return {
    wasThere: !makes(event, model),
    isThere: true,
    label: null,
    fields: new Map(),
    between: new Set(),
    taken: {},
    event: event.id,
    last: 0,
  }
}

function add(draft: Draft, model: Model, event: AuditEvent, unsealed: UnsealedValues): void {
  draft.isThere = !removes(event, model)
  draft.taken = draft.isThere ? {} : takenBy(event)
  for (const [position, change] of event.changes.entries()) {
    const field = fieldOf(model, change.field)
    const known = (side: 'before' | 'after'): Known =>
      knownOf(field, change, side, () => unsealed(event.id, position, side))
    const earlier = draft.fields.get(change.field)
    const [before, after] = [known('before'), known('after')]
    // the first of the changes left something else there than the next one found
    if (earlier && !isSame(earlier.after, before) && !('lost' in before)) draft.between.add(change.field)
    draft.fields.set(change.field, { before: earlier?.before ?? before, last: before, after })
  }
}

function knownOf(
  field: Field | undefined,
  change: EventChange,
  side: 'before' | 'after',
  open: () => string | undefined,
): Known {
  if (change.class === 'secret') return { lost: 'secret' }
  if (change[side] === null) return { text: null }
  const text = change.class === 'personal' ? open() : change[side]
  if (text === undefined) return { lost: 'erased' }
  if (text !== null && isCut(text)) return { lost: 'cut' }
  const isBytes = field !== undefined && text !== null && valueOfText(field, text) === undefined
  return isBytes && field.type === 'bytes' ? { lost: 'bytes' } : { text }
}

/** Whether the record was none before: its key came to be. */
function makes({ changes }: AuditEvent, model: Model): boolean {
  return keyChanges(model, changes).some(({ before, after }) => before === null && after !== null)
}

/** Whether the record is none afterwards; one that is in the trash is there. */
function removes({ changes }: AuditEvent, model: Model): boolean {
  return keyChanges(model, changes).some(({ before, after }) => before !== null && after === null)
}

type OpenChange = Exclude<EventChange, { readonly class: 'secret' }>

function keyChanges({ key }: Model, changes: readonly EventChange[]): readonly OpenChange[] {
  return changes.filter(
    (change): change is OpenChange => change.class !== 'secret' && (key ?? []).includes(change.field),
  )
}

const TAKEN = 'deleted.'

/** How many records of other models a deletion took along, by model. */
export function takenBy({ details }: Pick<AuditEvent, 'details'>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(details)
      .filter(([name]) => name.startsWith(TAKEN))
      .map(([name, count]) => [name.slice(TAKEN.length), String(count)]),
  )
}

/** As in an address: a change of its key gives a record another one. */
function keyBefore(model: Model, key: string, changes: readonly EventChange[]): string {
  const changed = keyChanges(model, changes).filter(({ before, after }) => before !== null && after !== null)
  const values = changed.length === 0 ? null : decodeKey(model, key)
  if (!values) return key
  const before = (model.key ?? []).map((name, index) => {
    const change = changed.find((one) => one.field === name && one.class !== 'personal')
    const field = fieldOf(model, name)
    const value = field && change?.before ? valueOfText(field, change.before) : undefined
    return value ?? values[index] ?? null
  })
  return encodeKey(model, before)
}
