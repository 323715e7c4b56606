/**
 * What is written along with a record: its links, and the records that the application shows inline.
 *
 * Each is a call of its own within the record's: found, granted, decided, obliged and checked by the rules of its own
 * model, in the same transaction, with an audit event of its own. One that is refused refuses the whole, at its place
 * in the input.
 */

import { isTaken } from '../../data/refusal-words.ts'
import { AdminError } from '../../errors.ts'
import { decodeKey } from '../../model/key.ts'
import type { Key, Model, Relation, Values } from '../../model/model.ts'
import { NOT_WRITABLE } from '../../model/parse.ts'
import type { NestedCall, RunContext } from '../action.ts'
import { ChangedMeanwhile } from '../target.ts'
import { type ChildrenInput, inlineOf, type LinksInput, linkedBy, type RecordInput } from './input.ts'

/** One call within the record's. */
interface Part {
  /** Its place in the input: `links.tags`, `children.order_items.create.0`. */
  readonly place: string
  readonly call: NestedCall
  /** How a refusal of it is told. */
  readonly refusal: (error: AdminError) => Problems
}

type Problems = Readonly<Record<string, readonly string[]>>

/**
 * Writes what comes along with a record that is written already.
 * @param key Of the record as it is now.
 * @returns How many links and records it changed.
 * @throws AdminError `invalid-input` with places such as `children.order_items.update.0.quantity`; whatever else
 * each part is refused with.
 */
export async function writeRelated(
  context: RunContext,
  key: Key,
  { links, children }: Pick<RecordInput, 'links' | 'children'>,
): Promise<number> {
  const parts: Part[] = []
  for (const one of children) parts.push(...(await childParts(context, key, one)))
  for (const one of links) parts.push(...(await linkParts(context, key, one)))
  const ordered = parts.toSorted((a, b) => ORDER.indexOf(a.call.verb) - ORDER.indexOf(b.call.verb))
  const begun = await beginAll(context, ordered)
  for (const { part, done } of begun) {
    try {
      await done()
    } catch (error) {
      throw told(context, part, error)
    }
  }
  return parts.length
}

/** What goes makes room for what comes. */
const ORDER: readonly NestedCall['verb'][] = ['delete', 'update', 'create']

/** Whether there is anything to write along. */
export function isRelated({ links, children }: RecordInput): boolean {
  return links.length + children.length > 0
}

/** "add 2 and remove 1 of Tags": the input in words, after what is done to the record itself. */
export function relatedWords(model: Model, { links, children }: RecordInput): readonly string[] {
  const words = [
    ...links.map(({ relation, add, remove }) => ({
      relation,
      counts: [`add ${add.length}`, `remove ${remove.length}`],
    })),
    ...children.map(({ relation, create, update, delete: gone }) => ({
      relation,
      counts: [`create ${create.length}`, `change ${update.length}`, `delete ${gone.length}`],
    })),
  ]
  return words.map(({ relation: name, counts }) => {
    const relation = inlineOf(model, name) ?? linkedBy(model, name)
    const some = counts.filter((count) => !count.endsWith(' 0'))
    return `${some.join(', ')} of ${relation?.label ?? name}`
  })
}

interface Begun {
  readonly part: Part
  done(): Promise<unknown>
}

/** Mistakes in several parts are told at once. */
async function beginAll(context: RunContext, parts: readonly Part[]): Promise<readonly Begun[]> {
  const begun: Begun[] = []
  const problems: Record<string, readonly string[]> = {}
  for (const part of parts) {
    try {
      const { done } = await context.begun(part.call)
      begun.push({ part, done })
    } catch (error) {
      if (!(error instanceof AdminError) || error.code !== 'invalid-input') throw error
      for (const [place, found] of Object.entries(part.refusal(error))) {
        problems[place] = [...new Set([...(problems[place] ?? []), ...found])]
      }
    }
  }
  if (Object.keys(problems).length > 0) throw wrong(context.model, problems)
  return begun
}

/** A refusal of one part, at its place in the whole. */
function told({ model }: RunContext, part: Part, error: unknown): unknown {
  if (!(error instanceof AdminError) || error instanceof ChangedMeanwhile) return error
  const isAtPlace = ['invalid-input', 'conflict', 'not-found'].includes(error.code)
  return isAtPlace ? wrong(model, part.refusal(error), error) : error
}

function wrong(model: Model, fields: Problems, cause?: unknown): AdminError {
  const names = Object.keys(fields).join(', ')
  return new AdminError('invalid-input', `${model.label}: check ${names}.`, { fields, cause })
}

/** @throws AdminError `invalid-input`, in the words of a relation that is not there, for a model that may not be known of. */
function mustBeKnown({ grant, model }: RunContext, place: string, name: string): void {
  const verbs = ['list', 'read', 'create', 'update', 'delete']
  if (verbs.some((verb) => grant.access(`${name}.${verb}`).isPossible)) return
  throw wrong(model, { [place]: [NOT_WRITABLE] })
}

