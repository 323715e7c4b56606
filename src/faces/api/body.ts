/**
 * The JSON that requests bring. Who asks is never in it: unknown members are
 * refused, so nobody can believe that a `role` or a `userId` was taken.
 */

import { z } from 'zod'
import { AdminError } from '../../errors.ts'
import type { RequestContext } from '../../http/env.ts'
import { canonicalDecimal } from '../../model/decimal.ts'

export interface Evidence {
  readonly reason?: string
  readonly ticket?: string
  readonly confirmation?: string
}

const evidence = {
  reason: z.string().max(2000).exactOptional(),
  ticket: z.string().max(200).exactOptional(),
  confirmation: z.string().max(4000).exactOptional(),
}

/** What the gate is to write: it says itself what it takes of links and children. */
export interface WriteInput {
  readonly values?: Readonly<Record<string, unknown>>
  readonly links?: Readonly<Record<string, unknown>>
  readonly children?: Readonly<Record<string, unknown>>
}

const written = {
  values: z.record(z.string(), z.unknown()).exactOptional(),
  links: z.record(z.string(), z.unknown()).exactOptional(),
  children: z.record(z.string(), z.unknown()).exactOptional(),
}

export const WriteBody: z.ZodType<Evidence & WriteInput> = z.strictObject({ ...written, ...evidence })

export const EvidenceBody: z.ZodType<Evidence> = z.strictObject(evidence)

export interface ActionRequest extends Evidence {
  readonly key?: string
  readonly keys?: readonly string[]
  readonly scope?: string
  readonly input?: unknown
}

/** Of `key`, `keys` and `scope` at most one says which records. */
export const ActionBody: z.ZodType<ActionRequest> = z
  .strictObject({
    key: z.string().exactOptional(),
    keys: z.array(z.string()).min(1, 'must hold a key').exactOptional(),
    scope: z.string().max(100_000).exactOptional(),
    input: z.unknown().optional(),
    ...evidence,
  })
  .refine(({ key, keys }) => key === undefined || keys === undefined, {
    path: ['keys'],
    error: 'must be left out beside "key"',
  })
  .refine(({ key, keys, scope }) => scope === undefined || (key === undefined && keys === undefined), {
    path: ['scope'],
    error: 'must be left out beside "key" and "keys"',
  })

/**
 * Reads a body; an absent one counts as `{}`.
 * @throws AdminError `invalid-input`, with each member at fault.
 */
export async function readBody<Result>(c: RequestContext, schema: z.ZodType<Result>): Promise<Result> {
  mustNotBeIdempotent(c)
  const parsed = schema.safeParse(jsonIn(await c.req.text()))
  if (parsed.success) return parsed.data
  const fields: Record<string, string[]> = Object.create(null)
  for (const issue of parsed.error.issues) {
    const names = issue.code === 'unrecognized_keys' ? issue.keys : [issue.path.join('.') || 'body']
    const problem = issue.code === 'unrecognized_keys' ? 'is not taken here' : issue.message
    for (const name of names) fields[name] = [...(fields[name] ?? []), problem]
  }
  throw new AdminError('invalid-input', `The body is refused: check ${Object.keys(fields).join(', ')}.`, {
    fields,
  })
}

function jsonIn(text: string): unknown {
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text, asSent)
  } catch (error) {
    if (error instanceof AdminError) throw error
    throw new AdminError('invalid-input', 'The body is not JSON.')
  }
}

/**
 * Nothing that was sent is passed over, and no number becomes another one: JSON has more digits than JavaScript,
 * which rounds what it can't hold without a word.
 */
function asSent(name: string, value: unknown, context?: { readonly source?: string }): unknown {
  // schemas pass over a member of this name
  if (name === '__proto__') throw refusedMember(name, 'is not taken here')
  const source = context?.source
  if (typeof value === 'number' && source !== undefined && !isExact(value, source)) {
    throw refusedMember(name, 'has more digits than a number keeps; send it as text')
  }
  return value
}

/** Fifteen digits are always kept; of more, those that lead back to the same text. */
function isExact(value: number, source: string): boolean {
  if (!Number.isFinite(value)) return false
  const [digits = ''] = source.split(/e/i)
  const significant = digits.replaceAll(/^-?0*\.?0*|\.|(?<=\..*)0+$/g, '')
  if (significant.length <= 15) return true
  return canonicalDecimal(source, null) === canonicalDecimal(String(value), null) || String(value) === source
}

function refusedMember(name: string, problem: string): AdminError {
  return new AdminError('invalid-input', `The body is refused: check ${name}.`, {
    fields: Object.fromEntries([[name, [problem]]]),
  })
}

/** Accepting the key and running twice would be worse than refusing it. */
function mustNotBeIdempotent(c: RequestContext): void {
  if (c.req.header('idempotency-key') === undefined) return
  throw new AdminError(
    'invalid-input',
    'Idempotency-Key is not honoured yet. Leave it out, and use If-Match to keep a change from running twice.',
    { fields: { 'Idempotency-Key': ['is not honoured yet'] } },
  )
}
