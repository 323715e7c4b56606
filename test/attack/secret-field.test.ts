/** Somebody, the superadmin too, searches, filters, sorts or picks by a secret, letter by letter, or asks for it under another name. */

import { expect, test } from 'vitest'
import { BASE } from '../client.ts'
import { openHouse, type SignedIn } from '../house.ts'
import { api } from './api.ts'
import { withParts } from './assemble.ts'

const SQL = `
  create table customers (id integer primary key, name text not null, region text, password_hash text);
  create table orders (id integer primary key, customer_id integer not null references customers(id), status text);
  insert into customers values (1,'Amara','north','79364'), (2,'Jonas','south','22222'), (3,'Omar','south',null);
  insert into orders values (1,1,'open'), (2,2,'paid');
`

const ROLES = ['superadmin', 'admin', 'support', 'auditor']
const records = '/models/customers/records?count=exact'
/** Each is asked with beginnings of the first customer’s secret, and with some that nobody’s has. */
const ORACLES: readonly ((part: string) => string)[] = [
  (part) => `${records}&search=${part}`,
  (part) => `${records}&filter=password_hash:startsWith:${part}`,
  (part) => `${records}&filter=password_hash:contains:${part}`,
  (part) => `${records}&filter=password_hash:gte:${part}`,
  (part) => `${records}&filter=password_hash:in:${part}`,
  (part) => `/models/orders/records?count=exact&search=${part}`,
]
const PREFIXES = ['7', '79', '793', '7936', '79364']
const NOBODYS = ['8', '85', '859', '8591', '85918']
/** Other ways to write a name, for whoever gets a value as another. */
const ALIASES = [
  'password_hash as name',
  'name=password_hash',
  'name:password_hash',
  'password_hash->name',
  'password_hash::text',
  't.password_hash',
  '"password_hash"',
  'PASSWORD_HASH',
  'concat(password_hash)',
  '*',
]

async function told(who: SignedIn, path: string): Promise<string> {
  const { status, text } = await api(who.client, 'GET', path)
  return `${status} ${text.replace(/"requestId":"[^"]*"/, '')}`
}

const open = (isSecret: boolean) =>
  openHouse({
    sql: SQL,
    ...(!isSecret && {
      assemble: withParts({
        model: (model) => ({
          ...model,
          fields: model.fields.map((field) => ({ ...field, sensitivity: 'public' })),
          list: {
            ...model.list,
            filters: [...model.list.filters, 'password_hash'],
            search: [...model.list.search, 'password_hash'],
          },
        }),
      }),
    }),
  })

test('no answer depends on a secret, whoever asks', async () => {
  const house = await open(true)
  try {
    for (const role of ROLES) {
      const who = await house.signIn({ role })
      for (const oracle of ORACLES) {
        for (const [index, prefix] of PREFIXES.entries()) {
          const path = oracle(prefix)
          expect(await told(who, path), `${role} ${path}`).toBe(await told(who, oracle(NOBODYS[index] ?? '')))
        }
      }
      const sorted = await told(who, `${records}&sort=password_hash`)
      expect(sorted.replaceAll('password_hash', 'x')).toBe(
        (await told(who, `${records}&sort=no_such_field`)).replaceAll('no_such_field', 'x'),
      )
      expect((await who.client.get(`${BASE}/m/customers/~options?q=79364`)).text).toBe('[]')
      expect((await who.client.get(`${BASE}/m/customers/~options?by=password_hash`)).text).not.toContain(
        '79364',
      )
    }
  } finally {
    await house.close()
  }
})

test('under no other name it is given', async () => {
  const house = await open(true)
  try {
    const top = await house.signIn({ role: 'superadmin' })
    for (const alias of [...ALIASES, 'password_hash']) {
      for (const parameter of ['fields', 'sort', 'filter']) {
        const path = `/models/customers/records?${parameter}=${encodeURIComponent(alias)}`
        expect((await api(top.client, 'GET', path)).text, path).not.toContain('79364')
      }
    }
  } finally {
    await house.close()
  }
})

test('control: were the field not classified, each of them would tell', async () => {
  const house = await open(false)
  try {
    const top = await house.signIn({ role: 'superadmin' })
    // behind the relation stands no search that the control adds
    for (const oracle of ORACLES.slice(0, 4)) {
      expect(await told(top, oracle('7936')), oracle('7936')).not.toBe(await told(top, oracle('8591')))
    }
    expect(
      (await api(top.client, 'GET', `${records}&filter=password_hash:isNull:false&sort=-password_hash`)).json[
        'records'
      ],
    ).toMatchObject([{ key: '1' }, { key: '2' }])
    expect((await api(top.client, 'GET', '/models/customers/records?fields=password_hash')).text).toContain(
      '79364',
    )
  } finally {
    await house.close()
  }
})
