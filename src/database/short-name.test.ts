import { expect, test } from 'vitest'
import { shortNames } from './short-name.ts'

test.each([
  [
    ['postgres://ana:x@db/shop', 'mysql://db/CRM'],
    ['shop', 'crm'],
  ],
  [
    ['sqlite:/srv/shop.db', 'sqlite:/old/shop.db', 'postgres://db/shop'],
    ['shop', 'shop_2', 'shop_3'],
  ],
  [
    ['sqlite:my shop (2).sqlite3', 'pglite:./data/9lives'],
    ['my_shop_2', 'lives'],
  ],
  [
    ['sqlite:castellan.db', 'sqlite::memory:'],
    ['database', 'memory'],
  ],
  [
    ['sqlite:注文.db', 'nonsense'],
    ['database', 'database_2'],
  ],
])('calls %j %j', (urls, names) => {
  expect(shortNames(urls)).toEqual(names)
})
