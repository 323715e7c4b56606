import { expect, test } from 'vitest'
import { isEncrypted } from './encrypted.ts'
import { parseDatabaseUrl } from './url.ts'

test.each([
  'sqlite:shop.db',
  'pglite:shop',
  'postgres://ana@localhost/shop',
  'postgres://ana@127.0.0.1:5432/shop',
  'postgres://ana@[::1]/shop',
  'postgres:///shop?host=/var/run/postgresql',
  'postgres://ana:word@db.example.com/shop?sslmode=require',
  'postgres://ana@db.example.com/shop?sslmode=verify-full',
  'mariadb://ana@localhost/shop',
  'mariadb://ana@db.example.com/shop?ssl-mode=VERIFY_IDENTITY',
  'mysql://ana@db.example.com/shop?ssl-ca=/etc/ca.pem',
])('%s can’t be read on its way', (url) => {
  expect(isEncrypted(parseDatabaseUrl(url, 'test'))).toBe(true)
})

test.each([
  'postgres://ana@db.example.com/shop',
  'postgres://ana@10.0.0.7/shop?sslmode=disable',
  'postgres://ana@db.example.com/shop?sslmode=prefer',
  'mariadb://ana@db.example.com/shop',
  'mysql://ana@db.example.com/shop?ssl-mode=DISABLED',
])('%s can be read on its way', (url) => {
  expect(isEncrypted(parseDatabaseUrl(url, 'test'))).toBe(false)
})
