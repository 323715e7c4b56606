/**
 * What a condition compares a field with: a literal, an attribute of the
 * principal, or something of the request. It becomes a value of the field's
 * type, or the condition can't be answered and the rule counts against the
 * request.
 */

import type { Field, Value } from '../model/model.ts'
import { parseValue } from '../model/parse.ts'
import type { Operand } from './document.ts'
import { type Report, suggest } from './mistakes.ts'
import type { Circumstances, Subject } from './policy.ts'

/** Who asks and under which circumstances: all that an operand may come from. */
export interface Asker {
  readonly subject: Subject
  readonly circumstances: Circumstances
}

/** An attribute is absent or is not of the field's type. */
export class Unanswerable extends Error {
  override readonly name = 'Unanswerable'
}

/** What an operand depends on, beside the document. */
export interface Uses {
  /** Names of principal attributes. */
  readonly attributes: Set<string>
  /** Set once something of the request is used: what is bound then serves one request only. */
  circumstances: boolean
}

export type Bind<T> = (asker: Asker) => T

const CONTEXT = ['now', 'today', 'address'] as const

/** One value. Mistakes are reported; what comes back then is never asked. */
export function compileOperand(
  field: Field,
  operand: unknown,
  uses: Uses,
  place: string,
  report: Report,
): Bind<Value> {
  if (isPrincipalOperand(operand)) {
    const name = operand.principal
    uses.attributes.add(name)
    return ({ subject }) => fitting(field, scalarOf(attributeOf(subject, name)))
  }
  if (isContextOperand(operand)) {
    uses.circumstances = true
    return compileContext(field, operand.context, place, report)
  }
  const parsed = parseOutside(field, operand)
  if (!parsed.ok) {
    report(
      'P107',
      place,
      `compares "${field.name}" with a value that it can't have; it ${parsed.problem}.`,
      '',
    )
    return () => null
  }
  const { value } = parsed
  return () => value
}

/** A set of values. A principal's attribute that is one value is a set of one. */
export function compileOperands(
  field: Field,
  operand: unknown,
  uses: Uses,
  place: string,
  report: Report,
): Bind<readonly Value[]> {
  if (isPrincipalOperand(operand)) {
    const name = operand.principal
    uses.attributes.add(name)
    return ({ subject }) => {
      const attribute = attributeOf(subject, name)
      const members = Array.isArray(attribute) ? attribute : [attribute]
      return members.map((member) => fitting(field, scalarOf(member)))
    }
  }
  if (!Array.isArray(operand)) {
    report('P107', place, 'takes a list of values.', `Write in: [ … ] or in: { principal: 'teams' }.`)
    return () => []
  }
  const members = operand.map((one, index) => compileOperand(field, one, uses, `${place}[${index}]`, report))
  return (asker) => members.map((bind) => bind(asker))
}

/**
 * `id` and `kind` are the subject's own and never an attribute that someone could set. Of an agent they are those of
 * its person: whatever a condition says of the person it says of the agent.
 */
export function attributeOf(subject: Subject, name: string): Subject['attributes'][string] {
  if (name === 'id') return subject.onBehalfOf ?? subject.id
  if (name === 'kind') return subject.onBehalfOf === undefined ? subject.kind : 'person'
  const attribute = Object.hasOwn(subject.attributes, name) ? subject.attributes[name] : undefined
  if (attribute === undefined) throw new Unanswerable(`The principal has no attribute "${name}".`)
  return attribute
}

function compileContext(
  field: Field,
  name: (typeof CONTEXT)[number],
  place: string,
  report: Report,
): Bind<Value> {
  const bind = CONTEXT_VALUES[name]?.[field.type]
  if (bind) return bind
  const remedy = Object.hasOwn(CONTEXT_VALUES, name)
    ? '"now" and "today" fit dates and timestamps, "address" fits text.'
    : suggest(String(name), CONTEXT)
  report(
    'P107',
    place,
    `compares "${field.name}", which is ${field.type}, with the request's "${name}".`,
    remedy,
  )
  return () => null
}

const CONTEXT_VALUES: Readonly<
  Record<(typeof CONTEXT)[number], { readonly [type in Field['type']]?: Bind<Value> }>
> = {
  now: {
    timestamp: (asker) => instant(asker).slice(0, -1),
    timestamptz: instant,
  },
  today: {
    date: (asker) => instant(asker).slice(0, 10),
    timestamp: (asker) => `${instant(asker).slice(0, 10)}T00:00:00`,
    timestamptz: (asker) => `${instant(asker).slice(0, 10)}T00:00:00Z`,
  },
  address: { text: ({ circumstances }) => circumstances.address },
}

/** `2026-11-21T10:00:00.123000Z`, or without the fraction where there is none. */
function instant({ circumstances }: Asker): string {
  const text = new Date(circumstances.now).toISOString()
  return text.endsWith('.000Z') ? `${text.slice(0, 19)}Z` : `${text.slice(0, -1)}000Z`
}

function isPrincipalOperand(operand: unknown): operand is { readonly principal: string } {
  return hasOnly(operand, 'principal')
}

function isContextOperand(operand: unknown): operand is Extract<Operand, { readonly context: unknown }> {
  return hasOnly(operand, 'context')
}

function hasOnly(operand: unknown, name: string): boolean {
  if (typeof operand !== 'object' || operand === null) return false
  const entries = Object.entries(operand)
  return entries.length === 1 && entries[0]?.[0] === name && typeof entries[0][1] === 'string'
}

function scalarOf(attribute: Subject['attributes'][string]): string | number | boolean {
  if (typeof attribute === 'object') throw new Unanswerable('A set is compared with one value.')
  return attribute
}

function fitting(field: Field, raw: string | number | boolean): Value {
  const parsed = parseOutside(field, raw)
  if (!parsed.ok) throw new Unanswerable(`The attribute ${parsed.problem}.`)
  return parsed.value
}

/** As a form's entry is read, but decimals may be written as numbers, and nothing stands for NULL. */
function parseOutside(field: Field, raw: unknown): ReturnType<typeof parseValue> {
  const isNumber = field.type === 'decimal' && typeof raw === 'number'
  return parseValue({ ...field, nullable: false, maxLength: null }, isNumber ? String(raw) : raw)
}
