/** One shop for the attack tests: two regions, a hidden field, and people who may see only a part of it. */

import type { PolicyDocument, Rule } from '../../src/policy/document.ts'
import { SEEDED_POLICY } from '../../src/policy/seeded.ts'
import { type House, type HouseOptions, openHouse, type SignedIn } from '../house.ts'

export const SHOP = `
  create table customers (
    id integer primary key, name text not null, region text not null, nickname text, password_hash text
  );
  create table orders (
    id integer primary key, customer_id integer not null references customers(id),
    status text not null check (status in ('open','paid')), total decimal(10,2) not null
  );
  insert into customers values
    (1,'Amara Okafor','north','zebra-77','hash-aaa'), (2,'Jonas Lindqvist','south','walrus-12','hash-bbb'),
    (3,'Sofia Rossi','north','heron-31','hash-ccc'), (4,'Omar Haddad','south','otter-48','hash-ddd');
  insert into orders values (11,1,'open','12.00'), (12,2,'open','20.00'), (13,3,'paid','30.00'), (14,4,'paid','40.00');
`

/** Reads their own region only. */
export const ROW_RULES: readonly Rule[] = [
  {
    id: 'support-reads-own-customers',
    effect: 'permit',
    roles: ['support'],
    actions: ['customers.list', 'customers.read', 'customers.update', 'customers.history'],
    fields: { except: ['nickname'] },
    where: { region: { eq: { principal: 'region' } } },
  },
  {
    id: 'support-reads-orders-of-own-customers',
    effect: 'permit',
    roles: ['support'],
    actions: ['orders.list', 'orders.read', 'orders.update', 'orders.history'],
    where: { customer: { region: { eq: { principal: 'region' } } } },
  },
]

/** The same without the row conditions: the control of every row test. */
export const WITHOUT_ROW_RULE: readonly Rule[] = ROW_RULES.map(({ where: _where, ...rule }) => rule)

/** The same without the field rule: the control of every field test. */
export const WITHOUT_FIELD_RULE: readonly Rule[] = ROW_RULES.map(({ fields: _fields, ...rule }) => rule)

/** The seeded policy with the role `support` reduced to these rules. */
export function policyWith(rules: readonly Rule[]): PolicyDocument {
  const others = SEEDED_POLICY.rules.filter((rule) => !rule.roles?.includes('support'))
  return { ...SEEDED_POLICY, rules: [...others, ...rules] }
}

export interface Attack extends AsyncDisposable {
  readonly house: House
  /** Of role `support`, in the north. */
  readonly low: SignedIn
}

export async function openAttack(
  rules: readonly Rule[],
  options: Partial<HouseOptions> = {},
): Promise<Attack> {
  const house = await openHouse({ sql: SHOP, policy: policyWith(rules), ...options })
  const low = await house.signIn({ name: 'Noor', role: 'support', attributes: { region: 'north' } })
  return { house, low, [Symbol.asyncDispose]: () => house.close() }
}
