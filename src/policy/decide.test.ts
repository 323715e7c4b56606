import { expect, test } from 'vitest'
import type { Rule } from './document.ts'
import { MODELS, order, policyOf, request } from './fixture.ts'
import { forbid, permit } from './permit.ts'
import type { Circumstances, Resource, Subject } from './policy.ts'

interface Asked {
  readonly action?: string
  readonly who?: Partial<Subject>
  readonly circumstances?: Partial<Circumstances>
  readonly resource?: Resource | null
}

function decide(rules: readonly Rule[], asked: Asked = {}) {
  const { action = 'orders.update', who, circumstances, resource = order() } = asked
  return policyOf(rules).decide(request(action, who, circumstances), resource)
}

const everyone = permit('everyone', { actions: ['orders.*'] })
const allow = { effect: 'allow' }
const deny = { effect: 'deny' }

test('denies what no rule permits', () => {
  expect(decide([])).toEqual({ effect: 'deny', rules: [], reason: 'no rule permits it' })
  expect(decide([everyone])).toMatchObject({ effect: 'allow', rules: ['everyone'] })
})

test('denies when one forbid matches, whatever permits and in whatever order', () => {
  const frozen = forbid('frozen', { actions: ['orders.update'] })

  for (const rules of [
    [everyone, frozen],
    [frozen, everyone],
  ]) {
    expect(decide(rules)).toEqual({ effect: 'deny', rules: ['frozen'], reason: 'forbidden by "frozen"' })
    expect(decide(rules, { action: 'orders.read' })).toMatchObject(allow)
  }
})

test('decides on the values of the record', () => {
  const small = permit('small', { actions: ['orders.update'], where: { total: { lt: '500.00' } } })

  expect(decide([small], { resource: order({ total: '499.99' }) })).toMatchObject(allow)
  expect(decide([small], { resource: order({ total: '500.00' }) })).toMatchObject(deny)
})

test('a record that lacks a value the rule looks at counts against the request', () => {
  const { total: _, ...values } = order().values
  const resource = { values, related: {} }
  const small = permit('small', { actions: ['orders.update'], where: { total: { lt: '500.00' } } })
  const large = forbid('large', { actions: ['orders.update'], where: { total: { gte: '500.00' } } })

  expect(decide([small], { resource })).toMatchObject(deny)
  expect(decide([everyone, large], { resource })).toMatchObject({ ...deny, rules: ['large'] })
  expect(decide([everyone, large])).toMatchObject(allow)
})

test('an absent attribute makes a permit miss and a forbid match, negated or not', () => {
  const where = { region: { eq: { principal: 'region' } } }
  const own = permit('own', { actions: ['orders.update'], where })
  const foreign = forbid('foreign', { actions: ['orders.update'], where: { not: where } })
  const emea = { attributes: { region: 'emea' } }

  expect(decide([own], { who: emea })).toMatchObject(allow)
  expect(decide([own])).toMatchObject(deny)
  expect(decide([permit('negated', { actions: ['orders.update'], where: { not: where } })])).toMatchObject(
    deny,
  )
  expect(decide([everyone, foreign], { who: emea })).toMatchObject(allow)
  expect(decide([everyone, foreign])).toMatchObject({ ...deny, rules: ['foreign'] })
})

test.each([{ region: ['emea'] }, { region: 5 }, { region: true }])(
  'an attribute of another type is as good as absent: %j',
  (attributes) => {
    const own = permit('own', {
      actions: ['orders.update'],
      where: { region: { eq: { principal: 'region' } } },
    })

    expect(decide([own], { who: { attributes } })).toMatchObject(deny)
  },
)

test('attributes become values of the field', () => {
  const own = permit('own', {
    actions: ['orders.*'],
    where: { customer_id: { eq: { principal: 'customer' } } },
  })

  expect(decide([own], { who: { attributes: { customer: '7' } } })).toMatchObject(allow)
  expect(decide([own], { who: { attributes: { customer: 7 } } })).toMatchObject(allow)
  expect(decide([own], { who: { attributes: { customer: '8' } } })).toMatchObject(deny)
  expect(decide([own], { who: { attributes: { customer: 'seven' } } })).toMatchObject(deny)
})

