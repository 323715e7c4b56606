import { expect, test } from 'vitest'
import { compilePolicy } from './compile.ts'
import { MODELS, order, request } from './fixture.ts'
import { SEEDED_POLICY } from './seeded.ts'
import { OWN_VERBS, RECORD_VERBS } from './verbs.ts'

const policy = compilePolicy(SEEDED_POLICY, MODELS, { version: 'seeded' })

const OWN_ACTIONS = Object.entries(OWN_VERBS).flatMap(([model, verbs]) =>
  verbs.map((verb) => `${model}.${verb}`),
)
const ACTIONS = [...RECORD_VERBS.map((verb) => `orders.${verb}`), ...OWN_ACTIONS]
const ROLES = ['superadmin', 'admin', 'support', 'auditor', 'security-officer']

/** A record of someone else. */
const foreign = { values: { ...order().values, person_id: 'p2', principal_id: 'p2' }, related: {} }
const own = { values: { ...order().values, person_id: 'p1', principal_id: 'p1' }, related: {} }

/** The cell of the table: `no`, `yes`, or what it takes. */
function cell(role: string, action: string, resource = foreign): string {
  const decision = policy.decide(request(action, { roles: [role] }), resource)
  if (decision.effect === 'deny') return 'no'
  const { confirm, reason, stepUpWithinMs } = decision.obligations
  const asked = [
    stepUpWithinMs === 300_000 && 'step-up',
    confirm && 'confirm',
    reason && 'reason',
    Number.isFinite(stepUpWithinMs) && stepUpWithinMs !== 300_000 && 'another step-up',
  ].filter((one) => one !== false)
  return asked.join(', ') || 'yes'
}

/** Rows: actions. Columns: superadmin, admin, support, auditor, security officer. */
const TABLE: readonly [readonly string[], readonly string[]][] = [
  [
    ['orders.list', 'orders.read', 'orders.history'],
    ['yes', 'yes', 'yes', 'yes', 'no'],
  ],
  [
    ['orders.create', 'orders.import'],
    ['yes', 'yes', 'no', 'no', 'no'],
  ],
  [['orders.update'], ['yes', 'yes', 'yes', 'no', 'no']],
  [['orders.revert'], ['yes', 'yes', 'no', 'no', 'no']],
  [
    ['orders.delete', 'orders.restore'],
    ['yes', 'confirm', 'no', 'no', 'no'],
  ],
  [
    ['orders.purge', 'orders.bulk-update', 'orders.bulk-delete', 'orders.bulk-restore', 'orders.bulk-purge'],
    ['step-up, confirm', 'no', 'no', 'no', 'no'],
  ],
  [
    ['orders.export', 'orders.reveal'],
    ['reason', 'reason', 'no', 'no', 'no'],
  ],
  [
    ['castellan.people.list', 'castellan.people.read', 'castellan.tokens.list', 'castellan.policy.read'],
    ['yes', 'no', 'no', 'yes', 'yes'],
  ],
  [
    [
      ...['create', 'invite', 'update', 'activate', 'deactivate', 'reset-credentials', 'renew-password'].map(
        (verb) => `castellan.people.${verb}`,
      ),
      ...['reject', 'delete', 'grant-role', 'revoke-role'].map((verb) => `castellan.people.${verb}`),
      'castellan.tokens.create',
      'castellan.tokens.revoke',
    ],
    ['step-up', 'no', 'no', 'no', 'step-up'],
  ],
  [['castellan.agents.create'], ['step-up', 'step-up', 'step-up', 'step-up', 'step-up']],
  [['castellan.agents.list'], ['yes', 'no', 'no', 'yes', 'yes']],
  [['castellan.agents.revoke'], ['yes', 'no', 'no', 'no', 'yes']],
  [['castellan.keys.list'], ['yes', 'no', 'no', 'yes', 'yes']],
  [
    ['castellan.keys.rotate', 'castellan.keys.revoke'],
    ['step-up, reason', 'no', 'no', 'no', 'step-up, reason'],
  ],
  [['castellan.fields.list'], ['yes', 'no', 'no', 'yes', 'yes']],
  [['castellan.fields.classify'], ['step-up', 'no', 'no', 'no', 'no']],
  [
    ['castellan.sessions.list', 'castellan.sessions.read'],
    ['yes', 'no', 'no', 'yes', 'yes'],
  ],
  [
    ['castellan.sessions.end', 'castellan.sessions.bulk-end', 'castellan.sessions.end-all'],
    ['yes', 'no', 'no', 'no', 'yes'],
  ],
  [
    [
      'castellan.audit.list',
      'castellan.audit.read',
      'castellan.audit.checkpoint',
      'castellan.audit.verify',
      'castellan.audit.activity',
    ],
    ['yes', 'no', 'no', 'yes', 'yes'],
  ],
  [['castellan.audit.export'], ['no', 'no', 'no', 'yes', 'no']],
  [['castellan.audit.erase'], ['step-up, confirm', 'no', 'no', 'no', 'step-up, confirm']],
]

