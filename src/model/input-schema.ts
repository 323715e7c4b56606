/**
 * The schemas `create` and `update` of an application.
 *
 * A change brings only the fields that changed, so the schema of `update` is
 * made to ask for none of them; a rule over several fields can't be held to then.
 */

import { z } from 'zod'
import type { AnyObjectSchema } from './options.ts'

/**
 * The schema as the gate uses it; null where it does not suit.
 * @param report Takes the problem and the remedy down.
 */
export function inputSchema(
  schema: unknown,
  verb: 'create' | 'update',
  report: (problem: string, remedy: string) => void,
): AnyObjectSchema | null {
  if (!isObjectSchema(schema)) {
    report(
      'is no schema of an object.',
      'Write it as z.object({ … }); what is worked out belongs in "prepare".',
    )
    return null
  }
  if (verb === 'create' || Object.values(schema._zod.def.shape).every(isOptional)) return schema
  if ((schema._zod.def.checks ?? []).length > 0) {
    report(
      'has a rule over several fields, and a change brings only those that changed.',
      'Make every field optional, and let the rule hold when some are missing.',
    )
    return null
  }
  return z.core.util.partial(z.ZodOptional, schema, undefined)
}

function isObjectSchema(schema: unknown): schema is AnyObjectSchema {
  return (
    typeof schema === 'object' &&
    schema !== null &&
    '_zod' in schema &&
    (schema as z.core.$ZodType)._zod.def.type === 'object'
  )
}

function isOptional(schema: z.core.$ZodType): boolean {
  return schema._zod.optin === 'optional'
}
