/**
 * All that a list shows, over all of its pages, as one opaque text: its filters,
 * its search, whether it is the trash, and how many records those were.
 *
 * Sealed for one model, one action and one principal, so that it can neither be
 * made nor read nor used by anyone else. It holds no keys: which records it
 * means is found out when it is used, within what that principal may list then,
 * and they must be as many as were counted here.
 */

import { createHash } from 'node:crypto'
import { z } from 'zod'
import { AdminError } from '../errors.ts'
import type { Identity } from '../identity/identity.ts'
import type { Principal } from '../identity/principal.ts'
import type { ListInput } from './records.ts'

/** So many records one action takes at most, in one transaction. */
export const MOST_AT_ONCE = 1_000
/** More than so many take the right to do it to many (`orders.bulk-update`) as well. */
export const MOST_WITHOUT_RIGHT = 100

/** What was counted so long ago is counted again. */
const LIFETIME_MS = 60 * 60_000

export interface ScopeOf {
  readonly model: string
  readonly verb: string
  readonly principal: Principal
}

export interface Described extends Pick<ListInput, 'filters' | 'search' | 'trash'> {
  readonly count: number
  /** UTC, milliseconds since the epoch. */
  readonly at: number
}

export function sealScope(identity: Identity, of: ScopeOf, described: Described): string {
  return identity.seal('scope', JSON.stringify(described, tagged), bindingOf(of))
}

const Sealed = z.object({
  count: z.int(),
  at: z.number(),
  search: z.unknown(),
  trash: z.unknown(),
  filters: z.unknown(),
})

/** The list as its filters are to be parsed again, and what was counted. */
export interface Opened {
  readonly list: { readonly filters: unknown; readonly search: unknown; readonly trash: unknown }
  readonly count: number
}

/** @throws AdminError `invalid-input` at `scope` for one of another action, principal or maker, and for one that is too old. */
export function openScope(identity: Identity, of: ScopeOf, token: string, now: number): Opened {
  const text = identity.open('scope', token, bindingOf(of))
  const parsed = text === null ? null : Sealed.safeParse(JSON.parse(text, untagged))
  if (!parsed?.success)
    throw refused(of, 'was not made for this action and for you; choose the records again')
  const { count, at, ...list } = parsed.data
  if (now - at > LIFETIME_MS) throw refused(of, 'was made more than an hour ago; choose the records again')
  return { list, count }
}

function refused({ model, verb }: ScopeOf, problem: string): AdminError {
  return new AdminError('invalid-input', `${model}.${verb}: the scope ${problem}.`, {
    fields: { scope: [problem] },
  })
}

function bindingOf({ model, verb, principal }: ScopeOf): string {
  const { kind, id } = principal.subject
  return createHash('sha256')
    .update(JSON.stringify([model, verb, kind, id]))
    .digest('base64url')
}

/** JSON has neither large whole numbers nor bytes. */
function tagged(this: unknown, _name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return { $bigint: String(value) }
  return value instanceof Uint8Array ? { $bytes: Buffer.from(value).toString('base64') } : value
}

const Tagged = z.union([z.strictObject({ $bigint: z.string() }), z.strictObject({ $bytes: z.string() })])

function untagged(_name: string, value: unknown): unknown {
  const tag = Tagged.safeParse(value)
  if (!tag.success) return value
  return '$bigint' in tag.data
    ? BigInt(tag.data.$bigint)
    : new Uint8Array(Buffer.from(tag.data.$bytes, 'base64'))
}
