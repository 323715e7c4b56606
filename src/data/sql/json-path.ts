/** Paths into JSON as most engines read them, in one parameter. */

import type { JsonPath } from '../../model/json-path.ts'

/** `$."address"."city"`, `$."lines"[0]`: names in quotes, so that none is read as a sign. */
export function quotedPath(path: JsonPath): string {
  return `$${path.map((step) => (typeof step === 'number' ? `[${step}]` : `."${step}"`)).join('')}`
}
