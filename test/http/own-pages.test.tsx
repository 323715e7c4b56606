/** The application's own pages and menu entries. */

import { afterEach, expect, test } from 'vitest'
import type { OwnPage } from '../../src/faces/own-page.ts'
import { permit } from '../../src/policy/permit.ts'
import { policyWith } from '../attack/shop.ts'
import { BASE } from '../client.ts'
import { type HouseOptions, openHouse, type SignedIn } from '../house.ts'

const SQL = `
  create table orders (id integer primary key, status text not null);
  create table secrets (id integer primary key, word text not null);
  insert into orders values (11,'open'), (12,'<script>alert(1)</script>');
  insert into secrets values (1,'xyzzy');
`

const reports: OwnPage = {
  path: '/reports/daily',
  title: 'Daily report',
  icon: 'file-text',
  async render({ records, query, principal, url, can }) {
    const { records: found } = await records.list('orders')
    return (
      <section class="card">
        <p>
          For {principal.name}, {query.get('of')}, {String(can('secrets.list'))}
        </p>
        <ul>
          {found.map(({ key, values }) => (
            <li>
              <a href={url(`/m/orders/${key}`)}>{values['status'] as string}</a>
            </li>
          ))}
        </ul>
      </section>
    )
  },
}

const nightly: OwnPage = {
  path: '/nightly',
  title: 'Nightly',
  group: 'Operations',
  isAccessible: async ({ principal }) => principal.name !== 'Ana',
  render: () => 'At <night>.',
}

let house: Awaited<ReturnType<typeof openHouse>>
afterEach(() => house.close())

async function open(
  options: Partial<HouseOptions> = {},
  person = { name: 'Ana', role: 'superadmin' },
): Promise<SignedIn> {
  house = await openHouse({ sql: SQL, pages: [reports, nightly], ...options })
  return house.signIn(person)
}

const links = (html: string): readonly (readonly string[])[] =>
  [...html.matchAll(/<a class="navigation-link" href="([^"]+)"[^>]*data-command="([^"]+)"/g)].map(
    ([, href = '', label = '']) => [label, href],
  )

test('shows a page inside the shell, with records as far as they may be read, all of it as text', async () => {
  const { client } = await open()
  const page = await client.get(`${BASE}/reports/daily?of=%3Cb%3E`)

  expect(page.status).toBe(200)
  expect(page.text).toContain('<p>For Ana, &lt;b&gt;, true</p>')
  expect(page.text).toContain(
    `<li><a href="${BASE}/m/orders/12">&lt;script&gt;alert(1)&lt;/script&gt;</a></li>`,
  )
  expect(page.text).toContain('<h1 tabindex="-1">Daily report</h1>')
  expect(page.text).toMatch(/href="\/admin\/reports\/daily" aria-current="page"/)
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  const kinds = await house.sql('select kind, action from castellan_audit_event order by entry desc limit 2')
  expect(kinds).toEqual([
    { kind: 'record.list', action: 'orders.list' },
    { kind: 'page.open', action: 'castellan.pages.reports-daily' },
  ])
})

test('is for people who are signed in', async () => {
  await open()
  const visitor = house.visitor()

  expect((await visitor.get(`${BASE}/reports/daily`)).location).toContain('/sign-in?next=')
})

test('is denied, and left out of the menu, unless a rule permits it by its name', async () => {
  const rules = [
    permit('support-works', { roles: ['support'], actions: ['*.*'] }),
    permit('support-sees-nightly', { roles: ['support'], actions: ['castellan.pages.nightly'] }),
  ]
  const { client } = await open({ policy: policyWith(rules) }, { name: 'Noor', role: 'support' })

  const refused = await client.get(`${BASE}/reports/daily`)
  expect(refused.status).toBe(404)
  expect(refused.text).not.toContain('For Noor')
  const shown = await client.get(`${BASE}/nightly`)
  expect(shown.text).toContain('At &lt;night&gt;.')
  expect(links(shown.text).map(([label]) => label)).toEqual([
    'Dashboard',
    'Orders',
    'Secrets',
    'Nightly',
    'Sessions',
  ])
})

test('is open to admins by the seeded roles, and shut to support', async () => {
  const { client } = await open({}, { name: 'Noor', role: 'admin' })
  const support = await house.signIn({ role: 'support' })

  expect((await client.get(`${BASE}/reports/daily`)).status).toBe(200)
  expect((await support.client.get(`${BASE}/reports/daily`)).status).toBe(404)
})

