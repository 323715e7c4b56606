/** Events as a file from the explorer: by who may export, what matches, and no value that they may not read. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { forbid } from '../../src/policy/permit.ts'
import { SEEDED_POLICY } from '../../src/policy/seeded.ts'
import { api } from '../attack/api.ts'
import { BASE } from '../client.ts'
import { type House, openHouse, type SignedIn } from '../house.ts'

let house: House
let auditor: SignedIn

beforeAll(async () => {
  house = await openHouse({
    sql: `create table orders (id integer primary key, note text, margin text);
      insert into orders values (1, 'a', 'm'), (2, 'b', 'm');`,
    policy: {
      ...SEEDED_POLICY,
      rules: [
        ...SEEDED_POLICY.rules,
        forbid('auditor-sees-no-margin', {
          roles: ['auditor'],
          actions: ['orders.read'],
          fields: ['margin'],
        }),
      ],
    },
  })
  const root = await house.signIn({ role: 'superadmin' })
  for (const [key, note] of [
    ['1', '=cmd()'],
    ['2', 'second'],
  ] as const) {
    await api(root.client, 'PATCH', `/models/orders/records/${key}`, {
      values: { note, margin: `hidden-${key}` },
    })
  }
  auditor = await house.signIn({ role: 'auditor' })
  // a grave event answers once a checkpoint covers it, and all before it
  await api(auditor.client, 'POST', '/models/castellan.audit/actions/export', { input: {} })
})
afterAll(() => house.close())

const download = (who: SignedIn, format: string, query = '') =>
  who.client.post(`${BASE}/audit/export${query}`, { format }, { from: `${BASE}/profile` })

test('hands over what the filters match, oldest first, and records how many in which format', async () => {
  const { status, text, headers } = await download(auditor, 'csv', '?model=orders&action=orders.update')

  const lines = text.trimEnd().split('\r\n')
  expect(status).toBe(200)
  expect(headers.get('content-disposition')).toMatch(/^attachment; filename="audit-2026-11-20\.csv"/)
  expect(headers.get('content-type')).toBe('text/csv; charset=utf-8')
  expect(lines).toHaveLength(3)
  expect(lines[0]).toMatch(/^sequence,id,/)
  const numbers = lines.slice(1).map((line) => Number(line.split(',')[0]))
  expect(numbers).toEqual(numbers.toSorted((one, other) => one - other))
  const [row] = await house.sql(
    "select event from castellan_audit_event where kind = 'audit.export' order by entry desc limit 1",
  )
  expect(JSON.parse(String((row as { readonly event: unknown }).event))).toMatchObject({
    severity: 'high',
    outcome: 'done',
    counts: { exported: 2 },
    details: { format: 'csv' },
  })
})

test('holds the values that its reader may read of the records, and of others that they changed', async () => {
  const { text } = await download(auditor, 'csv', '?model=orders&action=orders.update')

  expect(text).toContain('=cmd()')
  expect(text).toContain('margin')
  expect(text).not.toContain('hidden-')
  expect(JSON.stringify(await house.sql('select event from castellan_audit_event'))).toContain('hidden-')
})

test.each([
  ['jsonl', 'application/x-ndjson'],
  ['ocsf', 'application/x-ndjson'],
  ['cef', 'text/plain; charset=utf-8'],
])('hands it over as %s', async (format, type) => {
  const { headers, text } = await download(auditor, format, '?model=orders')

  expect(headers.get('content-type')).toBe(type)
  expect(text.trimEnd().split('\n').length).toBeGreaterThanOrEqual(2)
})

test('shows who may export a form for it, and nobody else; and refuses a format that there is not', async () => {
  const other = await house.signIn({ role: 'security-officer' })
  const pages = await Promise.all([auditor, other].map(({ client }) => client.get(`${BASE}/audit`)))

  expect(pages.map(({ text }) => text.includes('/audit/export'))).toEqual([true, false])
  expect((await download(other, 'csv')).status).toBe(403)
  expect((await download(auditor, 'xml')).status).toBe(422)
})
