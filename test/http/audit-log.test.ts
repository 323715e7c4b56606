/** The log through the whole house: read, proved, verified and exported, by who may and as far as they may. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseCheckpoint } from '../../src/audit/checkpoint.ts'
import type { InclusionProof } from '../../src/audit/proof.ts'
import { isIncluded } from '../../src/audit/tree.ts'
import { BASE, openProduction, type Production, SECURE } from './behind-proxy.ts'

const ORDER = '/models/orders/records/9007199254740993'

let production: Production

beforeAll(async () => {
  production = await openProduction()
})
afterAll(() => production.house.close())

test('reads an event with the proof that it is in the log', async () => {
  const id = await changeStatus('paid')
  // A grave event answers only when a checkpoint covers it, and with it all before.
  await api('auditor', 'POST', '/models/castellan.audit/actions/export', { input: {} })

  const { status, body } = await api('superadmin', 'GET', `/audit/events/${id}`)

  expect(status).toBe(200)
  expect(changesIn(body)).toEqual([{ field: 'status', class: 'public', before: 'unpaid', after: 'paid' }])
  expect(isProved(body['proof'] as InclusionProof)).toBe(true)
})

test('shows of a change only which field it was, to a reader of the log who may not read the records', async () => {
  const id = await changeStatus('unpaid')

  const { status, body } = await api('security-officer', 'GET', `/audit/events/${id}`)

  expect(status).toBe(200)
  expect(changesIn(body)).toEqual([
    { field: 'status', class: 'personal', before: null, after: null, masked: true },
  ])
  const { body: listed } = await api(
    'security-officer',
    'GET',
    '/audit/events?filter=action:eq:orders.update',
  )
  expect(JSON.stringify(listed)).toContain(id)
  expect(JSON.stringify(listed)).not.toContain('unpaid')
})

test('shows staff their own events, and answers for those of others as for none', async () => {
  const id = await changeStatus('paid')

  const others = await api('support', 'GET', `/audit/events/${id}`)
  const missing = await api('support', 'GET', `/audit/events/${'0'.repeat(32)}`)

  expect([others.status, missing.status]).toEqual([404, 404])
  expect(others.body['detail']).toBe(String(missing.body['detail']).replace('0'.repeat(32), id))
})

test.each([
  ['superadmin', 'verify', 200],
  ['security-officer', 'verify', 200],
  ['auditor', 'verify', 200],
  ['admin', 'verify', 403],
  ['support', 'verify', 403],
  ['auditor', 'export', 200],
  ['superadmin', 'export', 403],
  ['security-officer', 'export', 403],
])('answers %s who wants to %s the log with %i', async (role, verb, status) => {
  const answer = await api(role, 'POST', `/models/castellan.audit/actions/${verb}`, { input: {} })

  expect(answer.status).toBe(status)
})

test('hands out the last checkpoint, to be kept elsewhere', async () => {
  await api('auditor', 'POST', '/models/castellan.audit/actions/export', { input: {} })

  const { status, body } = await api('auditor', 'GET', '/audit/checkpoint')

  expect(status).toBe(200)
  expect(parseCheckpoint(String(body['checkpoint']))?.size).toBeGreaterThan(1)
  expect((await api('support', 'GET', '/audit/checkpoint')).status).toBe(403)
})

test('verifies the log of the running admin, and records that it did', async () => {
  await changeStatus('unpaid')
  await api('auditor', 'POST', '/models/castellan.audit/actions/export', { input: {} })

  const { body } = await api('auditor', 'POST', '/models/castellan.audit/actions/verify', { input: {} })

  const { result } = body as { result: { report: { kind: string; events: number }; lines: string[] } }
  expect(result.report.kind).toBe('verified')
  expect(result.report.events).toBeGreaterThan(5)
  expect(result.lines[0]).toMatch(/^verified \d+ events, \d+ checkpoints, root [0-9a-f]{64}$/)
  const [row] = (await production.house.sql(
    `select event from castellan_audit_event where kind = 'audit.verify' order by entry desc limit 1`,
  )) as { event: string }[]
  expect(JSON.parse(row?.event ?? '{}')).toMatchObject({ outcome: 'done', details: { result: 'verified' } })
})

test.each(['create', 'update', 'delete', 'purge', 'restore', 'import', 'revert'])(
  'gives not even a superadmin a way to %s an event',
  async (verb) => {
    const id = await changeStatus('paid')

    const answer = await api('superadmin', 'POST', `/models/castellan.audit/actions/${verb}`, {
      keys: [id],
      input: { values: { reason: 'forged' } },
    })

    expect(answer.status).toBe(404)
  },
)

let stored = 'unpaid'

/** Makes an update whose event can be looked at, and returns its id. */
async function changeStatus(to: 'paid' | 'unpaid'): Promise<string> {
  if (stored === to) await changeStatus(to === 'paid' ? 'unpaid' : 'paid')
  const { body } = await api('superadmin', 'PATCH', ORDER, { values: { status: to } })
  stored = to
  const { event } = body as { event: { id: string } }
  return event.id
}

function changesIn(body: Record<string, unknown>): unknown {
  return (body as { event: { changes: unknown } }).event.changes
}

function isProved({ sequence, size, leaf, checkpoint, proof }: InclusionProof): boolean {
  const root = parseCheckpoint(checkpoint)?.root ?? new Uint8Array()
  const hashes = proof.map((hash) => Buffer.from(hash, 'hex'))
  return isIncluded({ index: sequence - 1, size, leaf: Buffer.from(leaf, 'hex'), root, proof: hashes })
}

const tokens = new Map<string, string>()

async function api(
  role: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const token = tokens.get(role) ?? (await production.house.token([role]))
  tokens.set(role, token)
  const answer = await production.fetch(`${BASE}/api/v1${path}`, {
    method,
    headers: {
      ...SECURE,
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}
