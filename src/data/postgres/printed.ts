/** The text that PostgreSQL prints for values, and what is written so: inside of arrays and for types of its own. */

import { isIP } from 'node:net'
import { type RawBuilder, sql } from 'kysely'
import type { Column } from './column.ts'

/** What is read of the column. A cast of `inet` to text adds a mask that printing leaves out. */
export function printedBy({ base, isArray }: Column, expression: RawBuilder<unknown>): RawBuilder<unknown> {
  return base === 'inet' && !isArray ? sql`abbrev(${expression})` : sql`${expression}::text`
}

/** What stands between the members of an array: `pg_type.typdelim`, which only one type has otherwise. */
export function delimiterOf({ base }: Column): string {
  return base === 'box' ? ';' : ','
}

/**
 * Whether PostgreSQL reads the text as a value of that type for certain, so that it can stand in a condition:
 * one that it does not read is an error there, and not false.
 */
export function isCertain({ base, isArray }: Column, text: string): boolean {
  if (isArray) return false
  if (base === 'inet') return isAddress(text)
  if (base === 'macaddr') return /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(text)
  if (base === 'macaddr8') return /^(?:[0-9a-f]{2}:){7}[0-9a-f]{2}$/.test(text)
  return base === 'bit' || base === 'varbit' ? /^[01]+$/.test(text) : false
}

/** With or without a mask. A zone, which Node takes, is read by no column. */
function isAddress(text: string): boolean {
  const [address = '', bits = '', ...more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || address.includes('%') || more.length > 0) return false
  return text === address || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}
