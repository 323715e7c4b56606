/**
 * Each value of `test/types.ts` through everything that shows or takes one: the
 * list and its filters, the record's page, the form, the API and the audit log.
 *
 * What is read is held against what SQL wrote, and what is written against that
 * to the byte. The last test fails where a type of an engine was not looked at.
 */

import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Model } from '../../src/model/model.ts'
import { kyselySource } from '../../src/readers/kysely.ts'
import { type BrowserForm, guardedForm } from '../browser-form.ts'
import { BASE, type Client } from '../client.ts'
import { openTestDatabase, STORE_ENGINES, type StoreEngine } from '../engine.ts'
import { type House, openHouse } from '../house.ts'
import { type Storage, storageOf } from '../samples/stored.ts'
import type { TestDatabase } from '../servers.ts'
import type { Column, Json, Value } from '../type-values.ts'
import { TYPES } from '../types.ts'

type Engine = StoreEngine | 'pglite'
const ENGINES: readonly Engine[] = [...STORE_ENGINES, 'pglite']

/** Everywhere that a value goes. */
const FACES = ['list', 'page', 'filter', 'API', 'form', 'log', 'refusal'] as const
type Face = (typeof FACES)[number]

const FIRST: Readonly<Record<Engine, string>> = {
  sqlite: '',
  postgres: `CREATE TYPE mood AS ENUM ('sad', 'so so');
    CREATE DOMAIN positive AS int4 CHECK (value > 0);
    CREATE TYPE place AS (number int4, street text);`,
  // zero dates are what a server of long ago let in
  mariadb: `SET sql_mode = '', time_zone = '+00:00';`,
  pglite: `CREATE TYPE mood AS ENUM ('sad', 'so so');
    CREATE DOMAIN positive AS int4 CHECK (value > 0);
    CREATE TYPE place AS (number int4, street text);`,
}

/** Records that SQL wrote have numbers up to this one, those that the admin wrote above it. */
const WRITTEN = 100
/** The record that has no value. */
const EMPTY = 50

interface Case {
  readonly type: string
  readonly table: string
  readonly column: Column
}

function casesOf(engine: Engine): readonly Case[] {
  return TYPES.flatMap((row, index) => {
    const column = row[engine === 'pglite' ? 'postgres' : engine]
    return column ? [{ type: row.type, table: `t${index}`, column }] : []
  })
}

interface World {
  readonly house: House
  readonly client: Client
  readonly token: string
  readonly storage: Storage
}

/** What was looked at: `sqlite date filter`. */
const seen = new Set<string>()

for (const engine of ENGINES) {
  describe(engine, () => {
    let world: World
    let close: () => Promise<void>
    beforeAll(async () => {
      const opened = await openWorld(engine)
      world = opened.world
      close = opened.close
    }, 180_000)
    afterAll(() => close?.())

    test.each(casesOf(engine).map((one) => [one.type, one.column.declared, one] as const))(
      '%s (%s)',
      async (_, __, one) => {
        const look = (face: Face): void => void seen.add(`${engine} ${one.type} ${face}`)
        const isWritten = (value: Value): boolean =>
          one.column.readonly === undefined && value.isOnlyRead !== true
        const all = one.column.values.map((value, index): Numbered => ({ id: index + 1, value }))
        const written = all.filter(({ value }) => isWritten(value))

        await readsWhatSqlWrote(world, one, all, look)
        await findsThem(world, one, all, look)
        if (written.length > 0) {
          await writesByApi(world, one, written, look)
          await writesByForm(world, one, written, look)
        }
        await refuses(world, one, look)
      },
      120_000,
    )
  })
}

test('looked at every type on every engine that has it, everywhere', () => {
  const expected = ENGINES.flatMap((engine) =>
    casesOf(engine).flatMap(({ type, column }) => {
      const isWritten = column.readonly === undefined && column.values.some(({ isOnlyRead }) => !isOnlyRead)
      const faces = isWritten ? FACES : FACES.filter((face) => face !== 'form' && face !== 'log')
      return faces.map((face) => `${engine} ${type} ${face}`)
    }),
  )

  expect(expected.length).toBeGreaterThan(0)
  expect(expected.filter((one) => !seen.has(one))).toEqual([])
})

type Look = (face: Face) => void

interface Numbered {
  readonly id: number
  readonly value: Value
}

