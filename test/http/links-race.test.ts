/** Two people tick links of one record at the same time, again and again, and both get what they ticked. */

import { afterEach, expect, test } from 'vitest'
import { api } from '../attack/api.ts'
import { policyWith } from '../attack/shop.ts'
import { openHouse } from '../house.ts'
import { runs } from '../runs.ts'

const SQL = `
  create table products (id integer primary key, name text not null);
  create table tags (id integer primary key, name text not null);
  create table product_tags (
    id integer primary key, product_id integer not null references products (id),
    tag_id integer not null references tags (id), unique (product_id, tag_id)
  );
  insert into products (id, name) values (1, 'Oak chair'), (2, 'Lamp');
  insert into tags (id, name) values (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd'), (5, 'e'), (6, 'f');
  insert into product_tags (product_id, tag_id) values (2, 1), (2, 3);
`
const TAGS: readonly string[] = ['1', '2', '3', '4', '5', '6']
const ROUNDS = runs(12, 1 / 5)

let house: Awaited<ReturnType<typeof openHouse>>
afterEach(() => house.close())

/** The same numbers for the same seed, from 0 to less than 1. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

test('random sets of two editors at once come out as both meant them', async () => {
  const policy = policyWith([{ id: 'all', effect: 'permit', roles: ['support'], actions: ['*.*'] }])
  house = await openHouse({ sql: SQL, policy })
  const editors = [
    await house.signIn({ name: 'Noor', role: 'support' }),
    await house.signIn({ name: 'Ben', role: 'support' }),
  ]
  const random = randomFrom(20_261_130)
  let shown: ReadonlySet<string> = new Set()
  let changes = 0

  for (let round = 0; round < ROUNDS; round += 1) {
    const before = shown
    const meant = editors.map(() => {
      const ticked = TAGS.filter(() => random() < 0.5)
      return {
        add: ticked.filter((key) => !before.has(key)),
        remove: [...before].filter((key) => !ticked.includes(key)),
      }
    })
    const answers = await Promise.all(
      editors.map(({ client }, index) =>
        api(client, 'PATCH', '/models/products/records/1', { values: {}, links: { tags: meant[index] } }),
      ),
    )
    expect(answers.map(({ status, text }) => (status === 200 ? '' : text))).toEqual(['', ''])
    const gone = new Set(meant.flatMap(({ remove }) => remove))
    shown = new Set([...before, ...meant.flatMap(({ add }) => add)].filter((key) => !gone.has(key)))
    changes += meant.flatMap(({ add, remove }) => [...add, ...remove]).length

    const found = await house.sql('select tag_id from product_tags where product_id = 1 order by tag_id')
    expect(found.map((row) => String((row as { tag_id: number }).tag_id))).toEqual([...shown].toSorted())
  }
  expect(changes).toBeGreaterThan(ROUNDS)
  expect(await house.sql('select tag_id from product_tags where product_id = 2 order by 1')).toHaveLength(2)
})
