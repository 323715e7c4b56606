import { expect, test } from 'vitest'
import { composeEvent } from '../../audit/compose.ts'
import type { AuditEvent, EventChange } from '../../audit/event.ts'
import { field, model } from '../../model/fixture.ts'
import { type Net, netChanges } from './net.ts'

const ORDERS = model('orders', [
  field('id', 'int'),
  field('status'),
  field('iban', 'text', { sensitivity: 'personal', nullable: true }),
])
const MODELS = new Map([['orders', ORDERS]])
const AT = Date.UTC(2026, 10, 21, 10)

function event(id: string, key: string, ...changes: readonly EventChange[]): AuditEvent {
  const draft = {
    principal: {
      kind: 'person',
      id: 'ana',
      label: 'Ana',
      roles: [],
      authentication: { methods: [], assurance: 2, at: '2026-11-21T10:00:00Z' },
    },
    session: null,
    request: {
      id: 'request-1',
      traceparent: null,
      address: '',
      addressChain: [],
      userAgent: null,
      method: 'POST',
      route: '/test',
    },
    action: 'orders.update',
    kind: 'record.update',
    target: { model: 'orders', key, label: `#${key}` },
    outcome: 'done',
    policy: { version: 'v1', rules: [] },
  } as const
  return composeEvent(draft, { id, at: AT, changes, previousForTarget: null, node: 'test', version: '0' })
}

function change(name: string, before: string | null, after: string | null): EventChange {
  return { field: name, class: 'internal', before, after }
}

const net = (...events: readonly AuditEvent[]): readonly Net[] => netChanges(events, MODELS, () => undefined)

test('makes one difference of several changes of a record', () => {
  const [one, ...more] = net(
    event('a', '1', change('status', 'open', 'paid')),
    event('b', '1', change('status', 'paid', 'shipped')),
  )

  expect(more).toEqual([])
  expect(one).toMatchObject({ key: '1', wasThere: true, isThere: true, event: 'b', between: [] })
  expect(one?.fields).toEqual([
    { name: 'status', before: { text: 'open' }, last: { text: 'paid' }, after: { text: 'shipped' } },
  ])
})

test('tells what somebody else changed between two of the changes', () => {
  const [one] = net(
    event('a', '1', change('status', 'open', 'paid')),
    event('b', '1', change('status', 'lost', 'shipped')),
  )

  expect(one?.between).toEqual(['status'])
})

test('knows by its key whether a record was there before, and is there after', () => {
  const made = event('a', '1', change('id', null, '1'), change('status', null, 'open'))
  const gone = event('b', '1', change('id', '1', null), change('status', 'open', null))

  expect(net(made)).toMatchObject([{ wasThere: false, isThere: true }])
  expect(net(gone)).toMatchObject([{ wasThere: true, isThere: false }])
  expect(net(made, gone)).toMatchObject([{ wasThere: false, isThere: false }])
})

test('follows a record whose key changes', () => {
  const all = net(
    event('a', '1', change('status', 'open', 'paid')),
    event('b', '2', change('id', '1', '2')),
    event('c', '3', change('status', 'x', 'y')),
  )

  expect(all.map(({ key, event: last }) => [key, last])).toEqual([
    ['2', 'b'],
    ['3', 'c'],
  ])
})

test('says why a value is not to be had', () => {
  const personal: EventChange = { field: 'iban', class: 'personal', before: 'ab', after: null, masked: true }
  const cut = `long… [cut from 20000 characters, SHA-256 ${'0'.repeat(64)}]`
  const [one] = net(
    event('a', '1', personal, { field: 'pin', class: 'secret', masked: true }, change('status', cut, 'x')),
  )

  expect(one?.fields).toEqual([
    { name: 'iban', before: { lost: 'erased' }, last: { lost: 'erased' }, after: { text: null } },
    { name: 'pin', before: { lost: 'secret' }, last: { lost: 'secret' }, after: { lost: 'secret' } },
    { name: 'status', before: { lost: 'cut' }, last: { lost: 'cut' }, after: { text: 'x' } },
  ])
})
