import { expect, test } from 'vitest'
import { parseDatabaseUrl } from './url.ts'

test.each([
  ['sqlite:shop.db', 'shop.db'],
  ['sqlite:/var/lib/shop.db', '/var/lib/shop.db'],
  ['sqlite:///var/lib/shop.db', '/var/lib/shop.db'],
  ['SQLITE:a b.db', 'a b.db'],
  ['sqlite::memory:', ':memory:'],
])('reads %s', (url, file) => {
  expect(parseDatabaseUrl(url, '--database')).toEqual({ engine: 'sqlite', file })
})

test.each(['', 'shop.db', 'sqlite:', 'http://example.com', 'mongodb://localhost'])('refuses "%s"', (url) => {
  expect(() => parseDatabaseUrl(url, '--database')).toThrow(/^D110 --database: /)
})

test.each(['postgres://ana:hunter2@db/shop', 'mysql://ana:hunter2@db/shop', 'mariadb://x', 'pglite:dir'])(
  'says that the engine of %s is not there yet, without repeating it',
  (url) => {
    expect(() => parseDatabaseUrl(url, '--database')).toThrow(/^D111 --database: \w+ is not supported yet\./)
    expect(() => parseDatabaseUrl(url, '--database')).not.toThrow('hunter2')
  },
)
