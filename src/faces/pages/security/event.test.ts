import { expect, test } from 'vitest'
import { field, model } from '../../../model/fixture.ts'
import { badgesOf, changesInShort, type EventView, needsTarget, phraseOf, targetOf } from './event.ts'

function event(differing: Partial<EventView> = {}): EventView {
  return {
    schema: 1,
    id: '0'.repeat(32),
    occurredAt: '2026-11-21T10:00:00.000000Z',
    principal: {
      kind: 'person',
      id: 'p1',
      label: 'Ana',
      roles: ['support'],
      authentication: { methods: ['password', 'totp'], assurance: 2, at: '2026-11-21T09:00:00.000000Z' },
    },
    session: null,
    request: {
      id: 'r1',
      traceparent: null,
      address: '::1',
      addressChain: [],
      userAgent: null,
      method: 'POST',
      route: '/m/:model',
    },
    action: 'orders.update',
    kind: 'record.update',
    severity: 'medium',
    target: { model: 'orders', key: '10482', label: '#10482' },
    outcome: 'done',
    code: null,
    policy: { version: 'abc', rules: ['everyone'] },
    reason: null,
    ticket: null,
    changes: [],
    counts: {},
    details: {},
    approval: null,
    previousForTarget: null,
    node: 'n',
    version: '0.1.0',
    ...differing,
  }
}

const MODELS = new Map([
  [
    'orders',
    model('orders', [field('status', 'text', { label: 'Status' })], {
      label: 'Order',
      labelPlural: 'Orders',
    }),
  ],
])

test('says how it ended', () => {
  expect(phraseOf(event())).toBe('changed')
  expect(phraseOf(event({ outcome: 'refused', code: 'denied' }))).toBe('was not allowed to change')
  expect(phraseOf(event({ outcome: 'refused', code: 'conflict' }))).toBe('tried to change')
  expect(phraseOf(event({ outcome: 'failed', code: 'internal' }))).toBe('failed to change')
  expect(phraseOf(event({ outcome: 'pending', code: 'confirmation-required' }))).toBe('asked to change')
})

test('names an action of the application by its verb', () => {
  expect(phraseOf(event({ kind: 'action.run', action: 'orders.refund' }))).toBe('ran refund on')
})

test('knows which phrases stand alone', () => {
  expect(needsTarget(event())).toBe(true)
  expect(needsTarget(event({ kind: 'record.list' }))).toBe(true)
  expect(needsTarget(event({ kind: 'identity.sign-in' }))).toBe(false)
})

test('marks what stands out', () => {
  expect(badgesOf(event())).toEqual([])
  expect(badgesOf(event({ outcome: 'refused' })).map((one) => one.label)).toEqual(['Refused'])
  expect(badgesOf(event({ kind: 'role.grant' })).map((one) => one.label)).toEqual(['Privilege change'])
  expect(badgesOf(event({ kind: 'record.bulk-delete', outcome: 'failed' })).map((one) => one.label)).toEqual([
    'Failed',
    'Bulk',
  ])
})

test('leads to the record, the person and the list', () => {
  expect(targetOf(event(), MODELS)).toEqual({ label: 'Order #10482', path: '/m/orders/10482' })
  expect(targetOf(event({ target: { model: 'orders', key: null, label: null } }), MODELS)).toEqual({
    label: 'Orders',
    path: '/m/orders',
  })
  expect(targetOf(event({ target: { model: 'castellan.people', key: 'p2', label: 'Ben' } }), MODELS)).toEqual(
    {
      label: 'Ben',
      path: '/people/p2',
    },
  )
})

test('leads nowhere for a model that is not there any more', () => {
  expect(targetOf(event({ target: { model: 'gone', key: '1', label: null } }), MODELS)).toEqual({
    label: 'gone #1',
    path: null,
  })
})

test('percent-encodes a key', () => {
  const composite = event({ target: { model: 'orders', key: '["1","a/b"]', label: 'x' } })

  expect(targetOf(composite, MODELS)?.path).toBe('/m/orders/%5B%221%22%2C%22a%2Fb%22%5D')
})

test('says one change whole and several by name', () => {
  const change = (name: string) => ({
    field: name,
    class: 'internal' as const,
    before: 'unpaid',
    after: 'paid',
  })

  expect(changesInShort(event({ changes: [change('status')] }), MODELS)).toBe('Status: unpaid to paid')
  expect(changesInShort(event({ changes: [change('status'), change('a'), change('b')] }), MODELS)).toBe(
    'Status, A and 1 more',
  )
})

test('never says a masked change in short', () => {
  const masked = {
    field: 'status',
    class: 'personal' as const,
    before: 'aa',
    after: 'bb',
    masked: true as const,
  }

  expect(changesInShort(event({ changes: [masked] }), MODELS)).toBe('Status')
})
