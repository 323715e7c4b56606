/**
 * Places in a list, sealed: a cursor tells nothing, can't be made by anyone
 * else, and works only for the same list and the same principal.
 */

import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Position } from '../data/data-source.ts'
import { AdminError } from '../errors.ts'
import type { Identity } from '../identity/identity.ts'
import { filterText } from '../model/filter.ts'
import type { Value } from '../model/model.ts'
import type { ListInput } from './records.ts'

const Tagged = z.union([
  z.null(),
  z.boolean(),
  z.object({ n: z.string() }),
  z.object({ i: z.string() }),
  z.object({ s: z.string() }),
  z.object({ b: z.string() }),
])
const Sealed = z.object({ d: z.enum(['after', 'before']), v: z.array(Tagged) })

export function sealPosition(identity: Identity, position: Position | null, binding: string): string | null {
  if (!position) return null
  const text = JSON.stringify({ d: position.direction, v: position.values.map(tag) })
  return identity.seal('cursor', text, binding)
}

/** @throws AdminError `invalid-input` for a cursor of another list, another principal or another maker. */
export function openPosition(identity: Identity, cursor: string | null, binding: string): Position | null {
  if (cursor === null) return null
  const text = identity.open('cursor', cursor, binding)
  const parsed = text === null ? null : Sealed.safeParse(JSON.parse(text))
  if (!parsed?.success) {
    throw new AdminError(
      'invalid-input',
      'The cursor belongs to another list. Start again from its first page.',
      {
        fields: { cursor: ['belongs to another list; start again from its first page'] },
      },
    )
  }
  return { direction: parsed.data.d, values: parsed.data.v.map(untag) }
}

/** What makes two lists the same list, for the cursors of one principal. */
export function listBinding(model: string, principal: string, input: ListInput): string {
  const described = JSON.stringify([
    model,
    principal,
    input.filters.map(filterText),
    input.search,
    input.sort,
    input.trash,
  ])
  return createHash('sha256').update(described).digest('base64url')
}

function tag(value: Value): z.infer<typeof Tagged> {
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'number') return { n: String(value) }
  if (typeof value === 'bigint') return { i: String(value) }
  if (typeof value === 'string') return { s: value }
  return { b: Buffer.from(value).toString('base64') }
}

function untag(value: z.infer<typeof Tagged>): Value {
  if (value === null || typeof value === 'boolean') return value
  if ('n' in value) return Number(value.n)
  if ('i' in value) return BigInt(value.i)
  if ('s' in value) return value.s
  return new Uint8Array(Buffer.from(value.b, 'base64'))
}
