/** What a change makes of a record: field by field, for the audit log and for people. */

import { z } from 'zod'
import type { Change } from '../../audit/event.ts'
import { AdminError } from '../../errors.ts'
import { type Field, fieldOf, type Model, type SoftDelete, type Values } from '../../model/model.ts'
import { textOf } from '../../model/text.ts'
import type { ParseContext } from '../action.ts'
import type { FieldChange } from '../outcome.ts'
import { instantText, kept, typedOf } from './values.ts'

const NoInput = z.strictObject({}).nullish()

/** @throws AdminError `invalid-input`: there is nothing to say beside which record it is. */
export function parseNothing(raw: unknown, { model }: ParseContext): null {
  if (!NoInput.safeParse(raw).success) {
    throw new AdminError('invalid-input', `${model.name}: this action takes no input.`, {
      fields: { input: ['must be left out'] },
    })
  }
  return null
}

/**
 * What is written for the values that were asked for: those that differ from what is stored, and what Castellan keeps.
 * Empty where nothing differs.
 */
export function changeSet(model: Model, before: Values, values: Values, now: number): Values {
  const asked = differences(model, before, values).map((change) => change.field)
  const meant = Object.fromEntries(Object.entries(values).filter(([name]) => asked.includes(name)))
  return isMeant(model, values, asked) ? { ...meant, ...kept(model, before, meant, now) } : {}
}

/** Stamps alone are no change, where something else was given that is as it was. */
function isMeant(model: Model, values: Values, asked: readonly string[]): boolean {
  const typed = Object.keys(typedOf(values, model))
  return typed.length === 0 ? asked.length > 0 : typed.some((name) => asked.includes(name))
}

/** Whether what is stored says that the record is in the trash. */
export function isTrashed({ softDelete }: Model, stored: Values): boolean {
  if (!softDelete) return false
  const mark = stored[softDelete.field] ?? null
  return softDelete.kind === 'flag' ? mark === true : mark !== null
}

/** What puts a record in the trash (`isDeleted`) or takes it out. */
export function markSet(
  model: Model,
  { field, kind }: SoftDelete,
  before: Values,
  { isDeleted, now }: { readonly isDeleted: boolean; readonly now: number },
): Values {
  const gone = kind === 'flag' ? true : instantText(fieldOf(model, field), now)
  const back = kind === 'flag' ? false : null
  return { [field]: isDeleted ? gone : back, ...kept(model, before, {}, now) }
}

/** Everything that was there. */
export function removal(model: Model, before: Values): readonly Change[] {
  const nothing = Object.fromEntries(model.fields.map(({ name }) => [name, null]))
  return differences(model, before, nothing)
}

/** Fields of `after` that differ from `before`. */
export function differences(model: Model, before: Values, after: Values): readonly Change[] {
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
export function shown(
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
