import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { absoluteUrl, type DatabaseUrl, isSameDatabase, labelOf, parseDatabaseUrl } from './url.ts'

const read = (text: string): DatabaseUrl => parseDatabaseUrl(text, '--database')

test.each([
  ['sqlite:shop.db', 'shop.db'],
  ['sqlite:/var/lib/shop.db', '/var/lib/shop.db'],
  ['sqlite:///var/lib/shop.db', '/var/lib/shop.db'],
  ['SQLITE:a b.db', 'a b.db'],
  ['sqlite::memory:', ':memory:'],
])('reads %s', (url, file) => {
  expect(read(url)).toEqual({ engine: 'sqlite', file })
})

test('reads a folder of PGlite', () => {
  expect(read('pglite:./data')).toEqual({ engine: 'pglite', folder: './data' })
})

test.each([
  ['postgres://ana:hunter2@db.example.com:5433/shop', 'postgres', 'postgres://db.example.com:5433/shop'],
  ['postgresql://ana:hunter2@db/shop?sslmode=require', 'postgres', 'postgres://db/shop'],
  ['postgres:///shop?host=/run/postgresql', 'postgres', 'postgres:///run/postgresql/shop'],
  ['mysql://ana:hunter2@db:3306/shop', 'mysql', 'mysql://db:3306/shop'],
  ['MariaDB://ana:hunter2@[::1]/shop', 'mariadb', 'mariadb://[::1]/shop'],
  ['postgres://ana:hunter2%40x@db/my%20shop', 'postgres', 'postgres://db/my shop'],
])('reads %s without showing who and how', (text, engine, label) => {
  const url = read(text)

  expect(url.engine).toBe(engine)
  expect(labelOf(url)).toBe(label)
  expect(`${inspect(url, { depth: null, showHidden: true })}${JSON.stringify(url)}`).not.toContain('hunter2')
})

test('keeps the password for the driver', () => {
  const url = read('postgresql://ana:hunter2@db/shop')

  expect('address' in url && url.address.reveal()).toBe('postgres://ana:hunter2@db/shop')
})

test.each([
  ['', 'D110'],
  ['shop.db', 'D110'],
  ['http://example.com', 'D110'],
  ['mongodb://localhost', 'D110'],
  ['constructor:x', 'D110'],
  ['postgres:shop', 'D110'],
  ['postgres://ana:hunter2@[db/shop', 'D110'],
  ['postgres://ana:hunter2@db:many/shop', 'D110'],
  ['sqlite:', 'D111'],
  ['pglite:', 'D111'],
  ['postgres://ana:hunter2@db', 'D111'],
  ['mysql://ana:hunter2@db/', 'D111'],
  ['mysql://ana:hunter2@db/shop/orders', 'D111'],
  ['postgres:///shop', 'D111'],
])('refuses "%s" without repeating it', (text, id) => {
  const attempt = (): unknown => read(text)

  expect(attempt).toThrow(new RegExp(`^${id} --database: .+\\. Write `))
  expect(attempt).not.toThrow('hunter2')
})

test('knows whether two addresses are one database', () => {
  const file = absoluteUrl(read('sqlite:shop.db'))

  expect(isSameDatabase(file, absoluteUrl(read('sqlite:./shop.db')))).toBe(true)
  expect(isSameDatabase(read('postgres://a@db/x'), read('postgresql://a@db/x'))).toBe(true)
  expect(isSameDatabase(read('postgres://a@db/x'), read('postgres://b@db/x'))).toBe(false)
  expect(isSameDatabase(read('sqlite::memory:'), read('sqlite::memory:'))).toBe(false)
})
