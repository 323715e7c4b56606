import { expect, test } from 'vitest'
import type { PolicyDocument, Rule } from '../../../policy/document.ts'
import { cellOf, heldRoles, rulesOfRole } from './matrix.ts'

function policy(...rules: readonly (Partial<Rule> & { readonly id: string })[]): PolicyDocument {
  return {
    roles: {
      support: { title: 'Support', description: '' },
      lead: { title: 'Lead', description: '', inherits: ['support'] },
    },
    rules: rules.map((rule) => ({ effect: 'permit', actions: ['orders.update'], ...rule })),
  }
}

function state(document: PolicyDocument, role = 'support', action = 'orders.update') {
  return cellOf(document, role, action).state
}

test('denies what no rule permits', () => {
  expect(state(policy())).toBe('denied')
  expect(state(policy({ id: 'a', roles: ['auditor'] }))).toBe('denied')
  expect(state(policy({ id: 'a', actions: ['orders.delete'] }))).toBe('denied')
})

test('allows by name, by wildcard and by inheritance', () => {
  expect(state(policy({ id: 'a', roles: ['support'] }))).toBe('allowed')
  expect(state(policy({ id: 'a', actions: ['*.*'] }))).toBe('allowed')
  expect(state(policy({ id: 'a', roles: ['support'] }), 'lead')).toBe('allowed')
})

test("never lets a wildcard reach Castellan's own models", () => {
  expect(state(policy({ id: 'a', actions: ['*.*'] }), 'support', 'castellan.people.list')).toBe('denied')
  expect(
    state(policy({ id: 'a', actions: ['castellan.people.*'] }), 'support', 'castellan.people.list'),
  ).toBe('allowed')
})

test('leaves out rules for the system and for services', () => {
  expect(state(policy({ id: 'a', kinds: ['system'] }))).toBe('denied')
  expect(state(policy({ id: 'a', kinds: ['person', 'service'] }))).toBe('allowed')
})

test('shows conditions, obligations and limited fields', () => {
  expect(state(policy({ id: 'a', where: { total: { lt: 5 } } }))).toBe('conditions')
  expect(state(policy({ id: 'a', obligations: { confirm: true } }))).toBe('conditions')
  expect(state(policy({ id: 'a', fields: ['status'] }))).toBe('conditions')
  expect(state(policy({ id: 'a', fields: ['status'] }, { id: 'b' }))).toBe('allowed')
})

test('shows an approval before any other condition', () => {
  expect(state(policy({ id: 'a', obligations: { approvals: 1, reason: true } }))).toBe('approval')
})

test('lets a forbid without conditions win, and one with conditions show', () => {
  const forbid = { id: 'never', effect: 'forbid' } as const

  expect(state(policy({ id: 'a' }, forbid))).toBe('denied')
  expect(state(policy({ id: 'a' }, { ...forbid, where: { archived: { eq: true } } }))).toBe('conditions')
})

test('names the rules that speak, forbids first', () => {
  const document = policy(
    { id: 'a' },
    { id: 'never', effect: 'forbid' },
    { id: 'other', actions: ['x.read'] },
  )

  expect(cellOf(document, 'support', 'orders.update').rules.map((rule) => rule.id)).toEqual(['never', 'a'])
  expect(rulesOfRole(document, 'support').map((rule) => rule.id)).toEqual(['a', 'never', 'other'])
})

test('survives roles that inherit in a circle', () => {
  const circle = {
    a: { title: '', description: '', inherits: ['b'] },
    b: { title: '', description: '', inherits: ['a'] },
  }

  expect([...heldRoles({ roles: circle, rules: [] }, 'a')]).toEqual(['a', 'b'])
})
