import { expect, test } from 'vitest'
import { AdminError } from '../../errors.ts'
import { parseAddress } from './address.ts'

function mistakesIn(text: string): readonly string[] {
  try {
    parseAddress(text)
    return []
  } catch (error) {
    if (!(error instanceof AdminError)) throw error
    expect(error.message).not.toContain('s3cret')
    return error.mistakes.map(({ id }) => id)
  }
}

test('reads where the server is, and how to sign in there', () => {
  expect(parseAddress('mariadb://ana%40shop:s3cret%2F%25@db.example:3307/my%20shop')).toEqual({
    label: 'mariadb://db.example:3307/my shop',
    host: 'db.example',
    port: 3307,
    socketPath: null,
    user: 'ana@shop',
    password: 's3cret/%',
    database: 'my shop',
    tls: null,
  })
  expect(parseAddress('mysql://[::1]/shop')).toMatchObject({
    host: '::1',
    port: 3306,
    user: '',
    password: '',
  })
  expect(parseAddress('mysql:///shop?socket=/run/mysqld.sock')).toMatchObject({
    label: 'mysql:///run/mysqld.sock/shop',
    socketPath: '/run/mysqld.sock',
  })
})

test('reads how the connection is encrypted', () => {
  expect(parseAddress('mysql://db/shop?ssl-mode=required').tls).toEqual({
    ca: null,
    rejectUnauthorized: false,
    verifyIdentity: false,
  })
  expect(parseAddress('mysql://db/shop?ssl-mode=VERIFY_IDENTITY').tls).toMatchObject({ verifyIdentity: true })
  expect(parseAddress('mysql://10.0.0.1/shop?ssl-mode=VERIFY_CA').tls).toMatchObject({
    rejectUnauthorized: true,
  })
  expect(parseAddress('mysql://db/shop?ssl-mode=DISABLED').tls).toBeNull()
})

test.each([
  ['', 'D140'],
  ['shop.db', 'D140'],
  ['postgres://ana:s3cret@db/shop', 'D140'],
  ['mysql:///shop', 'D140'],
  ['mysql://ana:s3cret@db', 'D142'],
  ['mysql://ana:s3cret@db/', 'D142'],
  ['mysql://ana:s3cret@db/a/b', 'D142'],
  ['mysql://ana:s3cret@db/shop?ssl_mode=REQUIRED', 'D141'],
  ['mysql://ana:s3cret@db/shop?ssl-mode=sometimes', 'D141'],
  ['mysql://ana:s3cret@db/shop?ssl-ca=/no/such/file', 'D141'],
  ['mysql://ana:s3cret@10.0.0.1/shop?ssl-mode=VERIFY_IDENTITY', 'D141'],
  ['mysql://ana:s3cret@[::1]/shop?ssl-mode=VERIFY_IDENTITY', 'D141'],
])('refuses "%s" with %s, and never says the password', (text, id) => {
  expect(mistakesIn(text)).toEqual([id])
})
