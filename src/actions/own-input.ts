/**
 * The input of an action of the application: from its schema to the fields of
 * a form, and from what was sent to what `run` gets, with a sentence for every
 * field that is wrong.
 */

import { z } from 'zod'
import { AdminError } from '../errors.ts'
import { problemOf } from '../model/issue.ts'
import { choiceLabel, humanise } from '../model/label.ts'
import type { Choice, Field, FieldType, Relation, Sensitivity } from '../model/model.ts'

/** What `z.toJSONSchema` says of one member, as far as a form needs it. */
interface Described {
  readonly type?: string
  readonly format?: string
  readonly title?: string
  readonly description?: string
  readonly maxLength?: number
  readonly default?: unknown
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Described[]
  readonly properties?: Readonly<Record<string, Described>>
  readonly required?: readonly string[]
  /** From `.meta({ … })` of the schema. */
  readonly widget?: unknown
  readonly sensitivity?: unknown
  readonly model?: unknown
}

export interface InputForm {
  readonly fields: readonly Field[]
  readonly relations: readonly Relation[]
  /** Fields whose empty input means null. */
  readonly nulls: readonly string[]
}

/** Names that forms use for themselves. */
const RESERVED = /^_|^(key|keys|reason|ticket|confirmation)$/

/**
 * The form of a schema, in the order of its members. `.meta({ title, description })` are label and help,
 * `{ model: 'couriers' }` picks a record, `{ widget: 'long-text' }` and `{ sensitivity: 'secret' }` say how it looks.
 *
 * @throws TypeError with a sentence for a schema that no form and no JSON can fill.
 */
export function formOf(schema: z.core.$ZodType, keyOf: (model: string) => string | null): InputForm {
  const described = describe(schema)
  if (described.type !== 'object' || !described.properties) {
    throw new TypeError('is no object: write z.object({ … }).')
  }
  const required = new Set(described.required ?? [])
  const members = Object.entries(described.properties)
  for (const [name] of members) {
    if (RESERVED.test(name)) throw new TypeError(`has a member "${name}", a name that forms use themselves.`)
  }
  return {
    fields: members.map(([name, member]) => fieldOf(name, member, required.has(name))),
    nulls: members
      .filter(([name, member]) => required.has(name) && withoutNull(member) !== member)
      .map(([name]) => name),
    relations: members.flatMap(([name, { model }]) =>
      typeof model === 'string' ? [relationOf(name, model, keyOf)] : [],
    ),
  }
}

function describe(schema: z.core.$ZodType): Described {
  try {
    return z.toJSONSchema(schema, { io: 'input' }) as Described
  } catch {
    throw new TypeError(
      'has a member that neither JSON nor a form can bring: write dates as z.iso.date(), large numbers as text.',
    )
  }
}

function relationOf(name: string, target: string, keyOf: (model: string) => string | null): Relation {
  const key = keyOf(target)
  if (key === null) throw new TypeError(`picks from "${target}", which is no model with a key of one field.`)
  return { name, label: humanise(name), kind: 'one', target, from: [name], to: [key], onDelete: 'restrict' }
}

function fieldOf(name: string, member: Described, isRequired: boolean): Field {
  const plain = withoutNull(member)
  const choices = choicesOf(plain)
  const title = member.title ?? plain.title
  return {
    name,
    column: name,
    label: title ?? humanise(name),
    help: member.description ?? plain.description ?? null,
    type: choices ? 'enum' : typeOf(plain),
    dbType: '',
    // what is left out takes its default, so there is no choosing nothing
    nullable: plain !== member || (!isRequired && member.default === undefined),
    hasDefault: member.default !== undefined,
    defaultValue: startOf(member.default),
    generated: false,
    readonly: false,
    hidden: false,
    sensitivity: sensitivityOf(member.sensitivity),
    choices,
    maxLength: plain.maxLength ?? null,
    scale: null,
    widget: widgetOf(member.widget, plain.format),
  }
}

/** `X | null` as X. */
function withoutNull(member: Described): Described {
  const [one, ...others] = member.anyOf?.filter(({ type }) => type !== 'null') ?? []
  return one && others.length === 0 ? one : member
}

function choicesOf(member: Described): readonly Choice[] | null {
  const values = member.enum ?? constantsOf(member)
  if (!values?.every((value) => typeof value === 'string')) return null
  return values.map((value) => ({ value, label: choiceLabel(value) }))
}

function constantsOf({ const: only, anyOf = [] }: Described): readonly unknown[] | null {
  if (only !== undefined) return [only]
  return anyOf.length > 0 && anyOf.every((one) => one.const !== undefined)
    ? anyOf.map((one) => one.const)
    : null
}

const TYPES: Readonly<Record<string, FieldType>> = { boolean: 'bool', integer: 'int', number: 'float' }

function typeOf({ type, format }: Described): FieldType {
  if (type !== 'string') return TYPES[type ?? ''] ?? 'json'
  if (format === 'date') return 'date'
  return format === 'date-time' ? 'timestamptz' : 'text'
}

function startOf(value: unknown): Field['defaultValue'] {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}

function sensitivityOf(given: unknown): Sensitivity {
  return given === 'secret' ? 'secret' : 'internal'
}

function widgetOf(given: unknown, format: string | undefined): string | null {
  if (typeof given === 'string') return given
  if (format === 'email') return 'email'
  return format === 'uri' ? 'url' : null
}

/**
 * What `run` gets of what was sent.
 * @throws AdminError `invalid-input` with the first path element of each issue as its field.
 */
export async function readOwnInput(
  action: string,
  schema: z.core.$ZodType,
  names: readonly string[],
  raw: unknown,
): Promise<unknown> {
  const given = raw ?? {}
  const parsed = await z.safeParseAsync(schema, given, { error: problemOf })
  const found = [
    ...strangers(given, names),
    ...(parsed.error?.issues ?? []).map(
      ({ path, message }) => [String(path[0] ?? 'input'), message] as const,
    ),
  ]
  if (parsed.success && found.length === 0) return parsed.data
  const byName = Map.groupBy(found, ([name]) => name)
  const fields = Object.fromEntries(
    [...byName].map(([name, problems]) => [name, [...new Set(problems.map(([, problem]) => problem))]]),
  )
  throw new AdminError('invalid-input', `${action}: check ${[...byName.keys()].join(', ')}.`, { fields })
}

/** Members that the schema does not name: some schemas pass over those, and nothing that was sent is passed over. */
function strangers(given: unknown, names: readonly string[]): readonly (readonly [string, string])[] {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return []
  return Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((name) => [name, 'is not taken here'])
}
