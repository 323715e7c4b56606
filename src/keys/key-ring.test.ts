import { createHash, randomBytes, sign, verify } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqlite } from '../database/sqlite/sqlite.ts'
import { createStore, type Store } from '../store/store.ts'
import { inStore } from '../store/tables.ts'
import { rawPublicKey } from './ed25519.ts'
import { type OpenedKeys, openKeys } from './key-ring.ts'
import type { Purpose } from './keys.ts'

const SECRET = 'the first secret, of more than 32 bytes'
const OTHER = 'another secret, of more than 32 bytes too'
const PURPOSES: readonly Purpose[] = ['access', 'checkpoint', 'seal', 'credential', 'subject']

interface Row {
  readonly id: string
  readonly wrapped: Uint8Array
}
type Rows = readonly [Row, Row]

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'castellan-keys-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('makes an active and a next key for each purpose, once', async () => {
  await using opened = await openStore()

  const first = await open(opened.store)
  const second = await open(opened.store)

  expect(first.created.map(({ purpose }) => purpose)).toEqual(PURPOSES.flatMap((one) => [one, one]))
  expect(second.created).toEqual([])
  expect(second.signing('checkpoint').id).toBe(first.signing('checkpoint').id)
  expect(second.secret('seal').id).toBe(first.secret('seal').id)
})

test('names a signing key by the hash of its raw public key', async () => {
  await using opened = await openStore()

  const { id, publicKey } = (await open(opened.store)).signing('checkpoint')

  expect(id).toBe(createHash('sha256').update(rawPublicKey(publicKey)).digest('hex').slice(0, 16))
})

test('verifies with the public key of what it signed with, and with no other purpose', async () => {
  await using opened = await openStore()
  const keys = await open(opened.store)
  const { id, privateKey } = keys.signing('access')
  const signature = sign(null, Buffer.from('a pointer'), privateKey)

  const publicKey = keys.verifying('access', id)

  expect(publicKey && verify(null, Buffer.from('a pointer'), publicKey, signature)).toBe(true)
  expect(keys.verifying('checkpoint', id)).toBeNull()
  expect(keys.verifying('access', '0000000000000000')).toBeNull()
})

test('makes the same keys for two processes that open an empty store at once', async () => {
  await using one = await openStore()
  await using other = await openStore()

  const [first, second] = await Promise.all([open(one.store), open(other.store)])

  expect(first.created.length + second.created.length).toBe(PURPOSES.length * 2)
  for (const purpose of ['seal', 'credential', 'subject'] as const) {
    expect(second.secret(purpose).key.equals(first.secret(purpose).key)).toBe(true)
  }
  expect(second.signing('checkpoint').id).toBe(first.signing('checkpoint').id)
})

test('wraps anew with the first secret and keeps the keys', async () => {
  await using opened = await openStore()
  const before = await open(opened.store)

  const during = await open(opened.store, [OTHER, SECRET])
  const after = await open(opened.store, [OTHER])

  expect(during.created).toEqual([])
  expect(after.signing('checkpoint').id).toBe(before.signing('checkpoint').id)
  expect(after.secret('subject').key.equals(before.secret('subject').key)).toBe(true)
})

test('refuses a secret that unwraps nothing, with the remedy', async () => {
  await using opened = await openStore()
  await open(opened.store)

  await expect(open(opened.store, [OTHER])).rejects.toMatchObject({
    code: 'misconfigured',
    mistakes: [{ id: 'M203', place: 'CASTELLAN_SECRET_KEY', remedy: expect.stringContaining('behind') }],
  })
})

test.each([
  ['changed by one bit', (rows: Rows) => [{ ...rows[0], wrapped: flipped(rows[0].wrapped) }]],
  [
    'put in the place of another',
    (rows: Rows) => [
      { ...rows[0], wrapped: rows[1].wrapped },
      { ...rows[1], wrapped: rows[0].wrapped },
    ],
  ],
])('refuses a key that was %s', async (_case, change) => {
  await using opened = await openStore()
  await open(opened.store)
  await opened.store.database.write(async (connection) => {
    const tables = inStore(connection)
    const [one, other] = await tables.selectFrom('castellan_key').select(['id', 'wrapped']).execute()
    if (!one || !other) throw new TypeError('There are no keys to change.')
    for (const { id, wrapped } of change([one, other])) {
      await tables.updateTable('castellan_key').set({ wrapped }).where('id', '=', id).execute()
    }
  })

  await expect(open(opened.store)).rejects.toMatchObject({ code: 'misconfigured' })
})

test('stores no key in the clear', async () => {
  await using opened = await openStore()
  const keys = await open(opened.store)

  const rows = await inStore(opened.store.database.now).selectFrom('castellan_key').selectAll().execute()

  const stored = Buffer.concat(rows.map(({ wrapped }) => wrapped))
  expect(rows).toHaveLength(PURPOSES.length * 2)
  expect(stored.includes(keys.secret('seal').key.export())).toBe(false)
  const { d = '' } = keys.signing('access').privateKey.export({ format: 'jwk' })
  expect(stored.includes(Buffer.from(d, 'base64url'))).toBe(false)
})

