import { expect, test } from 'vitest'
import { AdminError, type Mistake } from '../errors.ts'
import { compilePolicy } from './compile.ts'
import type { PolicyDocument, Rule } from './document.ts'
import { MODELS, policyOf } from './fixture.ts'
import { forbid, permit, type RuleOptions } from './permit.ts'

function mistakesIn(rules: readonly Rule[], differing: Partial<PolicyDocument> = {}): readonly Mistake[] {
  try {
    policyOf(rules, differing)
  } catch (error) {
    if (error instanceof AdminError && error.code === 'misconfigured') return error.mistakes
    throw error
  }
  return []
}

/** One rule over orders, with whatever a file could hold. */
function mistakesOf(options: { readonly [name: string]: unknown }): readonly Mistake[] {
  // a document from a file has no types
  return mistakesIn([permit('rule', { actions: ['orders.*'], ...options } as RuleOptions)])
}

const WRONG: readonly [string, { readonly [name: string]: unknown }, string, string][] = [
  ['an unknown role', { roles: ['suport'] }, 'P101 policy.rules.rule.roles', 'Did you mean "support"?'],
  ['no role at all', { roles: [] }, 'P114 policy.rules.rule.roles', 'Name at least one'],
  ['an unknown kind', { kinds: ['robot'] }, 'P117 policy.rules.rule.kinds', '"person", "service"'],
  [
    'agents that get more than people',
    { kinds: ['agent'] },
    'P117 policy.rules.rule.kinds',
    'Name "person" as well',
  ],
  ['no action', { actions: [] }, 'P114 policy.rules.rule.actions', '"orders.list"'],
  [
    'an unknown model',
    { actions: ['order.list'] },
    'P102 policy.rules.rule.actions',
    'Did you mean "orders"?',
  ],
  [
    'an own model that is not there',
    { actions: ['castellan.locks.list'] },
    'P102 policy.rules.rule.actions',
    '',
  ],
  ['an unknown verb', { actions: ['orders.raed'] }, 'P103 policy.rules.rule.actions', 'Did you mean "read"?'],
  [
    'an unknown verb anywhere',
    { actions: ['*.lst'] },
    'P103 policy.rules.rule.actions',
    'Did you mean "list"?',
  ],
  ['half a wildcard', { actions: ['order*.list'] }, 'P103 policy.rules.rule.actions', 'Write "orders.list"'],
  ['no verb', { actions: ['orders'] }, 'P103 policy.rules.rule.actions', 'Write "orders.list"'],
  [
    'an unknown field granted',
    { fields: ['totl'] },
    'P104 policy.rules.rule.fields',
    'Did you mean "total"?',
  ],
  [
    'an unknown field excepted',
    { fields: { except: ['totl'] } },
    'P104 policy.rules.rule.fields.except',
    '"total"',
  ],
  ['no field', { fields: [] }, 'P114 policy.rules.rule.fields', 'leave it out'],
  [
    'an unknown field asked',
    { where: { regoin: { eq: 'x' } } },
    'P104 policy.rules.rule.where.regoin',
    '"region"',
  ],
  [
    'an unknown relation',
    { where: { custmer: { name: { eq: 'x' } } } },
    'P104 policy.rules.rule.where.custmer',
    '"customer"',
  ],
  [
    'a field that is not there behind a relation',
    { where: { customer: { nam: { eq: 'x' } } } },
    'P104 policy.rules.rule.where.customer.nam',
    'Did you mean "name"?',
  ],
  [
    'a hop to many records',
    { actions: ['customers.list'], where: { orders: { total: { gt: '1' } } } },
    'P105 policy.rules.rule.where.orders',
    'one record',
  ],
  [
    'a second hop',
    { where: { customer: { orders: { total: { gt: '1' } } } } },
    'P105 policy.rules.rule.where.customer.orders',
    'one record',
  ],
  [
    'an unknown operator',
    { where: { total: { less: '1' } } },
    'P106 policy.rules.rule.where.total.less',
    '"lt"',
  ],
  [
    'an order of truths',
    { where: { archived: { gt: false } } },
    'P106 policy.rules.rule.where.archived.gt',
    '',
  ],
  [
    'an order of choices',
    { where: { status: { lt: 'paid' } } },
    'P106 policy.rules.rule.where.status.lt',
    '',
  ],
  ['a comparison of JSON', { where: { labels: { eq: '[]' } } }, 'P106 policy.rules.rule.where.labels.eq', ''],
  [
    'a member of a text',
    { where: { region: { contains: 'e' } } },
    'P106 policy.rules.rule.where.region.contains',
    '',
  ],
  [
    'a secret looked at',
    { where: { provider_token: { eq: 'x' } } },
    'P106 policy.rules.rule.where.provider_token',
    '',
  ],
  ['text for a number', { where: { id: { eq: 'one' } } }, 'P107 policy.rules.rule.where.id.eq', ''],
  [
    'a choice that is none',
    { where: { status: { eq: 'payed' } } },
    'P107 policy.rules.rule.where.status.eq',
    '',
  ],
  [
    'a member that does not fit',
    { where: { id: { in: [1, 'x'] } } },
    'P107 policy.rules.rule.where.id.in[1]',
    '',
  ],
  ['one value for a set', { where: { id: { in: 1 } } }, 'P107 policy.rules.rule.where.id.in', ''],
  ['NULL as a value', { where: { region: { eq: null } } }, 'P107 policy.rules.rule.where.region.eq', ''],
  [
    'an unknown context',
    { where: { region: { eq: { context: 'adress' } } } },
    'P107 policy.rules.rule.where.region.eq',
    '"address"',
  ],
  [
    'a context of another type',
    { where: { total: { lt: { context: 'now' } } } },
    'P107 policy.rules.rule.where.total.lt',
    'timestamps',
  ],
  [
    'isNull of a text',
    { where: { region: { isNull: 'yes' } } },
    'P107 policy.rules.rule.where.region.isNull',
    '',
  ],
  ['an empty condition', { where: {} }, 'P114 policy.rules.rule.where', 'leave it out'],
  ['an empty negation', { where: { not: {} } }, 'P114 policy.rules.rule.where.not', ''],
  ['an empty conjunction', { where: { and: [] } }, 'P114 policy.rules.rule.where.and', ''],
  ['an empty comparison', { where: { region: {} } }, 'P114 policy.rules.rule.where.region', ''],
  [
    'hours of a longer day',
    { when: { hours: '08:00-25:00 UTC' } },
    'P108 policy.rules.rule.when.hours',
    '08:00-18:00',
  ],
  ['hours of nothing', { when: { hours: '08:00-08:00 UTC' } }, 'P108 policy.rules.rule.when.hours', ''],
  ['hours without a zone', { when: { hours: '08:00-18:00' } }, 'P108 policy.rules.rule.when.hours', ''],
  [
    'hours in no zone',
    { when: { hours: '08:00-18:00 Europe/Bern' } },
    'P108 policy.rules.rule.when.hours',
    '',
  ],
  ['an unknown network', { when: { network: 'ofice' } }, 'P109 policy.rules.rule.when.network', '"office"'],
  ['an assurance of none', { when: { assurance: 4 } }, 'P116 policy.rules.rule.when.assurance', ''],
  ['an empty when', { when: {} }, 'P114 policy.rules.rule.when', ''],
  [
    'a length of no time',
    { obligations: { stepUpWithin: '5' } },
    'P110 policy.rules.rule.obligations.stepUpWithin',
    '"5m"',
  ],
  [
    'no time at all',
    { obligations: { stepUpWithin: '0m' } },
    'P110 policy.rules.rule.obligations.stepUpWithin',
    '',
  ],
  [
    'a broken ticket pattern',
    { obligations: { ticket: '(' } },
    'P111 policy.rules.rule.obligations.ticket',
    '',
  ],
  [
    'approvals, which nothing asks for yet',
    { obligations: { approvals: 1 } },
    'P117 policy.rules.rule.obligations.approvals',
    '',
  ],
  [
    'a reason that is none',
    { obligations: { reason: 'yes' } },
    'P117 policy.rules.rule.obligations.reason',
    '',
  ],
  [
    'an unknown obligation',
    { obligations: { raeson: true } },
    'P117 policy.rules.rule.obligations.raeson',
    '"reason"',
  ],
  [
    'a misspelt where',
    { wehre: { region: { eq: 'x' } } },
    'P117 policy.rules.rule.wehre',
    'Did you mean "where"?',
  ],
  ['a wildcard for the system', { kinds: ['system'] }, 'P115 policy.rules.rule.actions', 'Name each action.'],
  [
    'a role for the system',
    { kinds: ['system'], actions: ['orders.list'], roles: ['support'] },
    'P117 policy.rules.rule.roles',
    '',
  ],
]