async function linkParts(context: RunContext, key: Key, input: LinksInput): Promise<readonly Part[]> {
  const { model, models, records } = context
  const relation = linkedBy(model, input.relation)
  const target = relation && models.get(relation.target)
  if (!relation?.through || !target) return []
  const place = `links.${relation.name}`
  const links = relation.through
  mustBeKnown(context, place, links.model)
  if (input.add.some((text) => decodeKey(target, text) === null)) {
    throw wrong(model, { [place]: [unseenBy(target)] })
  }
  const keys = [...input.add, ...input.remove]
    .map((text) => decodeKey(target, text))
    .filter((one) => one !== null)
  const there = await records.linksTo(relation, key, keys)
  const refusal = (error: AdminError): Problems => ({ [place]: linkProblems(error, target) })
  const removed = input.remove.flatMap((text): Part[] => {
    const link = there.get(text)
    return link === undefined
      ? []
      : [{ place, refusal, call: { model: links.model, verb: 'delete', key: link, input: null } }]
  })
  const added = input.add
    .filter((text) => !there.has(text))
    .map((text): Part => {
      const values = linkValues(relation, key, decodeKey(target, text) ?? [])
      return { place, refusal, call: { model: links.model, verb: 'create', input: { values } } }
    })
  return [...removed, ...added]
}

function linkValues({ through }: Relation, here: Key, there: Key): Values {
  return Object.fromEntries([
    ...(through?.from ?? []).map((name, index) => [name, here[index] ?? null] as const),
    ...(through?.to ?? []).map((name, index) => [name, there[index] ?? null] as const),
  ])
}

function unseenBy(target: Model): string {
  return `names no ${target.label.toLowerCase()} that you can read`
}

/** A link has no fields that anybody sees: what is wrong with any of them is wrong with the link. */
function linkProblems(error: AdminError, target: Model): readonly string[] {
  if (error.code === 'not-found') return [`names no ${target.label.toLowerCase()} that is there any more`]
  const found = Object.values(error.fields ?? {}).flat()
  if (found.some(isTaken)) return [`names a ${target.label.toLowerCase()} that is linked already`]
  return found.length > 0 ? [...new Set(found)] : [error.message]
}

async function childParts(context: RunContext, key: Key, input: ChildrenInput): Promise<readonly Part[]> {
  const { model, models } = context
  const relation = inlineOf(model, input.relation)
  const target = relation && models.get(relation.target)
  if (!relation || !target) return []
  const place = `children.${relation.name}`
  mustBeKnown(context, place, target.name)
  const tie = await tieOf(context, relation, key)
  const own = (text: string): Promise<boolean> => isOwn(context, relation, target, tie, text)
  const parts: Part[] = []
  for (const [index, child] of input.delete.entries()) {
    // gone already, or never one of its own: there is nothing to delete, and nothing more to say
    if (await own(child.key)) {
      const at = `${place}.delete.${index}`
      parts.push(
        part(at, { ...versionOf(child), model: target.name, verb: 'delete', key: child.key, input: null }),
      )
    }
  }
  for (const [index, child] of input.update.entries()) {
    const at = `${place}.update.${index}`
    if (!(await own(child.key))) throw wrong(model, { [at]: ['is not there any more'] })
    const call = {
      model: target.name,
      verb: 'update',
      key: child.key,
      input: { values: child.values },
    } as const
    parts.push(part(at, { ...versionOf(child), ...call }))
  }
  const tying = Object.fromEntries(relation.to.map((name, index) => [name, tie[index] ?? null]))
  for (const [index, { values }] of input.create.entries()) {
    const call = { model: target.name, verb: 'create', input: { values: { ...values, ...tying } } } as const
    parts.push(part(`${place}.create.${index}`, call))
  }
  return parts
}

function versionOf({ ifVersion }: { readonly ifVersion?: string }): Pick<NestedCall, 'ifVersion'> {
  return ifVersion === undefined ? {} : { ifVersion }
}

function part(place: string, call: NestedCall): Part {
  return {
    place,
    call,
    refusal: ({ fields, message, code }) => {
      if (code === 'not-found') return { [place]: ['is not there any more'] }
      const named = Object.entries(fields ?? {})
      if (named.length === 0) return { [place]: [message] }
      return Object.fromEntries(named.map(([name, problems]) => [`${place}.${name}`, problems]))
    },
  }
}

/** The values by which records of the other side belong to this one. */
async function tieOf({ model, records }: RunContext, { from }: Relation, key: Key): Promise<Key> {
  const names = model.key ?? []
  if (from.every((name) => names.includes(name))) return from.map((name) => key[names.indexOf(name)] ?? null)
  const values = await records.stored(key)
  return from.map((name) => values[name] ?? null)
}

async function isOwn(
  { records }: RunContext,
  relation: Relation,
  target: Model,
  tie: Key,
  text: string,
): Promise<boolean> {
  const key = decodeKey(target, text)
  return key !== null && (await records.belongsTo(relation, tie, key))
}
