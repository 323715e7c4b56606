/** The pages of records where they are most easily wrong: odd keys, old cursors, two people at once. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { BASE, type Client, csrfIn } from '../client.ts'
import { type House, openHouse } from '../house.ts'

const ODD_KEYS = ['new', '~new', 'a/b', '100%', '%41', 'é?#&', '..', 'options', 'trash', '["1"]']

const SQL = `
  create table codes (code text primary key, label text not null);
  create table shelves (room text not null, shelf integer not null, label text, primary key (room, shelf));
  create table notes (id integer primary key, body text not null, written_at timestamp, color text, done boolean not null default 0);
  create view labels as select label from codes;
  insert into shelves values ('north/1', 2, 'Upper');
  ${ODD_KEYS.map((key, index) => `insert into codes values ('${key}', 'Label ${index}');`).join('\n')}
  ${Array.from({ length: 60 }, (_, index) => `insert into notes (body, written_at, color) values ('Note ${index}', '2026-11-19 10:00:00.123456', 'red');`).join('\n')}
`

let house: House
let client: Client
beforeAll(async () => {
  house = await openHouse({ sql: SQL })
  client = (await house.signIn({ name: 'Ana', role: 'admin' })).client
})
afterAll(() => house.close())

/** Every field that a browser would send from the form of that page. */
function formOf(html: string): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const [tag] of html.matchAll(/<input\b[^>]*>/g)) {
    const name = attribute(tag, 'name')
    const isUnchecked = /type="(?:checkbox|radio)"/.test(tag) && !/\schecked/.test(tag)
    if (name && name !== '_csrf' && name !== 'q' && !isUnchecked) fields[name] = attribute(tag, 'value') ?? ''
  }
  for (const [, attributes = '', text = ''] of html.matchAll(/<textarea\b([^>]*)>([^<]*)</g)) {
    const name = attribute(attributes, 'name')
    if (name) fields[name] = unescaped(text)
  }
  return fields
}

function attribute(tag: string, name: string): string | null {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]
  return found === undefined ? null : unescaped(found)
}

