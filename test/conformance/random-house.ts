/** A house over a random world: its records are written and its questions asked over the API. */

import { expect } from 'vitest'
import type { Model } from '../../src/model/model.ts'
import type { Rule } from '../../src/policy/document.ts'
import { policyWith } from '../attack/shop.ts'
import { BASE } from '../client.ts'
import { openTestDatabase, type StoreEngine } from '../engine.ts'
import { openHouse } from '../house.ts'
import { isKnownOrder } from './random-oracle.ts'
import {
  type Answer,
  addressOf,
  arranged,
  type Known,
  type ListQuestion,
  type Question,
  type Seen,
  tableAt,
} from './random-question.ts'
import { allColumns, type Row, statementsOf, type World } from './random-world.ts'

export interface RandomHouse extends Known, AsyncDisposable {
  /** With what a refusal says. */
  ask(question: Question): Promise<Answer & { readonly said?: string }>
}

type Json = Readonly<Record<string, unknown>>

interface RecordJson {
  readonly key: string
  readonly values: Json
  readonly related: Readonly<Record<string, { readonly key: string } | null>>
}

/** Makes the tables, opens the house and writes every record through it. */
export async function openRandomHouse(engine: StoreEngine, world: World): Promise<RandomHouse> {
  const home = await openTestDatabase(engine)
  await home.run(statementsOf(world, engine))
  const house = await openHouse({ engine, home, policy: policyWith(rulesOf(world)) })
  const tokens = { whole: await house.token(['superadmin']), part: await house.token(['support']) }
  const client = house.visitor()
  const keys = new Map<Row, string>()

  function model(table: number): Model {
    const { name } = tableAt(world, table)
    const found = house.admin.models.get(name)
    if (!found) throw new Error(`No model "${name}".`)
    return found
  }

  const key: Known['key'] = (_, row) => keys.get(row) ?? 'was not written'

  async function get(path: string, isWhole: boolean): Promise<{ status: number; json: Json }> {
    const { status, text } = await client.send('GET', `${BASE}/api/v1${path}`, {
      headers: { authorization: `Bearer ${isWhole ? tokens.whole : tokens.part}` },
    })
    return { status, json: JSON.parse(text) as Json }
  }

  async function write(table: number, row: Row): Promise<void> {
    const { name } = tableAt(world, table)
    const body = `{"values":{${[...row].map(([one, value]) => `${JSON.stringify(one)}:${JSON.stringify(value)}`).join()}}}`
    const { status, text } = await client.send(
      'POST',
      `${BASE}/api/v1/models/${encodeURIComponent(name)}/records`,
      {
        headers: { authorization: `Bearer ${tokens.whole}`, 'content-type': 'application/json' },
        body,
      },
    )
    if (status !== 201) throw new Error(`${status} for ${body} in "${name}": ${text}`)
    keys.set(row, (JSON.parse(text) as { record: RecordJson }).record.key)
  }

  async function page(path: string, { isWhole }: ListQuestion, place: unknown): Promise<Json> {
    const { status, json } = await get(`${path}&cursor=${encodeURIComponent(String(place))}`, isWhole)
    if (status !== 200) throw new Error(`${status} for a page: ${JSON.stringify(json)}`)
    return json
  }

  /** That page and all that lie behind it in one direction. */
  async function pages(
    path: string,
    question: ListQuestion,
    direction: 'next' | 'previous',
    first: Json,
  ): Promise<readonly Json[]> {
    const found = [first]
    for (let place = pageOf(first)[direction]; place; ) {
      const next = await page(path, question, place)
      found.push(next)
      place = pageOf(next)[direction]
    }
    return found
  }

  async function list(question: ListQuestion): ReturnType<RandomHouse['ask']> {
    const path = addressOf(question, world, '')
    const { status, json } = await get(path, question.isWhole)
    if (status !== 200) return { status, said: JSON.stringify(json) }
    const forward = await pages(path, question, 'next', json)
    const { previous = null } = pageOf(forward.at(-1) ?? json)
    const back =
      previous === null ? [] : await pages(path, question, 'previous', await page(path, question, previous))
    const records = forward.flatMap(recordsOf)

    expect(back.toReversed().map(keysOf), 'backwards').toEqual(forward.slice(0, -1).map(keysOf))
    if (!isKnownOrder(engine, tableAt(world, question.table), question.sort)) {
      const { json: whole } = await get(addressOf({ ...question, limit: 200 }, world, ''), question.isWhole)
      expect(
        records.map((one) => one.key),
        'in pages',
      ).toEqual(keysOf(whole))
    }
    return {
      status,
      count: (json['count'] as { value: number }).value,
      sizes: forward.map((one) => recordsOf(one).length),
      records: arranged(
        engine,
        question,
        world,
        records.map((one) => seenIn(model(question.table), one)),
      ),
    }
  }

  async function ask(question: Question): ReturnType<RandomHouse['ask']> {
    if (question.kind === 'list') return list(question)
    const row = tableAt(world, question.table).rows[question.row]
    const { status, json } = await get(
      addressOf(question, world, row ? key(question.table, row) : ''),
      question.isWhole,
    )
    if (status !== 200) return { status, said: JSON.stringify(json) }
    return { status, records: [seenIn(model(question.table), json['record'] as RecordJson)] }
  }

  for (const [index, table] of world.tables.entries()) {
    expect(kindsOf(model(index))).toEqual(
      allColumns(table)
        .map(({ name, kind }) => [name, kind.type(engine), true])
        .toSorted(),
    )
    for (const row of table.rows) await write(index, row)
  }
  return { world, model, key, ask, [Symbol.asyncDispose]: () => house.close() }
}

/** What each field was found to be, and whether everyone may ask for it. */
function kindsOf({ fields }: Model): readonly unknown[] {
  return fields
    .map(({ name, type, sensitivity }) => [
      name,
      type,
      sensitivity === 'public' || sensitivity === 'internal',
    ])
    .toSorted()
}

function pageOf(page: Json): Json {
  return page['page'] as Json
}

function recordsOf(page: Json): readonly RecordJson[] {
  return page['records'] as readonly RecordJson[]
}

function keysOf(page: Json): readonly string[] {
  return recordsOf(page).map(({ key }) => key)
}

function seenIn(model: Model, { key, values, related }: RecordJson): Seen {
  const relation = model.relations.find(({ kind }) => kind === 'one')
  const led: [string, unknown][] = relation ? [['→', related[relation.name]?.key ?? null]] : []
  return [key, [...Object.entries(values), ...led].toSorted(([a], [b]) => (a < b ? -1 : 1))]
}

function rulesOf({ tables, parts }: World): readonly Rule[] {
  return tables.flatMap(({ name }, index): readonly Rule[] => {
    const { permit = null, forbid = null, hidden = null } = parts[index] ?? {}
    const common = { roles: ['support'], actions: [`${name}.list`, `${name}.read`] }
    const permitted: Rule = {
      ...common,
      id: `part-of-${index}`,
      effect: 'permit',
      ...(hidden !== null && { fields: { except: [hidden] } }),
      ...(permit && { where: permit }),
    }
    return forbid
      ? [permitted, { ...common, id: `not-of-${index}`, effect: 'forbid', where: forbid }]
      : [permitted]
  })
}
