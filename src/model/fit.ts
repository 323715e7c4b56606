/**
 * Whether values that are to be written are what the application asks for:
 * choices, validators of fields, and the schema of `create` or `update`.
 *
 * Values arrive in the server's own form. A schema may change them (trim, a
 * default for a new record); whoever calls reads what comes back once more.
 */

import { z } from 'zod'
import { problemOf } from './issue.ts'
import { hasMembers } from './members.ts'
import { type Field, fieldOf, type Model, type Value, type Values } from './model.ts'
import type { AnyObjectSchema } from './options.ts'
import { textOf } from './text.ts'

export type Problems = Readonly<Record<string, readonly string[]>>

export interface Fitted {
  /** What the schema made of the values; the same names, and on `create` more of the schema's own. */
  readonly values: Readonly<Record<string, unknown>>
  /** By field name; `''` for what concerns no single one. Empty: everything fits. */
  readonly problems: Problems
}

export async function fitValues(model: Model, verb: 'create' | 'update', values: Values): Promise<Fitted> {
  const { refined } = model
  if (!refined) return { values, problems: {} }
  const found: [string, string][] = []
  for (const [name, value] of Object.entries(values)) {
    const field = fieldOf(model, name)
    if (!field || value === null) continue
    const choice = choiceProblem(field, value)
    if (choice !== null) found.push([name, choice])
    const validate = refined.validate.get(name)
    if (!validate) continue
    const parsed = await z.safeParseAsync(validate, value, { error: problemOf })
    for (const issue of parsed.error?.issues ?? []) found.push([name, issue.message])
  }
  const { schema } = refined[verb]
  const made = schema ? await throughSchema(schema, verb, values, found) : values
  return { values: made, problems: grouped(found) }
}

/** Fields of the type `enum`, and the members of arrays and sets, are held to their choices as they are parsed. */
function choiceProblem(field: Field, value: Value): string | null {
  const { choices } = field
  if (!choices || field.type === 'enum' || hasMembers(field)) return null
  const text = textOf(field, value)
  if (choices.some((choice) => choice.value === text)) return null
  return `must be one of ${choices.map((choice) => `"${choice.value}"`).join(', ')}`
}

/** Only the fields of the schema go through it: what the application stamps is its own. */
async function throughSchema(
  schema: AnyObjectSchema,
  verb: 'create' | 'update',
  values: Values,
  found: [string, string][],
): Promise<Readonly<Record<string, unknown>>> {
  const { shape, catchall } = schema._zod.def
  const isStrict = catchall === undefined || catchall._zod.def.type === 'never'
  const given = Object.entries(values)
  const inside = isStrict ? given.filter(([name]) => Object.hasOwn(shape, name)) : given
  const parsed = await z.safeParseAsync(schema, Object.fromEntries(inside), { error: problemOf })
  if (!parsed.success) {
    for (const issue of parsed.error.issues) found.push([String(issue.path[0] ?? ''), issue.message])
    return values
  }
  const made = Object.entries(parsed.data).filter(
    // A change brings what changed: a default of the schema is none.
    ([name, value]) => value !== undefined && (verb === 'create' || Object.hasOwn(values, name)),
  )
  return { ...values, ...Object.fromEntries(made) }
}

function grouped(found: readonly (readonly [string, string])[]): Problems {
  const problems: Record<string, string[]> = Object.create(null)
  for (const [name, problem] of found) {
    const before = problems[name] ?? []
    if (!before.includes(problem)) problems[name] = [...before, problem]
  }
  return { ...problems }
}