test('nobody can set the attributes id and kind', () => {
  const own = permit('own', { actions: ['orders.*'], where: { region: { eq: { principal: 'id' } } } })
  const resource = order({ region: 'p1' })

  expect(decide([own], { resource })).toMatchObject(allow)
  expect(decide([own], { resource, who: { id: 'p2', attributes: { id: 'p1' } } })).toMatchObject(deny)
  expect(
    decide([
      permit('odd', { actions: ['orders.*'], where: { region: { eq: { principal: 'constructor' } } } }),
    ]),
  ).toMatchObject(deny)
})

test('membership in a set of the principal; the empty set has no members', () => {
  const teams = permit('teams', { actions: ['orders.*'], where: { region: { in: { principal: 'teams' } } } })
  const outside = forbid('outside', {
    actions: ['orders.*'],
    where: { not: { region: { in: { principal: 'teams' } } } },
  })

  expect(decide([teams], { who: { attributes: { teams: ['apac', 'emea'] } } })).toMatchObject(allow)
  expect(decide([teams], { who: { attributes: { teams: 'emea' } } })).toMatchObject(allow)
  expect(decide([teams], { who: { attributes: { teams: ['apac'] } } })).toMatchObject(deny)
  expect(decide([teams], { who: { attributes: { teams: [] } } })).toMatchObject(deny)
  expect(decide([everyone, outside], { who: { attributes: { teams: [] } } })).toMatchObject(deny)
})

test('contains asks for a member of a JSON array, not for a part of a text', () => {
  const big = permit('big', { actions: ['orders.*'], where: { labels: { contains: 'big' } } })

  expect(decide([big])).toMatchObject(allow)
  for (const labels of [null, '[]', '["bigger"]', '"big"', '{"big":1}', 'big', '[["big"]]']) {
    expect(decide([big], { resource: order({ labels }) })).toMatchObject(deny)
  }
})

test('and, or, not and several entries in one object', () => {
  const rule = permit('rule', {
    actions: ['orders.*'],
    where: {
      status: { ne: 'paid' },
      or: [{ region: { isNull: true } }, { not: { region: { in: ['apac'] } } }],
    },
  })

  expect(decide([rule])).toMatchObject(allow)
  expect(decide([rule], { resource: order({ region: null }) })).toMatchObject(allow)
  expect(decide([rule], { resource: order({ region: 'apac' }) })).toMatchObject(deny)
  expect(decide([rule], { resource: order({ status: 'paid' }) })).toMatchObject(deny)
})

test('one hop over a relation; a record without the other side has nothing there', () => {
  const own = permit('own', { actions: ['orders.*'], where: { customer: { region: { eq: 'emea' } } } })
  const foreign = forbid('foreign', {
    actions: ['orders.*'],
    where: { not: { customer: { region: { eq: 'emea' } } } },
  })

  expect(decide([own])).toMatchObject(allow)
  expect(decide([own], { resource: order({}, { region: 'apac' }) })).toMatchObject(deny)
  expect(decide([own], { resource: order({}, null) })).toMatchObject(deny)
  expect(decide([everyone, foreign], { resource: order({}, null) })).toMatchObject(deny)
  expect(decide([everyone, foreign])).toMatchObject(allow)
})

