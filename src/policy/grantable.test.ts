import { expect, test } from 'vitest'
import { compilePolicy } from './compile.ts'
import { MODELS, policyOf } from './fixture.ts'
import { conflictingRoles, grantableRoles, mayGrant } from './grantable.ts'
import { forbid, permit } from './permit.ts'
import { SEEDED_POLICY } from './seeded.ts'

const seeded = compilePolicy(SEEDED_POLICY, MODELS, { version: '' })
const role = { title: '', description: '' }

test('a superadmin may grant every role that there is', () => {
  expect(grantableRoles(seeded, ['superadmin'])).toEqual(Object.keys(SEEDED_POLICY.roles))
  expect(mayGrant(seeded, ['superadmin'], 'nonsense')).toBe(false)
  expect(mayGrant(seeded, ['superadmin'], 'constructor')).toBe(false)
})

test('nobody else may grant what they do not hold', () => {
  expect(grantableRoles(seeded, ['security-officer'])).toEqual(['security-officer'])
  expect(grantableRoles(seeded, ['admin', 'support'])).toEqual(['admin', 'support'])
  expect(grantableRoles(seeded, [])).toEqual([])
})

test('inherited roles are held, and inherited rules are granted', () => {
  const roles = { clerk: role, lead: { ...role, inherits: ['clerk'] }, head: { ...role, inherits: ['lead'] } }
  const rules = [
    permit('clerk', { roles: ['clerk'], actions: ['orders.list'] }),
    permit('lead', { roles: ['lead'], actions: ['orders.update'] }),
  ]
  const policy = policyOf(rules, { roles })

  expect(mayGrant(policy, ['lead'], 'clerk')).toBe(true)
  expect(mayGrant(policy, ['clerk'], 'lead')).toBe(false)
  expect(mayGrant(policy, ['clerk'], 'head')).toBe(false)
})

test('a prohibition on the grantor must bind the role as well', () => {
  const rules = [
    permit('both', { roles: ['support', 'admin'], actions: ['orders.*'] }),
    forbid('support-never-deletes', { roles: ['support'], actions: ['orders.delete'] }),
  ]

  expect(mayGrant(policyOf(rules), ['support'], 'admin')).toBe(false)
  expect(mayGrant(policyOf(rules), ['admin'], 'support')).toBe(true)
  expect(mayGrant(policyOf(rules.slice(0, 1)), ['support'], 'admin')).toBe(true)
})

test('what only services hold is not held by a person', () => {
  const rules = [permit('machines', { roles: ['admin'], kinds: ['service'], actions: ['orders.*'] })]

  expect(mayGrant(policyOf(rules), ['admin'], 'admin')).toBe(false)
})

test('roles that exclude each other are named', () => {
  expect(conflictingRoles(seeded, ['auditor', 'admin'])).toEqual(['auditor', 'admin'])
  expect(conflictingRoles(seeded, ['auditor', 'security-officer'])).toBeNull()
})
