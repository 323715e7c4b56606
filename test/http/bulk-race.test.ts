/** Bulk changes that meet: each other over some of the same records, and a change of a single one of them. */

import { expect, onTestFinished, test } from 'vitest'
import { api, type Reply } from '../attack/api.ts'
import type { Client } from '../client.ts'
import { STORE_ENGINES, type StoreEngine } from '../engine.ts'
import { type House, openHouse } from '../house.ts'
import { runs } from '../runs.ts'

/** More than the gate takes in one portion, so that the order over the portions matters as well. */
const COUNT = 240
const ROUNDS = runs(3, 1 / 20)
/** Whoever is asked again each time gives up at last. */
const TRIES = 20

const SQL = `
  create table orders (id integer primary key, status text not null, note text, place text);
  insert into orders values ${Array.from({ length: COUNT }, (_, n) => `(${n + 1}, 'new', null, null)`).join()};
`

interface World {
  readonly house: House
  readonly ana: Client
  readonly ben: Client
}

async function open(engine: StoreEngine): Promise<World> {
  const house = await openHouse({ engine, sql: SQL })
  onTestFinished(() => house.close())
  const ana = await house.signIn({ role: 'superadmin' })
  const ben = await house.signIn({ role: 'superadmin' })
  return { house, ana: ana.client, ben: ben.client }
}

type Values = Readonly<Record<string, string>>

const range = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, n) => String(from + n))

/** Until it is done: what was shown is confirmed again when it has become something else meanwhile. */
async function bulk(client: Client, keys: readonly string[], values: Values): Promise<Reply> {
  const body = { keys, input: { values } }
  let reply = await api(client, 'POST', '/models/orders/actions/update', body)
  for (let tries = 0; reply.status === 428 && tries < TRIES; tries += 1) {
    const { confirmation } = reply.json
    reply = await api(client, 'POST', '/models/orders/actions/update', { ...body, confirmation })
  }
  return reply
}

const single = (client: Client, key: string, values: Values): Promise<Reply> =>
  api(client, 'PATCH', `/models/orders/records/${key}`, { values })

interface Step {
  readonly field: string
  readonly before: string | null
  readonly after: string | null
}

/** What the log says became of each record, in its order. */
async function historyOf({ house }: World): Promise<ReadonlyMap<string, readonly Step[]>> {
  const rows = (await house.sql(
    "select record_key, event from castellan_audit_event where kind = 'record.update' and outcome = 'done' order by entry",
  )) as { record_key: string; event: string }[]
  const of = Map.groupBy(rows, ({ record_key }) => record_key)
  return new Map(
    [...of].map(([key, events]) => [
      key,
      events.flatMap(({ event }) => (JSON.parse(event) as { changes: Step[] }).changes),
    ]),
  )
}

/** The history of every record goes on where it ended, and ends at what is stored. */
async function mustBeWhole(world: World): Promise<number> {
  const history = await historyOf(world)
  const rows = (await world.house.sql('select * from orders order by id')) as Record<string, unknown>[]
  expect(rows).toHaveLength(COUNT)
  let steps = 0
  for (const row of rows) {
    const state: Record<string, unknown> = { status: 'new', note: null, place: null }
    for (const { field, before, after } of history.get(String(row['id'])) ?? []) {
      expect([row['id'], field, before]).toEqual([row['id'], field, state[field]])
      state[field] = after
      steps += 1
    }
    expect({ id: row['id'], ...state }).toEqual(row)
  }
  return steps
}

const statuses = (replies: readonly Reply[]): readonly (number | string)[] =>
  replies.map(({ status, text }) => (status === 200 ? 200 : text))

test.each(STORE_ENGINES)(
  'two over some of the same records both stand, and all of each: %s',
  {
    timeout: 300_000,
  },
  async (engine) => {
    const world = await open(engine)

    for (let round = 0; round < ROUNDS; round += 1) {
      const [note, place] = [`note ${round}`, `place ${round}`]
      const replies = await Promise.all([
        // by the text of their keys these begin and end elsewhere than by their numbers
        bulk(world.ana, range(1, 230), { note }),
        bulk(world.ben, [...range(2, 9), ...range(100, COUNT)], { place }),
      ])

      expect(statuses(replies)).toEqual([200, 200])
      const has = (condition: string): Promise<unknown[]> =>
        world.house.sql(`select count(*) as n from orders where ${condition}`)
      expect(await has(`note = '${note}'`)).toEqual([{ n: 230 }])
      expect(await has(`place = '${place}'`)).toEqual([{ n: 149 }])
    }
    expect(await mustBeWhole(world)).toBe(ROUNDS * (230 + 149))
  },
)

test.each(STORE_ENGINES)(
  'one that meets changes of single records loses none of them: %s',
  {
    timeout: 300_000,
  },
  async (engine) => {
    const world = await open(engine)
    const keys = range(1, 60)

    for (let round = 0; round < ROUNDS; round += 1) {
      const edited = ['60', '7', '33']
      const replies = await Promise.all([
        bulk(world.ana, keys, { note: `note ${round}` }),
        ...edited.map((key) => single(world.ben, key, { place: `${key} ${round}` })),
      ])

      expect(statuses(replies)).toEqual([200, 200, 200, 200])
    }
    expect(await mustBeWhole(world)).toBe(ROUNDS * (60 + 3))
  },
)

test.each(STORE_ENGINES)(
  'two that write the same field leave the one or the other, whole: %s',
  {
    timeout: 300_000,
  },
  async (engine) => {
    const world = await open(engine)
    const keys = range(1, 40)

    for (let round = 0; round < ROUNDS; round += 1) {
      const replies = await Promise.all([
        bulk(world.ana, keys, { status: `ana ${round}` }),
        bulk(world.ben, keys.toReversed(), { status: `ben ${round}` }),
      ])
      expect(statuses(replies)).toEqual([200, 200])
      const left = await world.house.sql('select distinct status from orders where id <= 40')
      expect(left).toHaveLength(1)
    }
    expect(await mustBeWhole(world)).toBe(ROUNDS * 80)
  },
)
