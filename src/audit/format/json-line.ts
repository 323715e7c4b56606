/** One line of JSON: characters that could end it, or turn it round, are escapes. It means the same. */

import { oneLine } from '../syslog.ts'

export function jsonText(value: unknown): string {
  return oneLine(JSON.stringify(value))
}

/** Without the members that are null, so that a search for a member finds what has one. */
export function present<Value extends Readonly<Record<string, unknown>>>(value: Value): Partial<Value> {
  const entries = Object.entries(value).filter(([, member]) => member !== null && member !== undefined)
  // a part of the same members
  return Object.fromEntries(entries) as Partial<Value>
}
