/** Markup and script stored in every text of a record, a person and a browser: no page runs or breaks by it. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { BASE } from '../client.ts'
import { type House, openHouse, type SignedIn } from '../house.ts'
import { api } from './api.ts'
import { escaped } from './markup.ts'

const PAYLOADS = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(2)>',
  "' onmouseover='alert(3)",
  '</title><script>alert(4)</script>',
  '</textarea><svg onload=alert(5)>',
  '</script><script>alert(6)</script>',
  '<!--<script>alert(7)</script>',
  'javascript:alert(8)',
  'JaVaScRiPt:alert(9)',
  ' javascript:alert(10)',
  'java\tscript:alert(11)',
  'data:text/html,<script>alert(12)</script>',
  'vbscript:alert(13)',
  '{{constructor.constructor("alert(14)")()}}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is meant as a plain text.
  '${alert(15)}',
  '<a href="javascript:alert(16)">x</a>',
  '<base href="https://evil.example">',
  '<style>*{display:none}</style>',
  '<meta http-equiv="refresh" content="0;url=https://evil.example">',
]
const MARKED = PAYLOADS.map((payload, index) => `${payload} m${index}`)

const SQL = `
  create table suppliers (id integer primary key, name text not null);
  create table products (
    id integer primary key, name text not null, description text, website text, email text, homepage_url text,
    supplier_id integer references suppliers(id), kind text not null default 'a', details json, phone text
  );
`

let house: House
let top: SignedIn

beforeAll(async () => {
  house = await openHouse({ sql: SQL })
  top = await house.signIn({ role: 'superadmin', name: `Ana ${MARKED[0]}`, attributes: { team: '<b>bold' } })
  for (const [index, text] of MARKED.entries()) {
    await api(top.client, 'POST', '/models/suppliers/records', { values: { name: text } })
    const values = {
      name: text,
      description: `${text}\n${text}`,
      website: text,
      homepage_url: text,
      email: text,
      supplier_id: String(index + 1),
      kind: text,
      details: JSON.stringify({ [text]: text }),
      phone: text,
    }
    const made = await api(top.client, 'POST', '/models/products/records', { values, reason: text })
    expect([text, made.status]).toEqual([text, 201])
    const changed = { values: { name: `${text} changed` }, reason: text }
    await api(top.client, 'PATCH', `/models/products/records/${index + 1}`, changed)
  }
  await top.client.get(`${BASE}/profile`, { 'user-agent': '<script>alert(20)</script> m20' })
  await house.signIn({ role: 'support', name: '<img src=x onerror=alert(21)> m21' })
})
afterAll(() => house.close())

async function pages(): Promise<readonly string[]> {
  const events = (await house.sql(
    'select sequence from castellan_audit_event where sequence is not null',
  )) as {
    sequence: number
  }[]
  const people = (await house.sql('select id from castellan_person')) as { id: string }[]
  const first = encodeURIComponent(MARKED[1] ?? '')
  return [
    '',
    '/profile',
    '/people',
    '/roles',
    '/sessions',
    '/audit',
    '/audit?kind=record.create',
    `/audit?q=${first}`,
    '/m/products',
    '/m/products?per=200',
    '/m/products?sort=name',
    '/m/suppliers',
    '/m/products/new',
    `/m/products/new?name=${first}&description=${first}`,
    ...people.map(({ id }) => `/people/${id}`),
    ...MARKED.flatMap((text, index) => [
      `/m/products/${index + 1}`,
      `/m/products/${index + 1}/edit`,
      `/m/products/${index + 1}/history`,
      `/m/products/${index + 1}/delete`,
      `/m/suppliers/${index + 1}`,
      `/m/products?q=${encodeURIComponent(text)}`,
      `/m/products?f=${encodeURIComponent(`name:eq:${text}`)}`,
      `/m/products?f=${encodeURIComponent(`${text}:eq:1`)}&sort=${encodeURIComponent(text)}`,
      `/m/${encodeURIComponent(text)}`,
      `/m/products/${encodeURIComponent(text)}`,
      `/sign-in?next=${encodeURIComponent(text)}`,
    ]),
    ...events.slice(-60).map(({ sequence }) => `/audit/${sequence}`),
  ]
}

test('every page shows it as text, and no tag, attribute or address is made of it', async () => {
  const shown = new Set<string>()

  for (const path of await pages()) {
    const { text, headers } = await top.client.get(`${BASE}${path}`)
    expect(escaped(text), path).toEqual([])
    expect(headers.get('content-security-policy'), path).toContain("script-src 'nonce-")
    for (const [index, payload] of PAYLOADS.entries()) {
      if (text.includes(`m${index}`)) shown.add(payload)
    }
  }
  expect(shown.size).toBe(PAYLOADS.length)
})

test('control: the same page with one text put in unescaped is caught', async () => {
  const { text } = await top.client.get(`${BASE}/m/products/1`)
  expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')

  const raw = text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"')
  expect(escaped(raw)).not.toEqual([])
  for (const payload of [
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" JaVa\tScript:x">',
    '<p onclick="x">',
  ])
    expect(escaped(`<main>${payload}</main>`), payload).not.toEqual([])
})

/** The forms with every payload in the fields of an address and of a relation: stored, from the address, and typed. */
async function forms(): Promise<readonly string[]> {
  const found: string[] = []
  for (const [index, text] of MARKED.entries()) {
    const fields = { name: 'One', homepage_url: text, website: text, supplier_id: text, kind: 'a' }
    const asked = `${BASE}/m/products/new?${new URLSearchParams(fields)}`
    found.push((await top.client.get(`${BASE}/m/products/${index + 1}/edit`)).text)
    found.push((await top.client.get(asked)).text)
    const typed = await top.client.post(`${BASE}/m/products/new`, fields)
    expect([text, typed.status]).toEqual([text, 422])
    found.push(typed.text)
  }
  return found
}

test('the widgets of addresses and of relations hold it as the value of a field', async () => {
  const found = await forms()

  expect(found.flatMap(escaped)).toEqual([])
  expect(found.join('').match(/<input[^>]* name="homepage_url"[^>]*>/g)).toHaveLength(found.length)
  for (const index of MARKED.keys()) expect(found.some((text) => text.includes(`m${index}`))).toBe(true)
})

test('control: the same widgets with one value put in as it is are caught', async () => {
  const page = (await top.client.get(`${BASE}/m/products/2/edit`)).text
  const [widget = ''] = /<input[^>]* name="homepage_url"[^>]*>/.exec(page) ?? []
  expect(widget).toContain('&lt;img src=x onerror=alert(2)&gt;')

  const raw = widget.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>')
  expect(escaped(page.replace(widget, raw))).not.toEqual([])
  expect(escaped(page.replace(widget, `<a href="${MARKED[7]}">`))).not.toEqual([])
})

test('a picker answers JSON that no browser takes for a page', async () => {
  const { headers, text } = await top.client.get(`${BASE}/m/suppliers/~options?q=alert`)

  expect(headers.get('content-type')).toMatch(/^application\/json/)
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(JSON.parse(text).length).toBeGreaterThan(0)
})

test('control: the API gives back the very text that was stored, so the pages had it to show', async () => {
  const { json, headers } = await api(top.client, 'GET', '/models/products/records/1')

  expect(json['record']).toMatchObject({ values: { description: `${MARKED[0]}\n${MARKED[0]}` } })
  expect(headers.get('content-type')).toMatch(/^application\/json/)
})