test('compares with the time and the address of the request', () => {
  const past = permit('past', { actions: ['orders.*'], where: { placed_at: { lt: { context: 'now' } } } })
  const due = permit('due', { actions: ['orders.*'], where: { due_on: { eq: { context: 'today' } } } })
  const near = permit('near', { actions: ['orders.*'], where: { region: { eq: { context: 'address' } } } })
  const policy = policyOf([past])
  const before = { now: Date.UTC(2026, 10, 20, 9) }

  expect(decide([past])).toMatchObject(allow)
  expect(decide([past], { circumstances: before })).toMatchObject(deny)
  // One policy, two moments: nothing of the first is kept.
  expect(policy.decide(request('orders.read'), order())).toMatchObject(allow)
  expect(policy.decide(request('orders.read', {}, before), order())).toMatchObject(deny)
  expect(decide([due], { resource: order({ due_on: '2026-11-21' }) })).toMatchObject(allow)
  expect(decide([due])).toMatchObject(deny)
  expect(decide([near], { resource: order({ region: '10.0.0.7' }) })).toMatchObject(allow)
})

test('roles are inherited', () => {
  const role = { title: '', description: '' }
  const roles = {
    support: role,
    lead: { ...role, inherits: ['support'] },
    head: { ...role, inherits: ['lead'] },
  }
  const policy = policyOf([permit('support', { roles: ['support'], actions: ['orders.*'] })], { roles })
  const of = (...held: string[]) => policy.decide(request('orders.read', { roles: held }), order())

  expect(of('head')).toMatchObject(allow)
  expect(of('lead')).toMatchObject(allow)
  expect(of()).toMatchObject(deny)
  expect(of('nonsense')).toMatchObject(deny)
})

test('a rule without kinds is never the system', () => {
  const system = permit('system', { kinds: ['system'], actions: ['orders.update'] })
  const who = { kind: 'system', roles: [] } as const

  expect(decide([everyone], { who })).toMatchObject(deny)
  expect(decide([system], { who })).toMatchObject(allow)
  expect(decide([system])).toMatchObject(deny)
  for (const kind of ['person', 'service', 'agent'] as const) {
    expect(decide([everyone], { who: { kind } })).toMatchObject(allow)
  }
})

test('an agent has what its person has, and never more', () => {
  const agent = { kind: 'agent', id: 'a1', onBehalfOf: 'p1' } as const
  const rulesOf = (effect: typeof permit, kinds: readonly ('person' | 'agent')[]) =>
    effect('one', { actions: ['orders.update'], kinds })

  expect(decide([everyone], { who: agent })).toMatchObject(allow)
  expect(decide([rulesOf(permit, ['person', 'agent'])], { who: agent })).toMatchObject(allow)
  // people alone: so said
  expect(decide([rulesOf(permit, ['person'])], { who: agent })).toMatchObject(deny)
  for (const kinds of [['person'], ['agent'], ['person', 'agent']] as const) {
    expect(decide([everyone, rulesOf(forbid, kinds)], { who: agent }), String(kinds)).toMatchObject(deny)
  }
  expect(decide([everyone, rulesOf(forbid, ['agent'])])).toMatchObject(allow)
})

test('what a condition says of a person it says of their agents', () => {
  const agent = { kind: 'agent', id: 'a1', onBehalfOf: 'p1' } as const
  const own = permit('own', { actions: ['orders.update'], where: { region: { eq: { principal: 'id' } } } })
  const others = permit('others', {
    actions: ['orders.update'],
    where: { region: { ne: { principal: 'id' } } },
  })
  const [persons, agents] = [order({ region: 'p1' }), order({ region: 'a1' })]

  expect(decide([own], { who: agent, resource: persons })).toMatchObject(allow)
  expect(decide([own], { who: agent, resource: agents })).toMatchObject(deny)
  // four eyes: nobody approves their own, by an agent of theirs neither
  expect(decide([others], { who: agent, resource: persons })).toMatchObject(deny)
  const kind = permit('kind', {
    actions: ['orders.update'],
    where: { status: { eq: { principal: 'kind' } } },
  })
  expect(decide([kind], { who: agent, resource: order({ status: 'agent' }) })).toMatchObject(deny)
})

test('a wildcard never reaches Castellan itself', () => {
  const all = permit('all', { actions: ['*.*'] })

  expect(decide([all], { action: 'orders.update' })).toMatchObject(allow)
  for (const action of ['castellan.people.list', 'castellan.audit.read', 'castellan.policy.read']) {
    expect(decide([all], { action, resource: null })).toMatchObject(deny)
  }
  const people = permit('people', { actions: ['castellan.people.*'] })
  expect(decide([people], { action: 'castellan.people.list', resource: null })).toMatchObject(allow)
})