test('holds keys as handles: what can print everything in memory prints none of them', async () => {
  await using opened = await openStore()
  const keys = await open(opened.store)
  const seal = keys.secret('seal')
  const { d = '' } = keys.signing('access').privateKey.export({ format: 'jwk' })
  const printed = (value: unknown): string =>
    `${inspect(value, { depth: null, showHidden: true, maxArrayLength: null })}${JSON.stringify(value)}`
  const forms = (secret: Buffer): readonly string[] => [
    secret.toString('hex'),
    secret.toString('base64'),
    secret.toString('base64url'),
    secret.toString('hex').replaceAll(/../g, '$& ').trim(),
    [...secret].join(', '),
    JSON.stringify([...secret]).slice(1, -1),
  ]
  const holder = { keys, seal, signing: keys.signingKeys('access') }
  const secrets = [seal.key.export(), Buffer.from(d, 'base64url')]

  expect(secrets.flatMap(forms).filter((form) => printed(holder).includes(form))).toEqual([])
  // control: as bytes they are printed
  for (const secret of secrets) {
    const found = forms(secret).filter((form) => printed({ secret, list: [...secret] }).includes(form))
    expect(found.length).toBeGreaterThan(0)
  }
})

test('moves a ring on by one key, and follows what another process has moved', async () => {
  await using one = await openStore()
  await using other = await openStore()
  const [here, there] = [await open(one.store), await open(other.store)]
  const [active, next] = [
    here.signing('access').id,
    idsOf(here).find((id) => id !== here.signing('access').id),
  ]

  const turned = await one.store.database.write((connection) => here.rotate(connection, 'access'))

  expect(turned).toEqual({ purpose: 'access', before: active, after: next })
  for (const keys of [here, there]) {
    expect(keys.signing('access').id).toBe(active)
    expect(await keys.catchUp(one.store.database.now)).toBe(true)
    expect(keys.signing('access').id).toBe(next)
    expect(keys.verifying('access', active)).not.toBeNull()
    expect(idsOf(keys)).toHaveLength(3)
    expect(await keys.catchUp(one.store.database.now)).toBe(false)
  }
  expect(here.secret('seal').id).toBe(there.secret('seal').id)
})

test('keeps the same key in memory where a ring was not changed', async () => {
  await using opened = await openStore()
  const keys = await open(opened.store)
  const { key } = keys.secret('seal')

  await opened.store.database.write((connection) => keys.rotate(connection, 'access'))
  await keys.catchUp(opened.store.database.now)

  expect(keys.secret('seal').key).toBe(key)
})

test.each([
  ['access', 2],
  ['seal', 2],
  ['checkpoint', 3],
  ['credential', 2],
  ['subject', 3],
] as const)('replaces the whole ring "%s", and keeps %i of its keys', async (purpose, kept) => {
  await using opened = await openStore()
  const keys = await open(opened.store)
  const before = await rowsOf(opened.store, purpose)

  const { rings, ...turned } = await opened.store.database.write((connection) =>
    keys.replace(connection, purpose),
  )

  const rows = await rowsOf(opened.store, purpose)
  const isOld = (id: string): boolean => before.some((row) => row.id === id)
  expect(rows).toHaveLength(kept)
  expect(rows.filter(({ id }) => isOld(id)).map(({ state }) => state)).toEqual(kept === 3 ? ['retiring'] : [])
  expect(turned.after).toBe(rows.find(({ state }) => state === 'active')?.id)
  const active =
    purpose === 'access' || purpose === 'checkpoint' ? rings.signing(purpose) : rings.secret(purpose)
  expect(active.id).toBe(turned.after)
})

test('changes nothing when the transaction of a rotation is rolled back', async () => {
  await using opened = await openStore()
  const keys = await open(opened.store)
  const { id } = keys.signing('access')

  await expect(
    opened.store.database.write(async (connection) => {
      await keys.rotate(connection, 'access')
      throw new Error('too late')
    }),
  ).rejects.toThrow('too late')

  expect(await keys.catchUp(opened.store.database.now)).toBe(false)
  expect(keys.signing('access').id).toBe(id)
  expect(await rowsOf(opened.store, 'access')).toHaveLength(2)
})

test('takes a row without a secret for a key of no ring but the one of checkpoints that were', async () => {
  await using opened = await openStore()
  await open(opened.store)
  const forged = { id: 'f'.repeat(16), public_key: new Uint8Array(32), wrapped: new Uint8Array() }
  const insert = (row: { readonly purpose: string; readonly state: 'retiring'; readonly id: string }) =>
    opened.store.database.write((connection) =>
      inStore(connection)
        .insertInto('castellan_key')
        .values({ ...forged, created_at: '2026-11-21T10:00:00.000Z', ...row })
        .execute(),
    )
  await insert({ purpose: 'checkpoint', state: 'retiring', id: 'e'.repeat(16) })
  const keys = await open(opened.store)
  expect(keys.verifying('checkpoint', 'e'.repeat(16))).toBeNull()

  await insert({ purpose: 'access', state: 'retiring', id: forged.id })

  await expect(open(opened.store)).rejects.toMatchObject({ code: 'misconfigured' })
})

function idsOf(keys: OpenedKeys): readonly string[] {
  return keys.signingKeys('access').map(({ id }) => id)
}

function rowsOf({ database }: Store, purpose: Purpose) {
  return inStore(database.now)
    .selectFrom('castellan_key')
    .select(['id', 'state'])
    .where('purpose', '=', purpose)
    .execute()
}

function open(store: Store, secrets: readonly string[] = [SECRET]) {
  return openKeys({ store, secrets, clock: () => 1_700_000_000_000, randomBytes })
}

async function openStore() {
  const database = await openSqlite({ file: join(folder, 'store.db'), ifMissing: 'create' })
  const store = createStore(database)
  await store.migrate()
  return { store, [Symbol.asyncDispose]: () => database.close() }
}

function flipped(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes, (byte, index) => (index === 20 ? byte ^ 1 : byte))
}
