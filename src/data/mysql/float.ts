/**
 * Numbers of four bytes (`FLOAT`), as people write them.
 *
 * The stored number nearest to 0.1 is 0.100000001490116…; it is shown as the
 * shortest text that leads back to it, 0.1, and compared by what is shown. A
 * comparison with any other number becomes one with the stored neighbour.
 */

import type { SqlOperator } from '../sql/dialect.ts'

/** Enough digits to tell any two of them apart. */
const DIGITS = 9

/** The shortest number that a FLOAT stores as this one. */
export function shown(stored: number): number {
  for (let digits = 1; digits < DIGITS; digits += 1) {
    const shorter = Number(stored.toPrecision(digits))
    if (Math.fround(shorter) === stored) return shorter
  }
  return stored
}

/** The comparison of what is stored that holds exactly where what is shown compares so. */
export function storedComparison(
  operator: SqlOperator,
  value: number,
): { readonly operator: SqlOperator; readonly value: number } | boolean {
  const nearest = Math.fround(value)
  if (!Number.isFinite(nearest)) return beyond(operator, value)
  const face = shown(nearest)
  switch (operator) {
    case '=':
      return face === value ? { operator, value: nearest } : false
    case '<>':
      return face === value ? { operator, value: nearest } : true
    case '<':
    case '<=':
      return { operator: face < value || (face === value && operator === '<=') ? '<=' : '<', value: nearest }
    default:
      return { operator: face > value || (face === value && operator === '>=') ? '>=' : '>', value: nearest }
  }
}

/** Larger than all of them, or smaller. */
function beyond(operator: SqlOperator, value: number): boolean {
  if (operator === '=' || operator === '<>') return operator === '<>'
  return value > 0 === operator.startsWith('<')
}
