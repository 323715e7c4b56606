/** Reads the input of an action with its schema, and says field by field what is wrong with it. */

import { z } from 'zod'
import { AdminError } from '../errors.ts'

/** When something ends: RFC 3339 text, or milliseconds since the epoch; null and absent: never. */
export const Expiry: z.ZodType<number | null, unknown> = z
  .union([
    z.null(),
    z.number().int(),
    z.iso
      .datetime({ offset: true, error: 'must be an instant such as 2026-11-21T10:00:00Z' })
      .transform(Date.parse),
  ])
  .default(null)

/** @throws AdminError `invalid-input` with the first path element of each issue as its field. */
export function readInput<Result>(action: string, schema: z.ZodType<Result>, input: unknown): Result {
  const parsed = schema.safeParse(input ?? {})
  if (parsed.success) return parsed.data
  const fields: Record<string, string[]> = Object.create(null)
  for (const issue of parsed.error.issues) {
    for (const name of namesOf(issue)) fields[name] = [...(fields[name] ?? []), issue.message]
  }
  throw new AdminError('invalid-input', `${action}: check ${Object.keys(fields).join(', ')}.`, { fields })
}

function namesOf(issue: z.core.$ZodIssue): readonly string[] {
  if (issue.code === 'unrecognized_keys') return issue.keys
  return [String(issue.path[0] ?? 'input')]
}
