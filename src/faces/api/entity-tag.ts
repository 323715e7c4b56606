/** A record's version as an entity tag (RFC 9110, section 8.8.3), and the precondition that names one. */

import { AdminError } from '../../errors.ts'
import type { RequestContext } from '../../http/env.ts'

export function taggedWith(c: RequestContext, version: string | null): void {
  if (version !== null) c.header('ETag', `"${version}"`)
}

/**
 * The version of `If-Match`; null without the header, and for `*`, which any record meets.
 * @throws AdminError `invalid-input` for a list of tags, or what is none. A weak tag never matches.
 */
export function ifMatch(c: RequestContext): string | null {
  const header = c.req.header('if-match')?.trim()
  if (header === undefined || header === '*') return null
  if (/^W\/"[^"]*"$/.test(header)) return ''
  const version = /^"([^"]*)"$/.exec(header)?.[1]
  if (version !== undefined) return version
  throw new AdminError('invalid-input', 'If-Match takes one entity tag in quotes, as ETag answered it.', {
    fields: { 'If-Match': ['must be one entity tag in quotes'] },
  })
}
