import { expect, test } from 'vitest'
import type { Rule } from './document.ts'
import { order, policyOf, request } from './fixture.ts'
import { forbid, permit } from './permit.ts'
import type { Subject } from './policy.ts'

function access(rules: readonly Rule[], who: Partial<Subject> = {}, action = 'orders.list') {
  return policyOf(rules).access(request(action, who))
}

const own = permit('own', { actions: ['orders.*'], where: { region: { eq: { principal: 'region' } } } })
const emea = { attributes: { region: 'emea' } }
const ownRegion = { kind: 'compare', field: 'region', operator: 'eq', value: 'emea' }

test('nothing is possible where no rule permits', () => {
  expect(access([])).toMatchObject({
    isPossible: false,
    scope: { kind: 'constant', value: false },
    rules: [],
  })
  expect([...access([]).fieldsSomewhere]).toEqual([])
})

test('the scope is what any permit allows and no forbid refuses', () => {
  const open = permit('open', { actions: ['orders.list'], where: { status: { eq: 'open' } } })
  const archived = forbid('archived', { actions: ['orders.*'], where: { archived: { eq: true } } })

  expect(access([own, open, archived], emea).scope).toEqual({
    kind: 'and',
    of: [
      { kind: 'or', of: [ownRegion, { kind: 'compare', field: 'status', operator: 'eq', value: 'open' }] },
      { kind: 'not', of: { kind: 'compare', field: 'archived', operator: 'eq', value: true } },
    ],
  })
})

test('an absent attribute closes a permit and opens a forbid', () => {
  const foreign = forbid('foreign', {
    actions: ['orders.*'],
    where: { region: { ne: { principal: 'region' } } },
  })
  const all = permit('all', { actions: ['orders.*'] })

  expect(access([own], emea)).toMatchObject({ isPossible: true, scope: ownRegion })
  expect(access([own]).isPossible).toBe(false)
  expect(access([all, foreign], emea).isPossible).toBe(true)
  expect(access([all, foreign]).isPossible).toBe(false)
})

test('one principal never gets what was bound for another', () => {
  const policy = policyOf([own])
  const scopeOf = (region: string) => policy.access(request('orders.list', { attributes: { region } })).scope

  expect(scopeOf('emea')).toMatchObject({ value: 'emea' })
  expect(scopeOf('apac')).toMatchObject({ value: 'apac' })
  expect(scopeOf('emea')).toMatchObject({ value: 'emea' })
  expect(policy.access(request('orders.list')).isPossible).toBe(false)
  expect(policy.access(request('orders.list', { ...emea, kind: 'system' })).isPossible).toBe(false)
  expect(policy.access(request('orders.list', { ...emea, limitedTo: [] })).isPossible).toBe(false)
})

test('what is kept for speed is told apart whatever the values hold', () => {
  const rule = permit('rule', {
    actions: ['orders.*'],
    where: {
      region: { eq: { principal: 'a' } },
      status: { ne: 'paid' },
      or: [{ region: { eq: { principal: 'b' } } }],
    },
  })
  const policy = policyOf([rule])
  const scopeOf = (attributes: Subject['attributes']) =>
    JSON.stringify(policy.access(request('orders.list', { attributes })).scope)

  const scopes = [
    { a: 'x', b: 'y' },
    { a: 'x","y', b: '' },
    { a: '', b: 'x","y' },
    { a: 'null', b: 'y' },
    { a: 'y', b: 'x' },
  ].map(scopeOf)

  expect(new Set(scopes).size).toBe(scopes.length)
  expect(scopeOf({ a: 'x' })).toBe(JSON.stringify({ kind: 'constant', value: false }))
})

test('a forbid with fields leaves the scope alone', () => {
  const taking = forbid('no-total', { actions: ['orders.*'], fields: ['total'] })

  const { scope, fieldsSomewhere } = access([own, taking], emea)

  expect(scope).toEqual(ownRegion)
  expect(fieldsSomewhere.has('total')).toBe(false)
  expect(fieldsSomewhere.has('status')).toBe(true)
})

test('fields that differ by record are somewhere, but not everywhere', () => {
  const ids = permit('ids', { actions: ['orders.list'], fields: ['id', 'status'] })
  const totals = permit('totals', {
    actions: ['orders.list'],
    fields: ['id', 'total'],
    where: { status: { eq: 'paid' } },
  })

  const both = access([ids, totals])

  expect([...both.fieldsEverywhere].sort()).toEqual(['id', 'status'])
  expect([...both.fieldsSomewhere].sort()).toEqual(['id', 'status', 'total'])
  expect(both.fieldsOf(order()).has('total')).toBe(false)
  expect(both.fieldsOf(order({ status: 'paid' })).has('total')).toBe(true)
})

test('two conditional permits share everywhere only what both grant', () => {
  const open = permit('open', {
    actions: ['orders.*'],
    fields: ['id', 'total'],
    where: { status: { eq: 'open' } },
  })
  const paid = permit('paid', {
    actions: ['orders.*'],
    fields: ['id', 'region'],
    where: { status: { eq: 'paid' } },
  })

  const both = access([open, paid])

  expect([...both.fieldsEverywhere]).toEqual(['id'])
  expect([...both.fieldsOf(order({ status: 'paid' }))]).toEqual(['id', 'region'])
  expect([...both.fieldsOf(order({ status: 'open' }))]).toEqual(['id', 'total'])
})

test('a conditional taking is somewhere and not everywhere', () => {
  const all = permit('all', { actions: ['orders.*'], fields: ['id', 'total'] })
  const taking = forbid('taking', {
    actions: ['orders.*'],
    fields: ['total'],
    where: { archived: { eq: true } },
  })

  const { fieldsEverywhere, fieldsSomewhere, fieldsOf } = access([all, taking])

  expect([...fieldsEverywhere]).toEqual(['id'])
  expect([...fieldsSomewhere]).toEqual(['id', 'total'])
  expect([...fieldsOf(order({ archived: true }))]).toEqual(['id'])
  expect([...fieldsOf(order())]).toEqual(['id', 'total'])
})

test('says what it looks at, on this side of a relation and on the other', () => {
  const rule = permit('rule', {
    actions: ['orders.list'],
    where: { status: { eq: 'open' }, customer: { region: { eq: 'emea' } } },
  })

  const { looksAt } = access([rule])

  expect([...looksAt.fields].sort()).toEqual(['customer_id', 'status'])
  expect(new Map([...looksAt.relations].map(([name, fields]) => [name, [...fields].sort()]))).toEqual(
    new Map([['customer', ['id', 'region']]]),
  )
})

test('names the rules that could permit it', () => {
  expect(access([own, permit('other', { actions: ['customers.list'] })], emea).rules).toEqual(['own'])
})
