/**
 * Filters as JSON: `{ "any": [{ "field": "status", "operator": "eq", "value": "unpaid" }, …] }`.
 *
 * The same tree as the text of an address, read as strictly: a member that is
 * not known is refused, and so is a group of nothing.
 */

import { FILTER_LIMITS } from './filter-limit.ts'
import type { ReadFilter } from './filter-text.ts'

/** Reads one tree out of what a body held. */
export function readFilterTree(json: unknown): ReadFilter {
  return readPart(json, 0)
}

function readPart(json: unknown, depth: number): ReadFilter {
  if (depth > FILTER_LIMITS.depth) return refuse(`nests deeper than ${FILTER_LIMITS.depth} groups`)
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return refuse(SHAPE)
  const members: Readonly<Record<string, unknown>> = { ...json }
  const [name = '', ...more] = Object.keys(members)
  if (more.length > 0 || !isGroup(name)) return readCondition(members)
  if (name === 'not') {
    const read = readPart(members['not'], depth + 1)
    return read.ok ? { ok: true, filter: { kind: 'not', of: read.filter } } : read
  }
  return readGroup(name, members[name], depth)
}

const SHAPE = 'is not of the form {"field", "operator", "value"}, {"all": […]}, {"any": […]} or {"not": …}'

function refuse(problem: string): ReadFilter {
  return { ok: false, problem }
}

function isGroup(name: string): name is 'all' | 'any' | 'not' {
  return name === 'all' || name === 'any' || name === 'not'
}

function readGroup(kind: 'all' | 'any', parts: unknown, depth: number): ReadFilter {
  if (!Array.isArray(parts) || parts.length === 0) return refuse(`has an "${kind}" of no conditions`)
  if (parts.length > FILTER_LIMITS.conditions) {
    return refuse(`holds more than ${FILTER_LIMITS.conditions} conditions`)
  }
  const of = []
  for (const part of parts) {
    const read = readPart(part, depth + 1)
    if (!read.ok) return read
    of.push(read.filter)
  }
  return { ok: true, filter: { kind, of } }
}

function readCondition(members: Readonly<Record<string, unknown>>): ReadFilter {
  const { field, operator, value, ...unknown } = members
  if (typeof field !== 'string' || typeof operator !== 'string' || Object.keys(unknown).length > 0) {
    return refuse(SHAPE)
  }
  return { ok: true, filter: { kind: 'condition', field, operator, value } }
}