test('a token is narrowed by its own limit and never widened', () => {
  const limitedTo = ['orders.read', 'customers.*']

  expect(decide([everyone], { action: 'orders.read', who: { limitedTo } })).toMatchObject(allow)
  expect(decide([everyone], { action: 'orders.update', who: { limitedTo } })).toEqual({
    effect: 'deny',
    rules: [],
    reason: 'the token is limited to other actions',
  })
  expect(decide([everyone], { action: 'customers.read', who: { limitedTo } })).toMatchObject(deny)
  expect(decide([everyone], { action: 'orders.read', who: { limitedTo: [] } })).toMatchObject(deny)
})

test('roles that exclude each other leave nothing', () => {
  const policy = policyOf([everyone], { constraints: [{ exclusive: ['support', 'admin'] }] })
  const of = (...roles: string[]) => policy.decide(request('orders.read', { roles }), order())

  expect(of('support')).toMatchObject(allow)
  expect(of('support', 'admin')).toMatchObject({
    reason: 'the roles "support" and "admin" exclude each other',
  })
  expect(policy.access(request('orders.list', { roles: ['support', 'admin'] })).isPossible).toBe(false)
})

test('hours hold from the first minute until before the last, in their zone', () => {
  const office = permit('office', { actions: ['orders.*'], when: { hours: '08:00-18:00 Europe/Berlin' } })
  const at = (time: string) => decide([office], { circumstances: { now: Date.parse(time) } })

  // Berlin is an hour ahead of UTC in winter and two in summer.
  expect(at('2026-11-21T06:59:59.999Z')).toMatchObject(deny)
  expect(at('2026-11-21T07:00:00Z')).toMatchObject(allow)
  expect(at('2026-11-21T16:59:59.999Z')).toMatchObject(allow)
  expect(at('2026-11-21T17:00:00Z')).toMatchObject(deny)
  expect(at('2026-07-01T06:00:00Z')).toMatchObject(allow)
  expect(at('2026-07-01T16:00:00Z')).toMatchObject(deny)
})

test('hours may span midnight', () => {
  const night = forbid('night', { actions: ['orders.*'], when: { hours: '22:00-06:00 UTC' } })
  const at = (time: string) => decide([everyone, night], { circumstances: { now: Date.parse(time) } })

  for (const dark of ['22:00', '23:59', '00:00', '05:59'])
    expect(at(`2026-11-21T${dark}Z`)).toMatchObject(deny)
  for (const light of ['06:00', '12:00', '21:59']) expect(at(`2026-11-21T${light}Z`)).toMatchObject(allow)
})

test('one policy answers anew when circumstances change', () => {
  const policy = policyOf([
    permit('office', { actions: ['orders.*'], when: { network: 'office' } }),
    permit('strong', { actions: ['orders.*'], when: { assurance: 3 } }),
  ])
  const rulesUnder = (circumstances: Partial<Circumstances>) =>
    policy.decide(request('orders.read', {}, circumstances), order()).rules

  for (const _ of [1, 2]) {
    expect(rulesUnder({})).toEqual([])
    expect(rulesUnder({ networks: ['office'] })).toEqual(['office'])
    expect(rulesUnder({ assurance: 3 })).toEqual(['strong'])
    expect(rulesUnder({ assurance: 3, networks: ['office'] })).toEqual(['office', 'strong'])
  }
})

test('network and assurance', () => {
  const office = permit('office', { actions: ['orders.*'], when: { network: 'office', assurance: 2 } })

  expect(decide([office], { circumstances: { networks: ['office'] } })).toMatchObject(allow)
  expect(decide([office], { circumstances: { networks: ['office'], assurance: 1 } })).toMatchObject(deny)
  expect(decide([office], { circumstances: { networks: ['home'] } })).toMatchObject(deny)
})