test('is refused to whom the application does not offer it, with an event', async () => {
  const { client } = await open()

  const refused = await client.get(`${BASE}/nightly`)

  expect(refused.status).toBe(403)
  expect(refused.text).not.toContain('At &lt;night&gt;.')
  expect(links(refused.text).map(([label]) => label)).not.toContain('Nightly')
  expect(await house.sql("select outcome, code from castellan_audit_event where kind = 'page.open'")).toEqual(
    [{ outcome: 'refused', code: 'denied' }],
  )
})

test('counts an isAccessible that throws as a no', async () => {
  const broken = { ...nightly, isAccessible: () => Promise.reject(new Error('the host is away')) }
  const { client } = await open({ pages: [broken] })

  expect((await client.get(`${BASE}/nightly`)).status).toBe(403)
  expect((await client.get(BASE)).status).toBe(200)
})

test('sends a refused visitor where the application says, on this host alone', async () => {
  const away: OwnPage = { ...nightly, inaccessible: () => ({ redirect: '/shop?why=night' }) }
  const abroad = ['//evil.example', '/\t/evil.example', '/\\evil.example', 'https://evil.example'].map(
    (redirect, index): OwnPage => ({
      ...nightly,
      path: `/abroad-${index}`,
      inaccessible: () => ({ redirect }),
    }),
  )
  const { client } = await open({ pages: [away, ...abroad] })

  expect((await client.get(`${BASE}/nightly`)).location).toBe('/shop?why=night')
  for (const { path } of abroad)
    expect([path, (await client.get(`${BASE}${path}`)).status]).toEqual([path, 500])
})

test('asks for the proof that a rule obliges to, before it shows anything', async () => {
  const rules = [
    permit('support-after-step-up', {
      roles: ['support'],
      actions: ['castellan.pages.nightly'],
      obligations: { stepUpWithin: '1m' },
    }),
  ]
  const { client, code } = await open({ policy: policyWith(rules) }, { name: 'Noor', role: 'support' })
  house.clock.now += 120_000

  const asked = await client.get(`${BASE}/nightly`)
  expect(asked.status).toBe(403)
  expect(asked.text).toContain('name="_code"')
  const proved = await client.post(`${BASE}/nightly`, { _code: code() })
  expect((await client.get(proved.location ?? '')).text).toContain('At &lt;night&gt;.')
})

test('orders the menu: groups as they come, numbers before the rest, nothing twice', async () => {
  const { client } = await open({
    menu: [
      { href: 'https://status.example.com', label: 'Status', group: 'Operations', order: 2 },
      { href: '/shop', label: 'Shop', group: 'Operations', order: 1 },
      { model: 'orders', label: 'Work', icon: 'inbox' },
      { page: '/reports/daily', label: 'Daily', group: 'Operations' },
    ],
  })
  const noor = await house.signIn({ name: 'Noor', role: 'superadmin' })

  expect(links((await client.get(BASE)).text)).toEqual([
    ['Dashboard', BASE],
    ['Work', `${BASE}/m/orders`],
    ['Secrets', `${BASE}/m/secrets`],
    ['Shop', '/shop'],
    ['Status', 'https://status.example.com'],
    ['Daily', `${BASE}/reports/daily`],
    ['Audit log', `${BASE}/audit`],
    ['People', `${BASE}/people`],
    ['Roles &amp; policy', `${BASE}/roles`],
    ['Sessions', `${BASE}/sessions`],
    ['Keys', `${BASE}/keys`],
  ])
  expect(links((await noor.client.get(BASE)).text).map(([label]) => label)).toContain('Nightly')
})

test('does not start with pages and entries that lead nowhere or somewhere else', async () => {
  const page = (path: string, more: object = {}): OwnPage => ({
    path,
    title: 'A',
    render: () => 'a',
    ...more,
  })

  await expect(
    openHouse({
      sql: SQL,
      pages: [
        page('reports'),
        page('/audit/mine'),
        page('/a/b'),
        page('/a-b'),
        page('/c', { icon: 'fiel-text' }),
      ],
      menu: [
        { href: 'javascript:alert(1)', label: 'Bad' },
        { href: '//evil.example', label: 'Bad' },
        { page: '/d' },
        { model: 'castellan.people' },
        { label: 'Nothing' } as never,
      ],
    }),
  ).rejects.toMatchObject({
    mistakes: ['A201', 'A202', 'A203', 'A109', 'A214', 'A214', 'A212', 'A213', 'A211'].map((id) => ({ id })),
  })
  await open()
})