test.each(WRONG)('finds %s', (_, options, place, remedy) => {
  const mistakes = mistakesOf(options)

  expect(mistakes.map((one) => `${one.id} ${one.place}`)).toEqual([place])
  expect(mistakes[0]?.remedy).toContain(remedy)
})

test('takes what a rule may say', () => {
  const options: RuleOptions = {
    actions: ['orders.*'],
    roles: ['support', 'admin'],
    kinds: ['person', 'service'],
    fields: { except: ['total'] },
    where: {
      id: { in: [1, 2] },
      total: { gte: 5, lt: '500.00' },
      region: { in: { principal: 'teams' }, isNull: false },
      labels: { contains: 'new' },
      placed_at: { lt: { context: 'now' } },
      due_on: { gte: { context: 'today' } },
      or: [{ customer: { region: { eq: { principal: 'region' } } } }, { not: { archived: { eq: true } } }],
    },
    when: { hours: '22:00-24:00 Europe/Berlin', network: 'office', assurance: 3 },
    obligations: { reason: true, confirm: true, ticket: '^OPS-\\d+$', stepUpWithin: '30s' },
  }

  expect(mistakesIn([permit('rule', options)])).toEqual([])
})

test('reports every mistake at once, with place, problem and remedy', () => {
  const rules = [
    permit('one', { roles: ['nobody'], actions: ['orders.list'] }),
    permit('two', { actions: ['customer.list'] }),
  ]

  expect(() => policyOf(rules)).toThrow(
    [
      'P101 policy.rules.one.roles: There is no role "nobody". There are "support", "admin".',
      'P102 policy.rules.two.actions: There is no model "customer". Did you mean "customers"?',
    ].join('\n'),
  )
})

