import { expect, test } from 'vitest'
import type { Principal } from '../identity/principal.ts'
import { compilePolicy } from '../policy/compile.ts'
import type { PrincipalKind } from '../policy/document.ts'
import { mustBeAnother, mustGrant } from './granting.ts'

const role = { title: 'Role', description: 'A role.' }
const policy = compilePolicy(
  {
    roles: { superadmin: role, boss: role, clerk: role, auditor: role },
    rules: [
      { id: 'boss-does-all', effect: 'permit', roles: ['boss', 'superadmin'], actions: ['*.*'] },
      { id: 'clerk-lists', effect: 'permit', roles: ['clerk', 'boss', 'superadmin'], actions: ['*.list'] },
      { id: 'auditor-reads', effect: 'permit', roles: ['auditor'], actions: ['*.read'] },
    ],
    constraints: [{ exclusive: ['auditor', 'boss'] }],
  },
  new Map(),
  { version: 'test' },
)

function principal(
  roles: readonly string[],
  kind: PrincipalKind = 'person',
  limitedTo: readonly string[] | null = null,
) {
  const one: Principal = {
    subject: { kind, id: 'p1', roles, attributes: {}, limitedTo },
    name: 'Ana',
    email: null,
    authentication: { methods: [], assurance: 2, at: 0 },
    sessionHash: null,
    sessionId: null,
    timeZone: 'UTC',
    locale: 'en',
  }
  return one
}

test('an agent changes nothing of its person, as they could not', () => {
  const one = principal(['boss'], 'agent', ['*.*'])
  const agent: Principal = { ...one, subject: { ...one.subject, id: 'a1', onBehalfOf: 'p1' } }

  expect(() => mustBeAnother(agent, 'castellan.people.update', 'p1', 'attributes')).toThrow(/own attributes/)
  expect(() => mustBeAnother(agent, 'castellan.people.update', 'p2', 'attributes')).not.toThrow()
})

const grant = (who: Principal, given: readonly string[], held: readonly string[] = []) =>
  mustGrant(policy, who, 'castellan.people.grant-role', { given, held, field: 'role' })

test('lets someone grant a role whose every right they have', () => {
  expect(() => grant(principal(['boss']), ['clerk'])).not.toThrow()
  expect(() => grant(principal(['superadmin']), ['boss', 'clerk'])).not.toThrow()
})

test('refuses to grant what one does not hold', () => {
  expect(() => grant(principal(['clerk']), ['boss'])).toThrow(
    expect.objectContaining({ code: 'denied', message: expect.stringContaining('"boss"') }),
  )
  expect(() => grant(principal([]), ['clerk'])).toThrow(expect.objectContaining({ code: 'denied' }))
})

test('refuses a role that does not exist, with those that do', () => {
  for (const name of ['king', 'constructor', '__proto__', 'Boss', 'boss ']) {
    expect(() => grant(principal(['superadmin']), [name])).toThrow(
      expect.objectContaining({
        code: 'invalid-input',
        fields: { role: [expect.stringContaining('"clerk"')] },
      }),
    )
  }
})

test('refuses roles that exclude each other, together or beside those held', () => {
  const refusal = expect.objectContaining({ code: 'invalid-input' })

  expect(() => grant(principal(['superadmin']), ['auditor', 'boss'])).toThrow(refusal)
  expect(() => grant(principal(['superadmin']), ['auditor'], ['boss'])).toThrow(refusal)
  expect(() => grant(principal(['superadmin']), ['auditor'], ['clerk'])).not.toThrow()
})

test('lets a token grant only when nothing narrows it', () => {
  expect(() => grant(principal(['superadmin'], 'service'), ['clerk'])).not.toThrow()
  expect(() => grant(principal(['superadmin'], 'service', ['castellan.people.create']), ['clerk'])).toThrow(
    expect.objectContaining({ code: 'denied' }),
  )
})

test('lets the system grant, which holds no role', () => {
  expect(() => grant(principal([], 'system'), ['superadmin'])).not.toThrow()
})

test('lets nobody change their own roles, and others theirs', () => {
  expect(() => mustBeAnother(principal(['superadmin']), 'a.b', 'p1', 'roles')).toThrow(
    expect.objectContaining({ code: 'denied' }),
  )
  expect(() => mustBeAnother(principal(['superadmin']), 'a.b', 'p2', 'roles')).not.toThrow()
})
