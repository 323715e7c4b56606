/**
 * What zod found wrong, in our own words: each continues the name of what it is
 * about, "must be an e-mail address". A message of the schema's own comes first.
 */

import type { z } from 'zod'

type Issue = z.core.$ZodRawIssue

/** For `safeParse(…, { error: problemOf })`. */
export function problemOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? 'must have a value'
        : `must be ${KINDS[issue.expected] ?? 'of another kind'}`
    case 'too_small':
      return limit(issue.origin, 'least', Number(issue.minimum), issue.inclusive !== false)
    case 'too_big':
      return limit(issue.origin, 'most', Number(issue.maximum), issue.inclusive !== false)
    case 'invalid_format':
      return `must be ${FORMATS[issue.format] ?? 'of the form that was agreed'}`
    case 'invalid_value':
      return `must be ${oneOf(issue.values)}`
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`
    case 'unrecognized_keys':
      return `has no member ${issue.keys.map(quoted).join(', ')}`
    default:
      return 'must be of another form'
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  bigint: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  date: 'a date',
  null: 'empty',
}

const FORMATS: Readonly<Record<string, string>> = {
  email: 'an e-mail address',
  url: 'an address such as https://example.com',
  uuid: 'a UUID',
  date: 'a date such as 2026-11-21',
  time: 'a time such as 14:30',
  datetime: 'a date and time such as 2026-11-21T14:30:00Z',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
  json_string: 'JSON',
}

function limit(origin: string, end: 'least' | 'most', bound: number, isInclusive: boolean): string {
  if (origin === 'string') return `must have at ${end} ${counted(bound, 'character')}`
  if (origin === 'array' || origin === 'set')
    return `must have at ${end} ${counted(bound, 'entry', 'entries')}`
  if (isInclusive) return `must be at ${end} ${bound}`
  return `must be ${end === 'least' ? 'more' : 'less'} than ${bound}`
}

function counted(count: number, one: string, other: string = `${one}s`): string {
  return `${count} ${count === 1 ? one : other}`
}

function oneOf(values: readonly unknown[]): string {
  const shown = values.map(quoted)
  return shown.length === 1 ? (shown[0] ?? '') : `one of ${shown.join(', ')}`
}

function quoted(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : String(value)
}