/** The list, the record and its page have the value that the engine's own client wrote. */
async function readsWhatSqlWrote(
  world: World,
  { table }: Case,
  all: readonly Numbered[],
  look: Look,
): Promise<void> {
  const listed = await api(world, 'GET', `/models/${table}/records?limit=200&sort=id`)
  const records = listed.body['records'] as readonly { readonly values: { readonly value: Json } }[]
  expect(records.slice(0, all.length).map(({ values }) => values.value)).toEqual(
    all.map(({ value }) => value.listed ?? value.json),
  )
  look('API')
  const page = await world.client.get(`${BASE}/m/${table}`)
  expect([page.status, linked(page.text, table)]).toEqual([200, [...all.map(({ id }) => id), EMPTY]])
  look('list')
  const isNamed = modelOf(world, table).fields.some(({ choices }) => choices !== null)
  for (const { id, value } of all) {
    const read = await api(world, 'GET', `/models/${table}/records/${id}`)
    expect(read.body['record']).toMatchObject({ values: { value: value.json } })
    const record = await world.client.get(`${BASE}/m/${table}/${id}`)
    expect(record.status).toBe(200)
    if (!isNamed && isPlain(value.json)) expect(record.text).toContain(escaped(String(value.json)))
  }
  look('page')
}

/** A text that a page has no other form for: a range, an address, a name. */
function isPlain(json: Json): boolean {
  return typeof json === 'string' && json !== '' && !/[\s,]|^\d{4}-|^-?\d|^\[|infinity/i.test(json)
}

/** The numbers of the records that a list leads to, in their order. */
function linked(html: string, table: string): readonly number[] {
  const links = html.matchAll(new RegExp(`class="row-link" href="${BASE}/m/${table}/(\\d+)"`, 'g'))
  return [...links].map(([, id]) => Number(id)).toSorted((a, b) => a - b)
}

/** `field:operator:value` finds it, and what is empty is told from what is not. */
async function findsThem(
  world: World,
  { table, column }: Case,
  all: readonly Numbered[],
  look: Look,
): Promise<void> {
  const ids = async (filter: string): Promise<readonly number[]> => {
    const path = `/models/${table}/records?limit=200&sort=id&filter=${encodeURIComponent(filter)}`
    const { status, body } = await api(world, 'GET', path)
    expect([filter, status, body['detail']]).toEqual([filter, 200, undefined])
    return (body['records'] as readonly { key: string }[]).map(({ key }) => Number(key))
  }
  look('filter')
  if (!modelOf(world, table).list.filters.includes('value')) {
    const refused = await api(world, 'GET', `/models/${table}/records?filter=value:isNull:true`)
    expect([refused.status, Object.keys(refused.body['fields'] ?? {})]).toEqual([422, ['value']])
    return
  }
  const isComputed = modelOf(world, table).fields.some(({ generated, name }) => generated && name === 'value')
  const filled = all.map(({ id }) => id)
  expect(await ids('value:isNull:false')).toEqual(isComputed ? [...filled, EMPTY] : filled)
  expect(await ids('value:isNull:true')).toEqual(isComputed ? [] : [EMPTY])
  for (const { id, value } of all) {
    if (column.operator === null || value.asked === null) continue
    const operator = column.operator ?? 'eq'
    const [first] = Array.isArray(value.json)
      ? (value.json as readonly Json[]).filter((one) => one !== null)
      : []
    const filter = `value:${operator}:${value.asked ?? (operator === 'contains' ? String(first) : textOf(value))}`
    expect([filter, await ids(filter)]).toEqual([filter, expect.arrayContaining([id])])
    const page = await world.client.get(`${BASE}/m/${table}?f=${encodeURIComponent(filter)}`)
    expect([filter, page.status, linked(page.text, table)]).toEqual([
      filter,
      200,
      expect.arrayContaining([id]),
    ])
  }
}

/** What the API wrote is to the byte what SQL wrote, and the log says just that. */
async function writesByApi(
  world: World,
  { table }: Case,
  all: readonly Numbered[],
  look: Look,
): Promise<void> {
  for (const { id, value } of all) {
    const values = { id: String(WRITTEN + id), value: value.sent ?? value.json }
    const made = await api(world, 'POST', `/models/${table}/records`, { values })
    expect([made.status, made.body['fields']]).toEqual([201, undefined])
    expect(made.body['record']).toMatchObject({ values: { value: value.json } })
    expect(await changeOf(world, made.body)).toEqual({ before: null, after: textOf(value) })
  }
  const stored = await storedIn(world, table)
  for (const { id } of all) expect(stored(WRITTEN + id)).toBe(stored(id))
  for (const { id, value } of all) {
    const cleared = await api(world, 'PATCH', `/models/${table}/records/${WRITTEN + id}`, {
      values: { value: null },
    })
    expect([cleared.status, cleared.body['fields']]).toEqual([200, undefined])
    expect(await changeOf(world, cleared.body)).toEqual({ before: textOf(value), after: null })
  }
  const after = await storedIn(world, table)
  expect(all.map(({ id }) => after(WRITTEN + id))).toEqual(all.map(() => null))
  look('API')
  look('log')
}

/** A form gives back what it shows, and an empty one takes the same text. */
async function writesByForm(
  world: World,
  { table }: Case,
  all: readonly Numbered[],
  look: Look,
): Promise<void> {
  const before = await storedIn(world, table)
  const exact: number[] = []
  for (const { id, value } of all) {
    const shown = await formOf(world, table, id)
    await saves(world, table, id, shown.body())
    if (await retypes(world, table, WRITTEN + id, value, shown)) exact.push(id)
  }
  const after = await storedIn(world, table)
  for (const { id } of all) expect(after(id)).toBe(before(id))
  expect(exact.map((id) => after(WRITTEN + id))).toEqual(exact.map((id) => before(id)))
  look('form')
}

/** Whether a form without a value could be given all that the other one shows. */
async function retypes(
  world: World,
  table: string,
  id: number,
  value: Value,
  shown: BrowserForm,
): Promise<boolean> {
  const form = await formOf(world, table, id)
  if (value.sent !== undefined) {
    await uploads(world, table, id, form.body(), String(value.sent))
    return true
  }
  if (form.names.includes('value[]') && shown.names.includes('value[]')) {
    for (const name of shown.names.filter((one) => one.startsWith('value['))) {
      form.set(name, shown.value(name) ?? '')
    }
    await saves(world, table, id, form.body())
    return true
  }
  const typed = value.typed ?? (Array.isArray(value.json) ? shown.value('value') : textOf(value))
  expect(shown.value('value')).toBe(typed)
  // labels in an order of their own are typed as JSON, for which an empty form offers boxes
  if (!form.names.includes('value')) return false
  form.set('value', typed ?? '')
  // an input of a date, or of one line, takes no text that it can't hold: there is nothing to send then
  if (form.value('value') !== typed) return false
  await saves(world, table, id, form.body())
  const isWhole = Array.isArray(value.json) || typed === textOf(value).replace(/Z$/, '')
  return isWhole && typed !== ''
}

async function formOf({ client }: World, table: string, id: number): Promise<BrowserForm> {
  return guardedForm((await client.get(`${BASE}/m/${table}/${id}/edit`)).text)
}

async function saves(world: World, table: string, id: number, body: string): Promise<void> {
  const { status, text } = await world.client.send('POST', `${BASE}/m/${table}/${id}/edit`, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
  })
  expect([status, status === 303 ? '' : text.slice(0, 3000)]).toEqual([303, ''])
}