test('the strictest obligation of the matching permits holds', () => {
  const rules = [
    permit('a', {
      actions: ['orders.update'],
      obligations: { confirm: true, ticket: 'A-\\d+', stepUpWithin: '1h' },
    }),
    permit('b', {
      actions: ['orders.*'],
      obligations: { reason: true, ticket: 'B-\\d+', stepUpWithin: '5m' },
    }),
    permit('c', {
      actions: ['orders.update'],
      where: { archived: { eq: true } },
      obligations: { stepUpWithin: '1s' },
    }),
  ]

  expect(decide(rules)).toMatchObject({
    rules: ['a', 'b'],
    obligations: {
      confirm: true,
      reason: true,
      tickets: ['A-\\d+', 'B-\\d+'],
      stepUpWithinMs: 300_000,
      approvals: 0,
    },
  })
  expect(decide([everyone])).toMatchObject({
    obligations: { confirm: false, reason: false, tickets: [], stepUpWithinMs: Number.POSITIVE_INFINITY },
  })
})

const ALL = ['id', 'customer_id', 'total', 'status', 'region', 'archived', 'placed_at', 'due_on', 'labels']

function fieldsOf(rules: readonly Rule[], asked: Asked = {}): readonly string[] {
  const decision = decide(rules, asked)
  return decision.effect === 'allow' ? [...decision.fields] : []
}

test('grants all fields but the secret and the hidden, unless they are named', () => {
  expect(fieldsOf([everyone])).toEqual(ALL)
  expect(fieldsOf([permit('a', { actions: ['orders.*'], fields: ['total', 'margin'] })])).toEqual(['total'])
  expect(fieldsOf([permit('a', { actions: ['orders.*'], fields: { except: ['total'] } })])).toEqual(
    ALL.filter((name) => name !== 'total'),
  )
})

test('a secret field is granted when it is named, for writing only', () => {
  const token = permit('token', { actions: ['orders.*'], fields: ['provider_token'] })

  expect(fieldsOf([token])).toEqual(['provider_token'])
  for (const action of ['orders.read', 'orders.list', 'orders.export', 'orders.reveal', 'orders.history']) {
    expect(fieldsOf([token], { action })).toEqual([])
  }
})

test('a forbid with fields takes those away and nothing else', () => {
  const rules = [
    everyone,
    forbid('no-total', { actions: ['orders.*'], fields: ['total'], where: { archived: { eq: true } } }),
  ]

  expect(fieldsOf(rules)).toEqual(ALL)
  expect(fieldsOf(rules, { resource: order({ archived: true }) })).toEqual(
    ALL.filter((name) => name !== 'total'),
  )
})

test('without a record, a condition counts as possible only where scope or post-image narrows later', () => {
  const own = permit('own', {
    actions: ['orders.*'],
    where: { region: { eq: 'emea' } },
    obligations: { reason: true },
  })
  const archived = forbid('archived', { actions: ['orders.*'], where: { archived: { eq: true } } })

  for (const verb of ['list', 'create', 'export']) {
    const asked = { action: `orders.${verb}`, resource: null }
    expect(decide([own, archived], asked)).toMatchObject({ ...allow, obligations: { reason: true } })
  }
  expect(decide([own], { action: 'orders.import', resource: null })).toMatchObject(deny)
  expect(decide([everyone], { action: 'orders.import', resource: null })).toMatchObject(allow)
  expect(decide([everyone, archived], { action: 'orders.import', resource: null })).toMatchObject(deny)
})

test('a model that is not there gets nothing by a rule with a condition', () => {
  const rule = permit('rule', { actions: ['*.list'], where: { id: { gt: 0 } } })

  expect(MODELS.has('secrets')).toBe(false)
  expect(decide([rule], { action: 'orders.list', resource: null })).toMatchObject(allow)
  expect(decide([rule], { action: 'secrets.list', resource: null })).toMatchObject(deny)
})