function unescaped(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

function rowLinks(html: string): readonly string[] {
  return [...html.matchAll(/class="row-link" href="([^"]+)"/g)].map(([, href = '']) => unescaped(href))
}

test('opens every record by the link of its row, whatever its key', async () => {
  const links = rowLinks((await client.get(`${BASE}/m/codes?per=50`)).text)

  expect(links).toHaveLength(ODD_KEYS.length)
  for (const link of links) {
    for (const path of [link, `${link}/edit`, `${link}/history`, `${link}/delete`]) {
      expect([path, (await client.get(path)).status]).toEqual([path, 200])
    }
  }
})

test('saves a record with an odd key', async () => {
  const [link = ''] = rowLinks((await client.get(`${BASE}/m/codes?f=code:eq:a%2Fb`)).text)
  const form = formOf((await client.get(`${link}/edit`)).text)

  const saved = await client.post(`${link}/edit`, { ...form, label: 'Renamed' })

  expect(saved.status).toBe(303)
  expect((await client.get(saved.location ?? '')).text).toContain('Renamed')
  expect(await house.sql(`select label from codes where code = 'a/b'`)).toMatchObject([{ label: 'Renamed' }])
})

test('addresses a record by a key of several fields', async () => {
  const [link = ''] = rowLinks((await client.get(`${BASE}/m/shelves`)).text)

  const record = await client.get(link)

  expect(record.status).toBe(200)
  expect(record.text).toContain('Upper')
})

test('lists a view without a key, with no links and nothing to make', async () => {
  const list = await client.get(`${BASE}/m/labels`)

  expect(list.status).toBe(200)
  expect(list.text).toContain('Label 0')
  expect(rowLinks(list.text)).toEqual([])
  expect(list.text).not.toContain('/m/labels/new')
  expect((await client.get(`${BASE}/m/labels/new`)).status).toBe(404)
})

test('pages forwards and back again through all records, each once', async () => {
  const seen: string[] = []
  let next: string | undefined = `${BASE}/m/notes?per=25&sort=id`
  while (next !== undefined) {
    const { text } = await client.get(next)
    seen.push(...rowLinks(text))
    const link: string | undefined = /<a [^>]*data-shortcut="\]"[^>]*>/.exec(text)?.[0]
    next = link ? (attribute(link, 'href') ?? undefined) : undefined
  }

  expect(seen).toHaveLength(60)
  expect(new Set(seen).size).toBe(60)
})

test('shows the first page for a cursor of another list', async () => {
  const answer = await client.get(`${BASE}/m/notes?sort=id&cursor=made-up`)

  expect(answer.status).toBe(303)
  expect(answer.location).toBe(`${BASE}/m/notes?sort=id`)
})

test('turns the filter editor into an address, and ignores what it cannot be asked', async () => {
  const added = await client.get(`${BASE}/m/notes?f=id:gt:3&ff=color&fo=eq&fv=red`)
  expect(added.location).toBe(`${BASE}/m/notes?f=id%3Agt%3A3&f=color%3Aeq%3Ared`)

  const ignored = await client.get(`${BASE}/m/notes?f=nothing:eq:1&f=id:lt:3&sort=nothing`)
  expect(ignored.status).toBe(200)
  expect(ignored.text).toContain('Filter ignored')
  expect(rowLinks(ignored.text)).toHaveLength(2)
})

test('answers only the list to a client that asks for it, with the policy for scripts', async () => {
  const part = await client.get(`${BASE}/m/notes`, { 'hx-request': 'true', 'hx-target': 'div#list' })

  expect(part.text).toMatch(/^<div id="list">/)
  expect(part.headers.get('content-security-policy')).toContain("script-src 'nonce-")
  expect(part.headers.get('vary')).toContain('HX-Request')
})

test('changes nothing when nothing was changed, not even what no input can hold', async () => {
  const path = `${BASE}/m/notes/1/edit`
  const form = formOf((await client.get(path)).text)
  expect(form['written_at']).toBe('2026-11-19T10:00:00.123')

  const saved = await client.post(path, { ...form, body: 'Note 0 again' })

  expect(saved.status).toBe(303)
  expect(await house.sql('select body, written_at from notes where id = 1')).toMatchObject([
    { body: 'Note 0 again', written_at: '2026-11-19 10:00:00.123456' },
  ])
})

test('lets a checkbox be emptied again', async () => {
  const path = `${BASE}/m/notes/2/edit`
  const form = formOf((await client.get(path)).text)
  expect((await client.post(path, { ...form, done: ['false', 'true'] })).status).toBe(303)
  expect(await house.sql('select done from notes where id = 2')).toMatchObject([{ done: 1 }])

  const ticked = formOf((await client.get(path)).text)
  expect((await client.post(path, { ...ticked, done: 'false' })).status).toBe(303)

  expect(await house.sql('select done from notes where id = 2')).toMatchObject([{ done: 0 }])
})

test('keeps everything typed when something is wrong', async () => {
  const path = `${BASE}/m/notes/3/edit`
  const form = formOf((await client.get(path)).text)

  const refused = await client.post(path, { ...form, body: 'kept <b>', written_at: 'yesterday' })

  expect(refused.status).toBe(422)
  expect(refused.text).toContain('role="alert"')
  expect(formOf(refused.text)).toMatchObject({ body: 'kept <b>', written_at: 'yesterday' })
  expect(await house.sql('select body from notes where id = 3')).toMatchObject([{ body: 'Note 2' }])
})

test('shows both versions when someone else was faster, and saves the choice on top', async () => {
  const path = `${BASE}/m/notes/4/edit`
  const mine = formOf((await client.get(path)).text)
  expect((await client.post(path, { ...mine, body: 'theirs', color: 'blue' })).status).toBe(303)

  const conflict = await client.post(path, { ...mine, body: 'mine' })
  expect(conflict.status).toBe(409)
  expect(conflict.text).toContain('theirs')
  expect(formOf(conflict.text)['body']).toBe('mine')

  const saved = await client.post(path, formOf(conflict.text), { csrf: csrfIn(conflict.text) })
  expect(saved.status).toBe(303)
  expect(await house.sql('select body, color from notes where id = 4')).toMatchObject([
    { body: 'mine', color: 'blue' },
  ])
})

test('asks once where the page itself has shown what would happen', async () => {
  const path = `${BASE}/m/notes/5/delete`
  const shown = await client.get(path)
  expect(await house.sql('select id from notes where id = 5')).toHaveLength(1)

  const gone = await client.post(path, formOf(shown.text), { csrf: csrfIn(shown.text) })

  expect(gone.status).toBe(303)
  expect(await house.sql('select id from notes where id = 5')).toHaveLength(0)
})

test('asks again when what would happen is not what was shown', async () => {
  const path = `${BASE}/m/notes/6/delete`
  const form = formOf((await client.get(path)).text)

  const asked = await client.post(path, { ...form, _plan: form['_plan']?.replace('Delete', 'Keep') ?? '' })

  expect(asked.status).toBe(428)
  expect(await house.sql('select id from notes where id = 6')).toHaveLength(1)
})

test('offers nothing to someone who may only read, and says why by address', async () => {
  const { client: reader } = await house.signIn({ name: 'Otto', role: 'auditor' })

  const record = await reader.get(`${BASE}/m/notes/7`)
  expect(record.text).toContain('Note 6')
  expect(record.text).not.toContain('/m/notes/7/edit')
  for (const path of ['edit', 'delete']) {
    const refused = await reader.get(`${BASE}/m/notes/7/${path}`)
    expect([path, refused.status]).toEqual([path, 403])
  }
})
