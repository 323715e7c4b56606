/**
 * The members of arrays and sets.
 *
 * A `Value` is one scalar, so that diffs, forms and keys treat all fields alike:
 * an array is the JSON text of its members, each in the form in which it leaves
 * as JSON (a bigint and a decimal as text, bytes as base64, NULL as null), and
 * nested as the array is. One array has exactly one such text.
 *
 * @see docs/decisions/0035-an-array-is-the-text-of-its-members.md
 */

import type { Element, Field, FieldType, Value } from './model.ts'

/** NULL among the members is `null`; a list is an array inside of the array. */
export type Member = Value | readonly Member[]

/** A member as JSON holds it. */
export type WireMember = null | boolean | number | string | readonly WireMember[]

const LABEL: Element = { type: 'enum', dbType: '', maxLength: null, scale: null }

/** Whether the field's values are lists. */
export function hasMembers({ type }: Pick<Field, 'type'>): boolean {
  return type === 'array' || type === 'set'
}

/** What one member is; the labels of a set are those of an enum. */
export function elementOf({ element }: Pick<Field, 'element'>): Element {
  return element ?? LABEL
}

/** The field that a member would be of, had it a column of its own. */
export function memberField(field: Field): Field {
  const { type, dbType, maxLength, scale } = elementOf(field)
  const { element: _, ...rest } = field
  return { ...rest, type, dbType, maxLength, scale, nullable: false, defaultValue: null }
}

/** The members of a value; null where it is none of its type's texts, as a source may hold. */
export function membersOf(field: Pick<Field, 'element'>, value: Value): readonly Member[] | null {
  const wire = wireMembersOf(value)
  return wire?.map((one) => ofWire(elementOf(field).type, one)) ?? null
}

/** The same as JSON. */
export function wireMembersOf(value: Value): readonly WireMember[] | null {
  if (typeof value !== 'string' || !value.startsWith('[')) return null
  try {
    const parsed: unknown = JSON.parse(value)
    return isWireList(parsed) ? parsed : null
  } catch {
    return null
  }
}

/** All members, however deep, in their order. */
export function flatMembers(members: readonly Member[]): readonly Value[] {
  return members.flatMap((one): readonly Value[] => (isList(one) ? flatMembers(one) : [one]))
}

/** The one text of those members. */
export function textOfMembers(members: readonly Member[]): string {
  return JSON.stringify(members.map(toWire))
}

export function isList(member: Member): member is readonly Member[] {
  return Array.isArray(member)
}

function toWire(member: Member): WireMember {
  if (isList(member)) return member.map(toWire)
  if (typeof member === 'bigint') return String(member)
  if (member instanceof Uint8Array) return Buffer.from(member).toString('base64')
  // JSON has neither, and no zero with a sign
  const isOutside = typeof member === 'number' && (!Number.isFinite(member) || Object.is(member, -0))
  return isOutside ? textOfNumber(member) : member
}

function textOfNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

function ofWire(type: FieldType, wire: WireMember): Member {
  if (isWireList(wire)) return wire.map((one) => ofWire(type, one))
  if (typeof wire !== 'string') return wire
  switch (type) {
    case 'bigint':
      return /^-?\d+$/.test(wire) ? BigInt(wire) : wire
    case 'float':
      return /^(?:NaN|-?Infinity|-0)$/.test(wire) ? Number(wire) : wire
    case 'bytes':
      return new Uint8Array(Buffer.from(wire, 'base64'))
    default:
      return wire
  }
}

function isWireList(parsed: unknown): parsed is readonly WireMember[] {
  return Array.isArray(parsed) && parsed.every((one) => isScalar(one) || isWireList(one))
}

function isScalar(parsed: unknown): boolean {
  return parsed === null || ['boolean', 'number', 'string'].includes(typeof parsed)
}