test('every action of every role is as the table says', () => {
  expect(TABLE.flatMap(([actions]) => actions).sort()).toEqual([...ACTIONS].sort())
  for (const [actions, cells] of TABLE) {
    for (const action of actions) {
      expect([action, ...ROLES.map((role) => cell(role, action))]).toEqual([action, ...cells])
    }
  }
})

test('admin and support read their own events and no others', () => {
  for (const role of ['admin', 'support']) {
    expect(cell(role, 'castellan.audit.read', own)).toBe('yes')
    expect(cell(role, 'castellan.audit.read', foreign)).toBe('no')
    expect(policy.access(request('castellan.audit.list', { roles: [role] })).scope).toEqual({
      kind: 'compare',
      field: 'principal_id',
      operator: 'eq',
      value: 'p1',
    })
  }
})

test('every person lists, reads and ends their own sessions, whatever their roles', () => {
  for (const role of [...ROLES, 'nobody']) {
    for (const verb of ['list', 'read', 'end'])
      expect(cell(role, `castellan.sessions.${verb}`, own)).toBe('yes')
  }
  expect(policy.access(request('castellan.sessions.list', { roles: [] })).scope).toMatchObject({
    field: 'person_id',
  })
  expect(policy.access(request('castellan.sessions.list', { kind: 'service', roles: [] })).isPossible).toBe(
    false,
  )
})

test('the system holds these actions and no others', () => {
  const held = ACTIONS.filter((action) => {
    const asked = request(action, { kind: 'system', id: 'root', roles: [] })
    return policy.decide(asked, foreign).effect === 'allow' || policy.access(asked).isPossible
  })

  expect(held.sort()).toEqual([
    'castellan.audit.erase',
    'castellan.audit.export',
    'castellan.audit.verify',
    'castellan.fields.classify',
    'castellan.fields.list',
    'castellan.keys.list',
    'castellan.keys.revoke',
    'castellan.keys.rotate',
    'castellan.people.activate',
    'castellan.people.create',
    'castellan.people.deactivate',
    'castellan.people.grant-role',
    'castellan.people.invite',
    'castellan.people.list',
    'castellan.people.renew-password',
    'castellan.people.reset-credentials',
    'castellan.people.revoke-role',
    'castellan.sessions.end',
    'castellan.sessions.list',
    'castellan.tokens.create',
    'castellan.tokens.list',
    'castellan.tokens.revoke',
  ])
})

test('no role makes the system more than it is', () => {
  const asked = request('orders.list', { kind: 'system', roles: ['superadmin'] })

  expect(policy.decide(asked, foreign)).toMatchObject({ effect: 'deny' })
})

test('no role reads or sets a secret field', () => {
  for (const role of ROLES) {
    for (const verb of RECORD_VERBS) {
      const { fieldsSomewhere } = policy.access(request(`orders.${verb}`, { roles: [role] }))
      expect(fieldsSomewhere.has('provider_token')).toBe(false)
    }
  }
  expect(policy.access(request('orders.read', { roles: ['support'] })).fieldsEverywhere.has('total')).toBe(
    true,
  )
})

test('each role says in one sentence what it can do and what it cannot', () => {
  expect(Object.keys(SEEDED_POLICY.roles)).toEqual(ROLES)
  for (const { title, description } of Object.values(SEEDED_POLICY.roles)) {
    expect(title).not.toBe('')
    expect(description).toMatch(/^[A-Z][^.]*; [^.]*\.$/)
  }
})

test('nobody can be auditor and change what they audit', () => {
  const both = request('orders.read', { roles: ['auditor', 'admin'] })

  expect(policy.decide(both, foreign)).toMatchObject({ effect: 'deny' })
})
