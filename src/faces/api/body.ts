/**
 * The JSON that requests bring. Who asks is never in it: unknown members are
 * refused, so nobody can believe that a `role` or a `userId` was taken.
 */

import { z } from 'zod'
import { AdminError } from '../../errors.ts'
import type { RequestContext } from '../../http/env.ts'

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

export const ActionBody: z.ZodType<
  Evidence & { readonly key?: string; readonly keys?: readonly string[]; readonly input?: unknown }
> = z
  .strictObject({
    key: z.string().exactOptional(),
    keys: z.array(z.string()).max(1, 'may hold one key so far').exactOptional(),
    input: z.unknown().optional(),
    ...evidence,
  })
  .refine(({ key, keys }) => key === undefined || keys === undefined, {
    path: ['keys'],
    error: 'must be left out beside "key"',
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
    return JSON.parse(text, withoutPrototype)
  } catch (error) {
    if (error instanceof AdminError) throw error
    throw new AdminError('invalid-input', 'The body is not JSON.')
  }
}

/** Schemas pass over a member of this name, and nothing that was sent is passed over here. */
function withoutPrototype(name: string, value: unknown): unknown {
  if (name !== '__proto__') return value
  throw new AdminError('invalid-input', 'The body is refused: check __proto__.', {
    fields: Object.fromEntries([[name, ['is not taken here']]]),
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
