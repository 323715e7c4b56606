/**
 * The input of `create` and `update`: the record's own values, and what is written along with it. Links of a
 * `many-to-many` relation come as what is added and removed, never as the whole set, so that two people who change
 * different links both get what they want; records that the application shows inline come one by one.
 *
 * ```json
 * { "values": { "name": "Oak chair" },
 *   "links": { "tags": { "add": ["3"], "remove": ["1"] } },
 *   "children": { "order_items": { "create": [{ "values": {} }], "update": [], "delete": [{ "key": "7" }] } } }
 * ```
 *
 * @see docs/decisions/0030-links-and-children-are-calls-of-their-own.md
 */

import { z } from 'zod'
import { AdminError } from '../../errors.ts'
import { problemOf } from '../../model/issue.ts'
import { type Model, type Relation, relationOf, type Values } from '../../model/model.ts'
import { NOT_WRITABLE } from '../../model/parse.ts'
import type { ParseContext } from '../action.ts'
import { readValues, typedOf } from './values.ts'

export interface RecordInput {
  readonly values: Values
  readonly links: readonly LinksInput[]
  readonly children: readonly ChildrenInput[]
}

/** Keys of the other side, as in addresses. */
export interface LinksInput {
  readonly relation: string
  readonly add: readonly string[]
  readonly remove: readonly string[]
}

export interface ChildrenInput {
  readonly relation: string
  readonly create: readonly Pick<ChildInput, 'values'>[]
  readonly update: readonly ChildInput[]
  readonly delete: readonly Omit<ChildInput, 'values'>[]
}

export interface ChildInput {
  readonly key: string
  /** The version of it that was seen; absent: whatever there is. */
  readonly ifVersion?: string
  /** Not parsed yet: its own action does. */
  readonly values: Readonly<Record<string, unknown>>
}

/** So many links of one relation change at once, and no more. */
const MAX_LINKS = 500

const key = z.string().min(1).max(2000)
const values = z.record(z.string(), z.unknown())
const ifVersion = z.string().max(100).exactOptional()
const keys = z.array(key).max(MAX_LINKS).default([])

const Input = z
  .strictObject({
    values: values.optional(),
    links: z.record(z.string(), z.strictObject({ add: keys, remove: keys })).default({}),
    children: z
      .record(
        z.string(),
        z.strictObject({
          create: z.array(z.strictObject({ values })).default([]),
          update: z.array(z.strictObject({ key, ifVersion, values })).default([]),
          delete: z.array(z.strictObject({ key, ifVersion })).default([]),
        }),
      )
      .default({}),
  })
  .refine((input) => input.values || Object.keys({ ...input.links, ...input.children }).length > 0, {
    path: ['values'],
    error: 'must be an object of field names and values',
  })

/** @throws AdminError `invalid-input` with the fields; whatever `prepare` throws. */
export async function readInput(
  raw: unknown,
  context: ParseContext,
  verb: 'create' | 'update',
): Promise<RecordInput> {
  const { model } = context
  const parsed = Input.safeParse(raw, { error: problemOf })
  if (!parsed.success) throw misshapen(model, verb, parsed.error.issues)
  const { links, children } = parsed.data
  const problems = { ...linkProblems(model, links), ...childProblems(model, children) }
  const read = await merged(problems, model, verb, () => readValues(parsed.data.values ?? {}, context, verb))
  return {
    values: read,
    links: Object.entries(links)
      .map(([relation, { add, remove }]) => ({
        relation,
        add: [...new Set(add)],
        remove: [...new Set(remove)],
      }))
      .filter(({ add, remove }) => add.length + remove.length > 0),
    children: Object.entries(children)
      .map(([relation, one]) => ({ relation, ...one }))
      .filter((one) => one.create.length + one.update.length + one.delete.length > 0),
  }
}

/** Values alone. */
export function onlyValues(written: Values): RecordInput {
  return { values: written, links: [], children: [] }
}

/** Without what the application stamps. */
export function typedInputOf(input: RecordInput, model: Model): RecordInput {
  return { ...input, values: typedOf(input.values, model) }
}

/** A relation whose records may be written in the form and the input of this model. */
export function inlineOf(model: Model, name: string): Relation | null {
  return model.refined?.inline.has(name) ? (relationOf(model, name) ?? null) : null
}

/** A relation whose links may be written there. */
export function linkedBy(model: Model, name: string): Relation | null {
  const relation = relationOf(model, name)
  return relation?.kind === 'many-to-many' ? relation : null
}

type Problems = Readonly<Record<string, readonly string[]>>

function linkProblems(
  model: Model,
  links: Readonly<Record<string, { readonly add: readonly string[]; readonly remove: readonly string[] }>>,
): Problems {
  return Object.fromEntries(
    Object.entries(links).flatMap(([name, { add, remove }]): [string, string[]][] => {
      if (!linkedBy(model, name)) return [[`links.${name}`, [NOT_WRITABLE]]]
      const twice = add.some((one) => remove.includes(one))
      return twice ? [[`links.${name}`, ['adds and removes the same record']]] : []
    }),
  )
}

function childProblems(
  model: Model,
  children: Readonly<
    Record<
      string,
      {
        readonly create: readonly Pick<ChildInput, 'values'>[]
        readonly update: readonly ChildInput[]
        readonly delete: readonly unknown[]
      }
    >
  >,
): Problems {
  const problems: [string, string[]][] = []
  for (const [name, { create, update, delete: gone }] of Object.entries(children)) {
    const relation = inlineOf(model, name)
    const max = model.refined?.inline.get(name)?.max ?? 0
    if (!relation) problems.push([`children.${name}`, [NOT_WRITABLE]])
    else if (create.length + update.length + gone.length > max)
      problems.push([`children.${name}`, [`must be at most ${max} records at once`]])
    else {
      for (const [verb, rows] of [['create', create] as const, ['update', update] as const]) {
        for (const [index, row] of rows.entries()) {
          // whose record it is follows from where it stands
          const tying = relation.to.filter((field) => Object.hasOwn(row.values, field))
          problems.push(
            ...tying.map((field): [string, string[]] => [
              `children.${name}.${verb}.${index}.${field}`,
              [NOT_WRITABLE],
            ]),
          )
        }
      }
    }
  }
  return Object.fromEntries(problems)
}

/** Mistakes of the values and of what comes along, told at once. */
async function merged(
  problems: Problems,
  model: Model,
  verb: string,
  read: () => Promise<Values>,
): Promise<Values> {
  if (Object.keys(problems).length === 0) return await read()
  const found: Record<string, readonly string[]> = { ...problems }
  try {
    await read()
  } catch (error) {
    if (!(error instanceof AdminError) || !error.fields) throw error
    Object.assign(found, error.fields)
  }
  throw wrong(model, verb, found)
}

function misshapen(model: Model, verb: string, issues: readonly z.core.$ZodIssue[]): AdminError {
  const found: Record<string, string[]> = Object.create(null)
  for (const issue of issues) {
    const place = issue.path.join('.')
    const isUnknown = issue.code === 'unrecognized_keys'
    const names = isUnknown
      ? issue.keys.map((name) => (place ? `${place}.${name}` : name))
      : [place || 'values']
    for (const name of names) found[name] = [isUnknown ? 'is not taken here' : issue.message]
  }
  return wrong(model, verb, found)
}

function wrong(model: Model, verb: string, fields: Problems): AdminError {
  const names = Object.keys(fields).join(', ')
  return new AdminError('invalid-input', `${model.name}.${verb}: check ${names}.`, { fields })
}