/** As a browser sends a form with a file. */
async function uploads(world: World, table: string, id: number, body: string, base64: string): Promise<void> {
  const boundary = 'a-boundary'
  const part = (head: string, content: string): string =>
    `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`
  const texts = [...new URLSearchParams(body)].filter(([name]) => name !== 'value')
  const parts = [
    ...texts.map(([name, text]) => part(`name="${name}"`, text)),
    part('name="value"; filename="hello.txt"', Buffer.from(base64, 'base64').toString('latin1')),
    `--${boundary}--\r\n`,
  ]
  const { status, text } = await world.client.send('POST', `${BASE}/m/${table}/${id}/edit`, {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: parts.join(''),
  })
  expect([status, status === 303 ? '' : text.slice(0, 3000)]).toEqual([303, ''])
}

/** At its field, and nothing is changed; a column that nobody can write is none that can be named. */
async function refuses(world: World, { table, column }: Case, look: Look): Promise<void> {
  const wrong = column.readonly === undefined ? (column.refused ?? []) : column.values.map(({ json }) => json)
  for (const json of wrong) {
    const values = { id: '99', value: json }
    const { status, body } = await api(world, 'POST', `/models/${table}/records`, { values })
    expect([json, status, Object.keys(body['fields'] ?? {})]).toEqual([json, 422, ['value']])
  }
  if (wrong.length > 0) expect((await api(world, 'GET', `/models/${table}/records/99`)).status).toBe(404)
  if (column.readonly !== undefined) {
    const edit = await world.client.get(`${BASE}/m/${table}/1/edit`)
    expect([edit.status, edit.text.includes('name="value"')]).toEqual([200, false])
  }
  look('refusal')
}