test('tells a mistake over many models once', () => {
  const [mistake, ...others] = mistakesIn([
    permit('rule', { actions: ['*.list'], where: { total: { gt: 1 } } }),
  ])

  expect(others).toEqual([])
  expect(mistake?.problem).toBe('"customers" has no field "total".')
  expect(mistakesIn([permit('rule', { actions: ['*.list'], where: { colour: { gt: 1 } } })])).toMatchObject([
    { problem: '"orders" has no field "colour". The same holds for one more model.' },
  ])
})

test('ids are unique and in kebab-case', () => {
  const rule = (id: string) => permit(id, { actions: ['orders.list'] })

  expect(mistakesIn([rule('same'), rule('same')])).toMatchObject([
    { id: 'P112', problem: '2 rules have this id.' },
  ])
  expect(mistakesIn([rule('Not Kebab')])).toMatchObject([{ id: 'P112' }])
})

test('a forbid obliges to nothing', () => {
  const rule = { ...forbid('rule', { actions: ['orders.list'] }), obligations: { reason: true } }

  expect(mistakesIn([rule])).toMatchObject([{ id: 'P117', place: 'policy.rules.rule.obligations' }])
})

test('roles inherit from roles that exist, and not in a circle', () => {
  const role = (...inherits: string[]) => ({ title: '', description: '', inherits })

  expect(mistakesIn([], { roles: { a: role('b'), b: role() } })).toEqual([])
  expect(mistakesIn([], { roles: { a: role('c'), b: role() } })).toMatchObject([{ id: 'P101' }])
  expect(mistakesIn([], { roles: { a: role('b'), b: role('a') } })).toMatchObject([
    { id: 'P113' },
    { id: 'P113' },
  ])
  expect(mistakesIn([], { roles: { a: role('a') } })).toMatchObject([{ id: 'P113' }])
})

test('role names that could be mistaken for each other are refused', () => {
  for (const name of ['Admin', 'admin ', 'аdmin', 'admin.', '']) {
    expect(mistakesIn([], { roles: { [name]: { title: '', description: '' } } })).toMatchObject([
      { id: 'P112' },
    ])
  }
})

test('constraints name at least two roles that exist', () => {
  expect(mistakesIn([], { constraints: [{ exclusive: ['support', 'admin'] }] })).toEqual([])
  expect(mistakesIn([], { constraints: [{ exclusive: ['support'] }] })).toMatchObject([{ id: 'P114' }])
  expect(mistakesIn([], { constraints: [{ exclusive: ['support', 'boss'] }] })).toMatchObject([
    { id: 'P101' },
  ])
})

test('a document with keys that nobody knows is refused', () => {
  const differing = { limits: [] } as Partial<PolicyDocument>

  expect(mistakesIn([], differing)).toMatchObject([{ id: 'P117', place: 'policy.limits' }])
})

test('own actions are known once they are named', () => {
  const document = { roles: {}, rules: [permit('refund', { actions: ['orders.refund', '*.archive'] })] }
  const compiled = (actions: readonly string[]) => () =>
    compilePolicy(document, MODELS, { version: '', actions })

  expect(compiled([])).toThrow('P103')
  expect(compiled(['orders.refund', '*.archive'])).not.toThrow()
})

test('a field and a relation of one name are told apart by what is asked', () => {
  const orders = MODELS.get('orders')
  if (!orders) throw new Error('The fixture has orders.')
  const relations = orders.relations.map((relation) => ({ ...relation, name: 'region' }))
  const models = new Map([...MODELS, ['orders', { ...orders, relations }]])
  const where = { and: [{ region: { eq: 'emea' } }, { region: { name: { eq: 'Ana' } } }] }
  const document = { roles: {}, rules: [permit('rule', { actions: ['orders.list'], where })] }

  const { scope } = compilePolicy(document, models, { version: '' }).access({
    action: 'orders.list',
    subject: { kind: 'person', id: 'p', roles: [], attributes: {}, limitedTo: null },
    circumstances: { now: 0, address: '', networks: [], assurance: 1 },
  })

  expect(scope).toMatchObject({ of: [{ kind: 'compare' }, { kind: 'related', where: { field: 'name' } }] })
})
