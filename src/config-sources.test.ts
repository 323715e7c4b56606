import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type ConfiguredDatabases, databasesOf, namedByUrl } from './config-sources.ts'
import type { Mistake } from './errors.ts'
import type { AdminOptions, SourceOption } from './options.ts'

const folder = mkdtempSync(join(tmpdir(), 'castellan-sources-'))
afterAll(() => rmSync(folder, { recursive: true }))

const shop = `sqlite:${join(folder, 'shop.db')}`
const crm = `sqlite:${join(folder, 'crm.db')}`
for (const name of ['shop.db', 'crm.db']) writeFileSync(join(folder, name), '')

function read(given: Pick<AdminOptions, 'database' | 'sources' | 'store'>): {
  readonly databases: ConfiguredDatabases
  readonly mistakes: readonly string[]
} {
  const mistakes: Mistake[] = []
  const databases = databasesOf(given, mistakes)
  return { databases, mistakes: mistakes.map(({ id, place }) => `${id} ${place}`) }
}

/** What the application hands over: never opened here. */
const handedOver: SourceOption = {
  writes: 'refuse',
  open: async () => {
    throw new Error('Opened too early.')
  },
}

test('takes one database, whose models keep their names', () => {
  const { databases, mistakes } = read({ database: shop })

  expect(mistakes).toEqual([])
  expect(databases).toMatchObject({ sources: [{ id: 'application', place: 'database' }], store: null })
})

test('takes several in their order, by address and handed over', () => {
  const { databases, mistakes } = read({ sources: { shop, crm, books: handedOver }, store: crm })

  expect(mistakes).toEqual([])
  expect(databases.sources.map(({ id, kind }) => `${id} ${kind}`)).toEqual([
    'shop url',
    'crm url',
    'books definition',
  ])
})

test.each<[string, Pick<AdminOptions, 'database' | 'sources' | 'store'>, readonly string[]]>([
  ['no database', {}, ['C301 database']],
  ['no sources', { sources: {} }, ['C301 database']],
  ['both options', { database: shop, sources: { crm } }, ['C303 database']],
  ['an id in capitals', { sources: { CRM: crm } }, ['C304 sources.CRM']],
  ['an id with a dot', { sources: { 'a.b': crm } }, ['C304 sources.a.b']],
  ['our own id', { sources: { castellan: crm } }, ['C304 sources.castellan']],
  ['the same database twice', { sources: { shop, again: shop } }, ['C305 sources.again']],
  ['PGlite with no store', { database: `pglite:${folder}` }, ['C306 database']],
  ['a folder of PGlite that is missing', { sources: { shop, a: 'pglite:none' } }, ['C307 sources.a']],
  ['PGlite as the store', { database: shop, store: 'pglite:data' }, ['C306 store']],
  ['an address that is none', { sources: { shop, crm: 'crm' } }, ['D110 sources.crm']],
  ['a store in no folder', { database: shop, store: `sqlite:${folder}/a/b.db` }, ['C302 store']],
  [
    'everything at once',
    { sources: { A: 'x', b: 'postgres://db' }, store: 'y' },
    ['D110 sources.A', 'D111 sources.b', 'D110 store'],
  ],
])('refuses %s', (_, given, expected) => {
  expect(read(given).mistakes).toEqual(expected)
})

test('takes PGlite beside a store, and as another than the first source', () => {
  expect(read({ database: `pglite:${folder}`, store: crm }).mistakes).toEqual([])
  expect(read({ sources: { shop, small: `pglite:${folder}` } }).mistakes).toEqual([])
})

test('calls databases that only have URLs by their own names', () => {
  expect(namedByUrl([])).toEqual({})
  expect(namedByUrl([shop])).toEqual({ database: shop })
  expect(namedByUrl([shop, 'postgres://db/crm'])).toEqual({
    sources: { shop, crm: 'postgres://db/crm' },
  })
})