function textOf({ json, text }: Value): string {
  if (text !== undefined) return text
  return typeof json === 'string' ? json : JSON.stringify(json)
}

function modelOf({ house }: World, name: string): Model {
  const model = house.admin.models.get(name)
  if (!model) throw new Error(`No model "${name}".`)
  return model
}

/** What the table really holds, by the number of the record. */
async function storedIn(world: World, table: string): Promise<(id: number) => string | null> {
  const { rows } = await world.storage.table(modelOf(world, table))
  return (id) => {
    const row = rows.get(JSON.stringify([String(id)]))
    if (!row) throw new Error(`No record ${id} in ${table}.`)
    // as SQLite's own function writes none
    return row['value'] === 'NULL' ? null : (row['value'] ?? null)
  }
}

interface Reply {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

async function api({ house, token }: World, method: string, path: string, body?: unknown): Promise<Reply> {
  const { status, text } = await house.visitor().send(method, `${BASE}/api/v1${path}`, {
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    isBare: true,
  })
  return { status, body: JSON.parse(text) as Readonly<Record<string, unknown>> }
}

/** What the log says of the field. */
async function changeOf(world: World, body: Reply['body']): Promise<unknown> {
  const { id } = body['event'] as { readonly id: string }
  const found = await api(world, 'GET', `/audit/events/${id}`)
  const { changes } = found.body['event'] as { readonly changes: readonly { readonly field: string }[] }
  const { before, after } = (changes.find(({ field }) => field === 'value') ?? {}) as Record<string, unknown>
  return { before, after }
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

async function openWorld(
  engine: Engine,
): Promise<{ readonly world: World; readonly close: () => Promise<void> }> {
  const cases = casesOf(engine)
  const home = await openTestDatabase(engine === 'pglite' ? 'sqlite' : engine)
  const instance = engine === 'pglite' ? await PGlite.create() : null
  const data: TestDatabase = instance ? embedded(instance) : home
  await data.run([FIRST[engine], ...cases.flatMap(statementsOf)].join('\n'))
  const house = await openHouse({
    engine: home === data ? (engine as StoreEngine) : 'sqlite',
    home,
    ...(instance && { database: kyselySource(instance), store: home.url }),
    models: Object.fromEntries(
      cases.map(({ table }) => [
        table,
        { list: { columns: ['id', 'value'] }, fields: { value: { sensitivity: 'internal' } } },
      ]),
    ),
  })
  const { client } = await house.signIn({ role: 'superadmin' })
  const token = await house.token(['superadmin'])
  const storage = storageOf(engine === 'pglite' ? 'postgres' : engine, data)
  await storage.watch([...house.admin.models.values()].filter(({ name }) => !name.startsWith('castellan.')))
  const close = async (): Promise<void> => {
    await house.close()
    await instance?.close()
  }
  return { world: { house, client, token, storage }, close }
}

function statementsOf({ table, column }: Case): readonly string[] {
  const inserts = column.values.map(({ sql }, index) =>
    sql === 'default'
      ? `INSERT INTO ${table} (id) VALUES (${index + 1});`
      : `INSERT INTO ${table} (id, value) VALUES (${index + 1}, ${sql});`,
  )
  return [
    `CREATE TABLE ${table} (id integer PRIMARY KEY, other integer, value ${column.declared}\n);`,
    ...inserts,
    `INSERT INTO ${table} (id) VALUES (${EMPTY});`,
  ]
}

/** A PGlite as its own client has it. */
function embedded(instance: PGlite): TestDatabase {
  return {
    url: '',
    run: async (text) => void (await instance.exec(text)),
    rows: async (text) => (await instance.query<Record<string, unknown>>(text)).rows,
    drop: () => instance.close(),
  }
}
