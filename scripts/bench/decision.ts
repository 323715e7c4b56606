/** How long one decision takes with a given number of rules, most of which look at the record. */

import { field, model } from '../../src/model/fixture.ts'
import { compilePolicy } from '../../src/policy/compile.ts'
import type { Rule } from '../../src/policy/document.ts'
import type { AccessRequest, Resource } from '../../src/policy/policy.ts'

export interface Microseconds {
  readonly p50: number
  readonly p99: number
}

const ROUNDS = 20_000
const ORDERS = model('orders', [
  field('id', 'bigint'),
  field('total', 'decimal', { scale: 2 }),
  field('status'),
  field('region', 'text', { nullable: true }),
])

/** The worst case of a busy role: every rule is about the very action that is asked for. */
export function decisionMicroseconds(count: number): Microseconds {
  const rules: readonly Rule[] = Array.from({ length: count }, (_, index): Rule => {
    const where = { region: { eq: `region-${index}` }, total: { lt: `${index}.50` } }
    return { id: `rule-${index}`, effect: 'permit', roles: ['support'], actions: ['orders.update'], where }
  })
  const roles = { support: { title: 'Support', description: 'Is measured.' } }
  const policy = compilePolicy({ roles, rules }, new Map([['orders', ORDERS]]), {
    version: '0000000000000000',
  })
  const times = new Float64Array(ROUNDS)
  for (let round = -ROUNDS / 4; round < ROUNDS; round += 1) {
    const resource = order(Math.abs(round) % count)
    const begun = process.hrtime.bigint()
    const { effect } = policy.decide(REQUEST, resource)
    const took = Number(process.hrtime.bigint() - begun) / 1000
    if (effect !== 'allow') throw new Error('The decision that is measured must be an allowed one.')
    if (round >= 0) times[round] = took
  }
  times.sort()
  return { p50: times[ROUNDS / 2] ?? 0, p99: times[Math.floor(ROUNDS * 0.99)] ?? 0 }
}

function order(index: number): Resource {
  const values = { id: BigInt(index), total: `${index}.00`, status: 'open', region: `region-${index}` }
  return { values, related: {} }
}

const REQUEST: AccessRequest = {
  subject: {
    kind: 'person',
    id: 'ana',
    roles: ['support'],
    attributes: { id: 'ana', kind: 'person' },
    limitedTo: null,
  },
  action: 'orders.update',
  circumstances: { now: Date.UTC(2026, 10, 21, 12), address: '192.0.2.7', networks: [], assurance: 2 },
}
