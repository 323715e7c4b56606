/**
 * Filters as they stand in addresses, before anybody knows what their fields are.
 *
 *     status:eq:unpaid
 *     any(status:eq:unpaid,all(total:gte:100,not(customer.country:in:"DE,AT")))
 *
 * One text for one tree: what is written here is read back as the same, and
 * whatever is not exactly of this form is refused. Alone, a condition's value
 * is everything behind its second colon, as it stands; inside of a group a
 * value that holds a comma, a bracket or a quote is quoted.
 *
 * @see docs/decisions/0034-filters-are-one-tree.md
 */

import { FILTER_LIMITS } from './filter-limit.ts'

/** A filter in words: field and value are what somebody wrote. */
export type WrittenFilter =
  | {
      readonly kind: 'condition'
      /** `status`, `customer.country`, `details$.size`. */
      readonly field: string
      readonly operator: string
      /** Text from an address, anything from JSON; undefined: none was given. */
      readonly value: unknown
    }
  | { readonly kind: 'all' | 'any'; readonly of: readonly WrittenFilter[] }
  | { readonly kind: 'not'; readonly of: WrittenFilter }

export type WrittenCondition = Extract<WrittenFilter, { readonly kind: 'condition' }>

/** What was read, or what is wrong with it as the end of a sentence. */
export type ReadFilter =
  | { readonly ok: true; readonly filter: WrittenFilter }
  | { readonly ok: false; readonly problem: string }

/** Reads one filter of an address. */
export function readFilterText(text: string): ReadFilter {
  if (text.length > FILTER_LIMITS.text) {
    return { ok: false, problem: `is longer than ${FILTER_LIMITS.text} characters` }
  }
  const place: Place = { text, at: 0 }
  try {
    const group = GROUP.exec(text)
    if (!group) return { ok: true, filter: readAlone(place) }
    const filter = readMember(place, 1)
    if (place.at < text.length) throw new Unreadable('goes on behind its last bracket')
    return { ok: true, filter }
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, problem: error.message }
    throw error
  }
}

/** Writes a filter whose values are texts. */
export function writeFilterText(filter: WrittenFilter): string {
  if (filter.kind !== 'condition') return writeMember(filter)
  const { field, operator, value } = filter
  const place = needsQuotes(field) ? quoted(field) : field
  return value === undefined ? `${place}:${operator}` : `${place}:${operator}:${String(value)}`
}

function writeMember(filter: WrittenFilter): string {
  if (filter.kind === 'not') return `not(${writeMember(filter.of)})`
  if (filter.kind !== 'condition') return `${filter.kind}(${filter.of.map(writeMember).join(',')})`
  const { field, operator, value } = filter
  const place = needsQuotes(field) ? quoted(field) : field
  if (value === undefined) return `${place}:${operator}`
  const text = String(value)
  return `${place}:${operator}:${/[,()"]/.test(text) ? quoted(text) : text}`
}

const GROUP = /^(all|any|not)\(/

function needsQuotes(field: string): boolean {
  return field === '' || /[:,()"]/.test(field)
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`
}

/** Where reading has come to. */
interface Place {
  readonly text: string
  at: number
}

class Unreadable extends Error {}

/** A condition by itself: its value goes to the end. */
function readAlone(place: Place): WrittenCondition {
  const { text } = place
  const field = text.startsWith('"') ? readQuoted(place) : readUntil(place, /:/g)
  if (place.at >= text.length) return { kind: 'condition', field, operator: '', value: undefined }
  take(place, ':')
  const operator = readUntil(place, /:/g)
  const value = place.at < text.length ? text.slice(place.at + 1) : undefined
  place.at = text.length
  return { kind: 'condition', field, operator, value }
}

function readMember(place: Place, depth: number): WrittenFilter {
  if (depth > FILTER_LIMITS.depth + 1) throw new Unreadable(`nests deeper than ${FILTER_LIMITS.depth} groups`)
  const [head, word] = GROUP.exec(place.text.slice(place.at, place.at + 4)) ?? []
  if (head === undefined) return readInside(place)
  place.at += head.length
  const of = [readMember(place, depth + 1)]
  while (place.text[place.at] === ',') {
    place.at += 1
    of.push(readMember(place, depth + 1))
  }
  take(place, ')')
  if (word !== 'not') return { kind: word === 'any' ? 'any' : 'all', of }
  const [only, ...more] = of
  if (!only || more.length > 0) throw new Unreadable('has a not of more than one condition')
  return { kind: 'not', of: only }
}

/** A condition inside of a group: it ends at a comma or a bracket. */
function readInside(place: Place): WrittenCondition {
  const field = place.text[place.at] === '"' ? readQuoted(place) : readUntil(place, /[:,()"]/g)
  take(place, ':')
  const operator = readUntil(place, /[:,()"]/g)
  if (place.text[place.at] !== ':') return { kind: 'condition', field, operator, value: undefined }
  place.at += 1
  const value = place.text[place.at] === '"' ? readQuoted(place) : readUntil(place, /[,()"]/g)
  return { kind: 'condition', field, operator, value }
}

function readUntil(place: Place, end: RegExp): string {
  end.lastIndex = place.at
  const to = end.exec(place.text)?.index ?? place.text.length
  const read = place.text.slice(place.at, to)
  place.at = to
  return read
}

const QUOTED = /"((?:[^"\\]|\\["\\])*)"/y

function readQuoted(place: Place): string {
  QUOTED.lastIndex = place.at
  const [all, inside] = QUOTED.exec(place.text) ?? []
  if (all === undefined || inside === undefined) throw new Unreadable('has a quote that does not end')
  place.at += all.length
  return inside.replaceAll(/\\(["\\])/g, '$1')
}

function take(place: Place, wanted: string): void {
  if (place.text[place.at] !== wanted)
    throw new Unreadable(`lacks a "${wanted}" at character ${place.at + 1}`)
  place.at += 1
}
