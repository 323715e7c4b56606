/** A small shop and whoever asks about it, for the tests of this folder. Not part of the product. */

import { field, model } from '../model/fixture.ts'
import type { Model, Values } from '../model/model.ts'
import { compilePolicy } from './compile.ts'
import type { PolicyDocument, Rule } from './document.ts'
import type { AccessRequest, Circumstances, Policy, Resource, Subject } from './policy.ts'
import { OWN_VERBS } from './verbs.ts'

const ORDERS = model(
  'orders',
  [
    field('id', 'bigint'),
    field('customer_id', 'bigint', { nullable: true }),
    field('total', 'decimal', { scale: 2 }),
    field('status', 'enum', { choices: ['open', 'paid'].map((value) => ({ value, label: value })) }),
    field('region', 'text', { nullable: true }),
    field('archived', 'bool'),
    field('placed_at', 'timestamp'),
    field('due_on', 'date', { nullable: true }),
    field('labels', 'json', { nullable: true }),
    field('provider_token', 'text', { sensitivity: 'secret' }),
    field('margin', 'decimal', { hidden: true }),
  ],
  {
    relations: [
      {
        name: 'customer',
        label: 'Customer',
        kind: 'one',
        target: 'customers',
        from: ['customer_id'],
        to: ['id'],
        onDelete: 'restrict',
      },
    ],
  },
)

const CUSTOMERS = model(
  'customers',
  [field('id', 'bigint'), field('name'), field('region', 'text', { nullable: true }), field('tax_number')],
  {
    relations: [
      {
        name: 'orders',
        label: 'Orders',
        kind: 'many',
        target: 'orders',
        from: ['id'],
        to: ['customer_id'],
        onDelete: 'restrict',
      },
    ],
  },
)

const OWN = Object.keys(OWN_VERBS).map((name) =>
  model(name, [field('id'), field('person_id'), field('principal_id')]),
)

export const MODELS: ReadonlyMap<string, Model> = new Map(
  [ORDERS, CUSTOMERS, ...OWN].map((one) => [one.name, one]),
)

/** A policy of those rules, with the roles `support` and `admin` unless said otherwise. */
export function policyOf(rules: readonly Rule[], differing: Partial<PolicyDocument> = {}): Policy {
  const role = (title: string) => ({ title, description: '' })
  const document = { roles: { support: role('Support'), admin: role('Admin') }, rules, ...differing }
  return compilePolicy(document, MODELS, { version: '0123456789abcdef', networks: ['office'] })
}

export function subject(differing: Partial<Subject> = {}): Subject {
  return { kind: 'person', id: 'p1', roles: ['support'], attributes: {}, limitedTo: null, ...differing }
}

export function request(
  action: string,
  who: Partial<Subject> = {},
  circumstances: Partial<Circumstances> = {},
): AccessRequest {
  return {
    subject: subject(who),
    action,
    circumstances: {
      now: Date.UTC(2026, 10, 21, 10, 0, 0),
      address: '10.0.0.7',
      networks: [],
      assurance: 2,
      ...circumstances,
    },
  }
}

/** One order, and its customer unless that is said to be null. */
export function order(values: Values = {}, customer: Values | null = {}): Resource {
  return {
    values: {
      id: 1n,
      customer_id: 7n,
      total: '10.00',
      status: 'open',
      region: 'emea',
      archived: false,
      placed_at: '2026-11-20T10:00:00',
      due_on: null,
      labels: '["new","big"]',
      margin: '1.00',
      ...values,
    },
    related: {
      customer: customer && { id: 7n, name: 'Amara Okafor', region: 'emea', tax_number: 'X', ...customer },
    },
  }
}
