/**
 * Random conditions on customers, and the plainest possible reading of them:
 * what the policy must come to, with nothing of the product.
 */

import fc from 'fast-check'
import type { Condition, Rule } from '../../src/policy/document.ts'

export interface Customer {
  readonly region: string | null
  readonly level: number | null
  readonly active: boolean | null
}

export type Attributes = Readonly<Record<string, string>>

/** What permits and what forbids: one `forbid` outweighs every `permit`. */
export interface Conditions {
  readonly permits: readonly Condition[]
  readonly forbids: readonly Condition[]
}

export const REGIONS: readonly string[] = ['north', 'south', 'North', "o'x", 'ñ', 'north ']
const region = fc.constantFrom(...REGIONS)
const operand = fc.oneof(
  { weight: 4, arbitrary: region },
  { weight: 3, arbitrary: fc.constant({ principal: 'region' }) },
  { weight: 1, arbitrary: fc.constant({ principal: 'missing' }) },
)
const leaf: fc.Arbitrary<Condition> = fc.oneof(
  fc
    .tuple(fc.constantFrom('eq', 'ne', 'lt', 'gte'), operand)
    .map(([operator, value]) => ({ region: { [operator]: value } })),
  fc.array(operand, { maxLength: 3 }).map((values) => ({ region: { in: values } })),
  fc.boolean().map((isNull) => ({ region: { isNull } })),
  fc
    .tuple(fc.constantFrom('eq', 'ne', 'lt', 'lte', 'gt', 'gte'), fc.nat(3))
    .map(([operator, value]) => ({ level: { [operator]: value } })),
  fc.boolean().map((eq) => ({ active: { eq } })),
)
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 3, arbitrary: leaf },
    { weight: 1, arbitrary: tie('condition').map((not) => ({ not })) },
    {
      weight: 1,
      arbitrary: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((and) => ({ and })),
    },
    {
      weight: 1,
      arbitrary: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((or) => ({ or })),
    },
  ),
}))

export const customer: fc.Arbitrary<Customer> = fc.record({
  region: fc.option(region),
  level: fc.option(fc.nat(3)),
  active: fc.option(fc.boolean()),
})
export const conditions: fc.Arbitrary<Conditions> = fc.record({
  permits: fc.array(condition, { minLength: 1, maxLength: 2 }),
  forbids: fc.array(condition, { maxLength: 1 }),
})
export const attributes: fc.Arbitrary<Attributes> = fc.oneof(
  { weight: 4, arbitrary: region.map((one) => ({ region: one })) },
  { weight: 1, arbitrary: fc.constant({}) },
)

/** Whether some attribute that the condition names is absent: then the whole rule counts against the request. */
function lacks(tree: unknown, attributes: Attributes): boolean {
  if (typeof tree !== 'object' || tree === null) return false
  if ('principal' in tree) return !Object.hasOwn(attributes, String(tree.principal))
  return Object.values(tree).some((part) => lacks(part, attributes))
}

const bytes = (value: unknown): unknown =>
  typeof value === 'string' ? Buffer.from(value).toString('hex') : value
const COMPARE: Readonly<Record<string, (left: never, right: never) => boolean>> = {
  eq: (left, right) => left === right,
  ne: (left, right) => left !== right,
  lt: (left, right) => left < right,
  lte: (left, right) => left <= right,
  gt: (left, right) => left > right,
  gte: (left, right) => left >= right,
}

/** The condition as it reads, with nothing of the product: a comparison with nothing is never true. */
export function fits(condition: Condition, row: object, attributes: Attributes): boolean {
  const value = (one: unknown): unknown =>
    typeof one === 'object' && one !== null && 'principal' in one ? attributes[String(one.principal)] : one
  return Object.entries(condition).every(([name, part]) => {
    if (name === 'not') return !fits(part as Condition, row, attributes)
    if (name === 'and') return (part as Condition[]).every((one) => fits(one, row, attributes))
    if (name === 'or') return (part as Condition[]).some((one) => fits(one, row, attributes))
    const held = (row as Record<string, unknown>)[name] ?? null
    return Object.entries(part as object).every(([operator, operand]) => {
      if (operator === 'isNull') return (held === null) === operand
      if (held === null) return false
      if (operator === 'in') return (operand as unknown[]).some((one) => value(one) === held)
      return COMPARE[operator]?.(bytes(held) as never, bytes(value(operand)) as never) ?? false
    })
  })
}

/** Whether the rules let someone have it; `row` null stands for a customer that isn't there. */
export function mayHave(
  { permits, forbids }: Conditions,
  row: Customer | null,
  attributes: Attributes,
): boolean {
  const holds = (one: Condition): boolean => row !== null && fits(one, row, attributes)
  return (
    permits.some((one) => !lacks(one, attributes) && holds(one)) &&
    !forbids.some((one) => lacks(one, attributes) || holds(one))
  )
}

/** The same as rules for the role `support`. */
export function rulesFor(actions: readonly string[], { permits, forbids }: Conditions): readonly Rule[] {
  const name = actions[0]?.replaceAll('.', '-')
  const rules = (effect: Rule['effect'], all: readonly Condition[]): readonly Rule[] =>
    all.map((where, index) => ({
      id: `${effect}-${name}-${index}`,
      effect,
      roles: ['support'],
      actions,
      // what holds for everything is written as no condition
      ...(Object.keys(where).length > 0 && { where }),
    }))
  return [...rules('permit', permits), ...rules('forbid', forbids)]
}

export const quoted = (value: string | number | boolean | null): string => {
  if (value === null) return 'null'
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)
}

/** Customers 1 to as many as there are, each called `name1x`, `name2x` and so on. */
export function customersSql(customers: readonly Customer[]): string {
  const rows = customers.map(
    (one, index) =>
      `insert into customers values (${index + 1}, 'name${index + 1}x', ${quoted(one.region)}, ${quoted(one.level)}, ${quoted(one.active)});`,
  )
  return `
    create table customers (id integer primary key, name text not null, region text, level integer, active boolean);
    ${rows.join('\n')}`
}
