/**
 * Tables of every shape and with every name that an engine takes, each through
 * the whole house: listed, opened, filtered, sorted, searched, made, changed and
 * deleted over the API, with its pages and its history.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { api } from '../attack/api.ts'
import { BASE } from '../client.ts'
import { STORE_ENGINES, type StoreEngine } from '../engine.ts'
import { type House, openHouse, type SignedIn } from '../house.ts'

/** One table with two records, whose texts are `first` and `second`. */
interface Shape {
  readonly model: string
  readonly sql: readonly string[]
  /** The field with the texts. */
  readonly note: string
  /** As they stand in an address: of the first record, and of the one that is made. */
  readonly keys: readonly [first: string, made: string]
  /** What a new record is made of, beside its text. */
  readonly values: Readonly<Record<string, string | number>>
}

const UUIDS = ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b'] as const
const NEW_UUID = '00000000-0000-4000-8000-00000000000c'

function shapesOf(engine: StoreEngine): readonly Shape[] {
  const uuid = engine === 'sqlite' ? 'varchar(36)' : 'uuid'
  const parents = `
    create table teams (id integer primary key, note varchar(40));
    insert into teams values (1, 'first'), (2, 'second');
    create table lots (a integer not null, b integer not null, note varchar(40), primary key (a, b));
    insert into lots values (1, 1, 'first'), (1, 2, 'second')`
  return [
    {
      model: 'teams',
      sql: [parents],
      note: 'note',
      keys: ['1', '3'],
      values: { id: 3 },
    },
    { model: 'lots', sql: [], note: 'note', keys: ['["1","1"]', '["7","8"]'], values: { a: 7, b: 8 } },
    {
      model: 'uuids',
      sql: [
        `create table uuids (id ${uuid} primary key, note varchar(40))`,
        `insert into uuids values ('${UUIDS[0]}', 'first'), ('${UUIDS[1]}', 'second')`,
      ],
      note: 'note',
      keys: [UUIDS[0], NEW_UUID],
      values: { id: NEW_UUID },
    },
    {
      model: 'only_unique',
      sql: [
        'create table only_unique (code varchar(20) not null unique, note varchar(40))',
        "insert into only_unique values ('A-1', 'first'), ('B/2', 'second')",
      ],
      note: 'note',
      keys: ['A-1', 'C 3'],
      values: { code: 'C 3' },
    },
    {
      model: 'fixtures',
      sql: [
        `create table fixtures (
          id integer primary key, note varchar(40), home_id integer references teams (id),
          away_id integer references teams (id), next_id integer references fixtures (id))`,
        "insert into fixtures values (1, 'first', 1, 2, null), (2, 'second', 2, 1, 1)",
      ],
      note: 'note',
      keys: ['1', '3'],
      values: { id: 3, home_id: 2, away_id: 2, next_id: 1 },
    },
    {
      model: 'parcels',
      sql: [
        `create table parcels (
          id integer primary key, note varchar(40), a integer, b integer, foreign key (a, b) references lots (a, b))`,
        "insert into parcels values (1, 'first', 1, 1), (2, 'second', 1, 2)",
      ],
      note: 'note',
      keys: ['1', '3'],
      values: { id: 3, a: 1, b: 2 },
    },
    ...namesOf(engine).map((name) => named(engine, name)),
  ]
}

/** Tables and columns may be called so. */
function namesOf(engine: StoreEngine): readonly string[] {
  return [
    'with space',
    'Quo"ted',
    "it's",
    'select',
    'UPPER Case',
    'Ünïcode 日本',
    '__proto__',
    'constructor',
    'dots.in.it',
    'slash/ed',
    'per%cent?#&',
    'back`tick',
    '-dash',
    '_csrf',
    // as long as the engine takes them
    'n'.repeat(engine === 'mariadb' ? 64 : 63),
  ]
}

function named(engine: StoreEngine, name: string): Shape {
  const mark = engine === 'mariadb' ? '`' : '"'
  const id = `${mark}${name.replaceAll(mark, mark + mark)}${mark}`
  return {
    model: name,
    sql: [
      `create table ${id} (id integer primary key, ${id} varchar(40))`,
      `insert into ${id} values (1, 'first'), (2, 'second')`,
    ],
    // names that objects and forms have of their own get another one
    note: ['__proto__', 'constructor', '_csrf'].includes(name) ? `${name}_` : name,
    keys: ['1', '3'],
    values: { id: 3 },
  }
}

describe.each(STORE_ENGINES)('on %s', (engine) => {
  let house: House
  let top: SignedIn
  const shapes = shapesOf(engine)

  beforeAll(async () => {
    house = await openHouse({ engine, sql: shapes.flatMap(({ sql }) => sql).join(';\n') })
    top = await house.signIn({ role: 'superadmin' })
  }, 120_000)
  afterAll(() => house?.close())

  test('every table is a model of its name, and each can be written', () => {
    const found = [...house.admin.models.values()].filter(({ name }) => !name.startsWith('castellan.'))

    expect(found.map(({ name }) => name).toSorted()).toEqual(shapes.map(({ model }) => model).toSorted())
    for (const { name, writable } of found) expect([name, writable.reason]).toEqual([name, null])
  })

  test.each(shapes.map((shape) => [shape.model.slice(0, 20), shape] as const))(
    '%s goes through the whole house',
    async (_, { model, note, keys: [first, made], values }) => {
      const { client } = top
      const records = `/models/${encodeURIComponent(model)}/records`
      const at = (key: string): string => `${records}/${encodeURIComponent(key)}`
      const listed = async (query = ''): Promise<readonly unknown[]> => {
        const { status, json } = await api(client, 'GET', `${records}${query}`)
        expect([query, status]).toEqual([query, 200])
        return (json['records'] as { values: Record<string, unknown> }[]).map((one) => one.values[note])
      }
      const field = encodeURIComponent(note)

      expect((await listed()).toSorted()).toEqual(['first', 'second'])
      expect(await listed(`?filter=${field}:eq:second`)).toEqual(['second'])
      expect(await listed(`?sort=-${field}`)).toEqual(['second', 'first'])
      expect((await api(client, 'GET', at(first))).json['record']).toMatchObject({ key: first })

      const created = await api(client, 'POST', records, { values: { ...values, [note]: 'third' } })
      expect([created.status, created.json]).toEqual([201, expect.anything()])
      const changed = await api(client, 'PATCH', at(made), { values: { [note]: 'changed' } })
      expect([changed.status, changed.json]).toEqual([200, expect.anything()])
      expect((await listed(`?sort=${field}`)).toSorted()).toEqual(['changed', 'first', 'second'])

      const path = `${BASE}/m/${encodeURIComponent(model)}`
      const key = encodeURIComponent(made)
      for (const page of ['', '/new', `/${key}`, `/${key}/edit`, `/${key}/delete`, `/${key}/history`]) {
        const answer = await client.get(`${path}${page}`)
        expect([page, answer.status]).toEqual([page, 200])
      }
      const history = await api(client, 'GET', `${at(made)}/history`)
      expect(JSON.stringify(history.json)).toContain('changed')

      const deleted = await api(client, 'DELETE', at(made))
      expect(deleted.status).toBeLessThan(300)
      expect((await listed()).toSorted()).toEqual(['first', 'second'])
      expect((await api(client, 'GET', at(made))).status).toBe(404)
    },
  )
})
