/** Databases that nobody here wrote, with nothing configured: every model lists, records open, a change is proved. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { databaseReader } from '../../src/audit/database-reader.ts'
import { verifyLog } from '../../src/audit/verify.ts'
import { openDatabase } from '../../src/database/url.ts'
import { BASE, type Client } from '../client.ts'
import { type House, openHouse } from '../house.ts'

const SAMPLES = process.env['CASTELLAN_SAMPLES'] ?? '../shared/data'

const DATABASES = [
  {
    name: 'Chinook',
    file: 'chinook/Chinook_Sqlite.sqlite',
    models: 11,
    customers: 'Customer',
    key: '1',
    field: 'Email',
  },
  {
    name: 'Sakila',
    file: 'sakila/sakila.sqlite',
    models: 16,
    customers: 'customer',
    key: '1',
    field: 'email',
  },
] as const

/** Records opened of each model. */
const SAMPLE = 5

for (const { name, file, models, customers, key, field } of DATABASES) {
  const path = join(SAMPLES, file)
  test.skipIf(!existsSync(path))(
    `serves ${name} with nothing configured`,
    async () => {
      const house = await openHouse({ copyOf: path })
      try {
        const { client } = await house.signIn({ name: 'Ana Ferreira', role: 'superadmin' })
        const found = JSON.parse((await client.get(`${BASE}/api/v1/models`)).text).models as {
          name: string
        }[]
        const own = found.filter((model) => !model.name.startsWith('castellan.'))
        expect(own.length).toBeGreaterThanOrEqual(models)

        let opened = 0
        for (const model of own) opened += await openSome(client, model.name)
        expect(opened).toBeGreaterThan(models)

        await changeEmail(client, `${BASE}/m/${customers}/${key}`, field)
        const history = await client.get(`${BASE}/m/${customers}/${key}/history`)
        expect(history.text).toContain('Ana Ferreira')
        expect(history.text).toContain('proved@example.com')
        await prove(house)
      } finally {
        await house.close()
      }
    },
    60_000,
  )
}

/** Lists a model on its page and opens records of its first page, spread evenly; how many. */
async function openSome(client: Client, model: string): Promise<number> {
  const list = await client.get(`${BASE}/m/${encodeURIComponent(model)}?per=100`)
  expect(list.status, model).toBe(200)
  const { records } = JSON.parse(
    (await client.get(`${BASE}/api/v1/models/${encodeURIComponent(model)}/records?limit=100`)).text,
  ) as { records: { key: string | null }[] }
  const keys = records.flatMap((record) => record.key ?? [])
  const step = Math.max(1, Math.floor(keys.length / SAMPLE))
  const chosen = keys.filter((_, index) => index % step === 0).slice(0, SAMPLE)
  for (const key of chosen) {
    const page = await client.get(`${BASE}/m/${encodeURIComponent(model)}/${encodeURIComponent(key)}`)
    expect(page.status, `${model} ${key}`).toBe(200)
  }
  return chosen.length
}

async function changeEmail(client: Client, record: string, field: string): Promise<void> {
  const form = await client.get(`${record}/edit`)
  const version = /name="_version" value="([^"]+)"/.exec(form.text)?.[1] ?? ''
  const saved = await client.post(`${record}/edit`, { _version: version, [field]: 'proved@example.com' })
  expect([saved.status, saved.location?.split('?')[0]]).toEqual([303, record])
}

async function prove({ url, admin, clock }: House): Promise<void> {
  await admin.close()
  const database = await openDatabase(url, { place: 'test' })
  try {
    const report = await database.read(async (connection) =>
      verifyLog(await databaseReader(connection), { now: clock.now }),
    )
    expect(report.kind).toBe('verified')
    expect(report.events).toBeGreaterThan(10)
  } finally {
    await database.close()
  }
}
