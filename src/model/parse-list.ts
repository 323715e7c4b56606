/**
 * Arrays and sets from outside: a JSON array, or the text of one.
 *
 * A text is read with the digits of its numbers as they stand, so that
 * `[9007199254740993]` is not rounded on its way to a bigint.
 */

import { elementOf, type Member, textOfMembers } from './members.ts'
import type { Field } from './model.ts'
import type { Parsed } from './parse.ts'

/** More levels than any source has. */
const MOST_LEVELS = 6

/** @param parse Reads one member that is no list. */
export function parseList(field: Field, raw: unknown, parse: (raw: unknown) => Parsed): Parsed {
  const given = typeof raw === 'string' ? listIn(raw, isExact(field)) : raw
  if (!Array.isArray(given)) return refuse('must be a list such as ["a", "b"]')
  if (field.type === 'set') return parseSet(field, given, parse)
  const parsed = parseMembers(given, parse, 1)
  if (!parsed.ok) return parsed
  return isEven(parsed.value)
    ? { ok: true, value: textOfMembers(parsed.value) }
    : refuse('must have lists of the same length inside of it, none of them empty')
}

/** Each label once, in the order of the choices; those that are none come last, as they were given. */
function parseSet(field: Field, given: readonly unknown[], parse: (raw: unknown) => Parsed): Parsed {
  const parsed = parseMembers(given, parse, MOST_LEVELS)
  if (!parsed.ok) return parsed
  const order = new Map((field.choices ?? []).map(({ value }, index) => [value, index]))
  const place = (member: Member): number => order.get(String(member)) ?? order.size
  const members = [...new Set(parsed.value)]
  if (members.includes(null)) return refuse('must have no empty member')
  return { ok: true, value: textOfMembers(members.toSorted((a, b) => place(a) - place(b))) }
}

function parseMembers(
  given: readonly unknown[],
  parse: (raw: unknown) => Parsed,
  level: number,
): Parsed<readonly Member[]> {
  const members: Member[] = []
  for (const [index, raw] of given.entries()) {
    const isDeeper = Array.isArray(raw) && level < MOST_LEVELS
    const parsed: Parsed<Member> = isDeeper ? parseMembers(raw, parse, level + 1) : parseOne(raw, parse)
    if (!parsed.ok) return refuse(isDeeper ? parsed.problem : `member ${index + 1} ${parsed.problem}`)
    members.push(parsed.value)
  }
  return { ok: true, value: members }
}

function parseOne(raw: unknown, parse: (raw: unknown) => Parsed): Parsed {
  return raw === null ? { ok: true, value: null } : parse(raw)
}

/** A database's array is a block: as deep and as long everywhere. */
function isEven(members: readonly Member[]): boolean {
  const lists = members.filter((one) => Array.isArray(one))
  if (lists.length === 0) return true
  const [first] = lists
  if (lists.length < members.length || !first || first.length === 0) return false
  return lists.every((one) => one.length === first.length && depthOf(one) === depthOf(first) && isEven(one))
}

function depthOf(member: Member | undefined): number {
  return Array.isArray(member) ? 1 + depthOf(member[0]) : 0
}

/** Whether a number has to be taken by its digits. */
function isExact(field: Field): boolean {
  const { type } = elementOf(field)
  return type === 'bigint' || type === 'decimal'
}

function listIn(text: string, keepsDigits: boolean): unknown {
  const digits = (_: string, value: unknown, context?: { readonly source?: string }): unknown =>
    keepsDigits && typeof value === 'number' ? (context?.source ?? value) : value
  try {
    return JSON.parse(text, digits)
  } catch {
    return null
  }
}

function refuse(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem }
}
