/**
 * From the input of `create` and `update` to the values that are written: what
 * was typed, what the application makes of it, and what Castellan keeps itself.
 *
 * Nothing on the way widens what may be written. Typed values have to be fields
 * that the policy grants; what `prepare` answers has to be as well, but for the
 * fields that the application stamps, and those nobody can type.
 *
 * @see docs/decisions/0017-hooks-narrow-and-prepare-is-parsed-again.md
 */

import { AdminError } from '../../errors.ts'
import { fitValues } from '../../model/fit.ts'
import { type Field, fieldOf, type Model, type Value, type Values } from '../../model/model.ts'
import { parseValues } from '../../model/parse.ts'
import type { ParseContext } from '../action.ts'
import { typedFields } from '../grant.ts'

/**
 * @param given By field name, as forms and the API bring them.
 * @throws AdminError `invalid-input` with the fields; whatever `prepare` throws.
 */
export async function readValues(
  given: Readonly<Record<string, unknown>>,
  { model, access, prepare }: ParseContext,
  verb: 'create' | 'update',
): Promise<Values> {
  const typed = new Set(typedFields(model, verb, access.fieldsSomewhere))
  const { refined } = model
  if (!refined) return parseValues(model, given, typed, verb)
  if (verb === 'update' && Object.keys(given).length === 0) return {}
  const written = new Set([...typed, ...refined.stamped])
  // What is missing may still come: from `prepare`, or as a default of the schema.
  const isFinal = !refined.hooks.prepare && !refined[verb].schema && verb === 'create'
  const first = parseValues(model, given, typed, verb, isFinal)
  const prepared = refined.hooks.prepare
    ? parseValues(model, await prepare(verb, first), written, verb, false)
    : first
  const { values, problems } = await fitValues(model, verb, prepared)
  const wrong = Object.keys(problems)
  if (wrong.length > 0) {
    const names = wrong.filter((name) => name !== '').join(', ') || 'the values'
    throw new AdminError('invalid-input', `${model.name}.${verb}: check ${names}.`, { fields: problems })
  }
  return parseValues(model, values, written, verb)
}

/** Without what the application stamps: that is no choice of whoever asks, and may differ when they confirm. */
export function typedOf(values: Values, { refined }: Model): Values {
  if (!refined || refined.stamped.size === 0) return values
  return Object.fromEntries(Object.entries(values).filter(([name]) => !refined.stamped.has(name)))
}

/**
 * What a change writes beside its own values: the field by which the application tells one change from the next.
 * @param before What is stored; null for a new record, whose source may fill it in itself.
 */
export function kept(model: Model, before: Values | null, set: Values, now: number): Values {
  const field = fieldOf(model, model.refined?.concurrency ?? '')
  if (!field || field.generated || field.name in set || (!before && field.hasDefault)) return {}
  return { [field.name]: nextOf(field, before?.[field.name] ?? null, now) }
}

function nextOf(field: Field, before: Value, now: number): Value {
  if (field.type === 'bigint') return (typeof before === 'bigint' ? before : 0n) + 1n
  if (field.type === 'int') return (typeof before === 'number' ? before : 0) + 1
  return instantText(field, now)
}

const SECOND_MS = 1000
const SECONDS_LENGTH = 'YYYY-MM-DDTHH:MM:SS'.length

/** An instant as any field holds it, to the second: with its zone, or as the wall clock in UTC. */
export function instantText(field: Field | undefined, now: number): string {
  const text = new Date(Math.floor(now / SECOND_MS) * SECOND_MS).toISOString().slice(0, SECONDS_LENGTH)
  return field?.type === 'timestamptz' ? `${text}Z` : text
}
