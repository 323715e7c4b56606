/** Bodies and addresses that are too long, never end, or are folded into themselves. */

import { expect, test } from 'vitest'
import { BASE } from '../client.ts'
import { ORIGIN, openProduction, SECURE } from '../http/behind-proxy.ts'
import { api } from './api.ts'
import { withParts } from './assemble.ts'
import { openAttack, SHOP, WITHOUT_ROW_RULE } from './shop.ts'

/** With names of any length, on every engine. */
const ROOMY = SHOP.replace('name text', 'name clob')

const MEBIBYTE = 1024 * 1024
const FORM = 'application/x-www-form-urlencoded'

/** A body that goes on for ever; counts what was taken of it. */
function endless(): { readonly body: ReadableStream<Uint8Array>; taken(): number } {
  let taken = 0
  const chunk = new TextEncoder().encode('x'.repeat(64 * 1024))
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      taken += chunk.length
      controller.enqueue(chunk)
    },
  })
  return { body, taken: () => taken }
}

async function postEndless(
  path: string,
  type: string,
  more: object = {},
): Promise<{ status: number; taken: number }> {
  const production = await openProduction(more)
  try {
    const { body, taken } = endless()
    const answer = await production.fetch(path, {
      method: 'POST',
      headers: { ...SECURE, origin: ORIGIN, 'sec-fetch-site': 'same-origin', 'content-type': type },
      body,
      duplex: 'half',
    } as RequestInit)
    return { status: answer.status, taken: taken() }
  } finally {
    await production.house.close()
  }
}

test.each([
  [`${BASE}/sign-in`, FORM],
  [`${BASE}/set-up`, FORM],
  [`${BASE}/api/v1/models/orders/records`, 'application/json'],
])('a body for %s that never ends is given up soon after the limit', async (path, type) => {
  const { status, taken } = await postEndless(path, type)

  expect([401, 413]).toContain(status)
  expect(taken).toBeLessThan(3 * MEBIBYTE)
})

test('control: with a larger limit more of it is taken', async () => {
  const assemble = withParts({
    app: (parts) => ({ ...parts, settings: { ...parts.settings, maxBodyBytes: 8 * MEBIBYTE } }),
  })
  const { status, taken } = await postEndless(`${BASE}/sign-in`, FORM, { assemble })

  expect(status).toBe(413)
  expect(taken).toBeGreaterThan(7 * MEBIBYTE)
})

test('a body that is too long is refused, and one that fits is not', async () => {
  await using attack = await openAttack(WITHOUT_ROW_RULE, { sql: ROOMY })
  const write = (name: string) =>
    api(attack.low.client, 'PATCH', '/models/customers/records/1', { values: { name } })

  expect((await write('x'.repeat(MEBIBYTE + 1))).status).toBe(413)
  expect((await write('x'.repeat(MEBIBYTE / 2))).status).toBe(200)
})

test.each([
  [MEBIBYTE + 1, 413],
  [MEBIBYTE / 2, 200],
])('a body of %i letters whose Content-Length says 1 is answered %i', async (letters, expected) => {
  await using attack = await openAttack(WITHOUT_ROW_RULE, { sql: ROOMY })
  const token = await attack.house.token(['superadmin'])
  const { status } = await attack.house.visitor().send('PATCH', `${BASE}/api/v1/models/customers/records/1`, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': '1' },
    body: JSON.stringify({ values: { name: 'x'.repeat(letters) } }),
    isBare: true,
  })

  expect(status).toBe(expected)
})

test('what is folded into itself fifty thousand times is refused like anything else', async () => {
  await using attack = await openAttack(WITHOUT_ROW_RULE, { sql: ROOMY })
  const deep = 50_000

  for (const body of [
    '['.repeat(deep) + ']'.repeat(deep),
    `${'{"values":'.repeat(deep)}{}${'}'.repeat(deep)}`,
    `{"values":{"name":${'['.repeat(deep)}${']'.repeat(deep)}}}`,
    '{"values":{"name":1e999999}}',
    `{"values":{"name":${'9'.repeat(100_000)}}}`,
    `{"values":{${Array.from({ length: 20_000 }, (_, index) => `"f${index}":1`).join(',')}}}`,
  ]) {
    const { status } = await api(attack.low.client, 'PATCH', '/models/customers/records/1', body)
    expect(status, body.slice(0, 30)).toBe(422)
  }
})

test('a compressed body is not unfolded', async () => {
  await using attack = await openAttack(WITHOUT_ROW_RULE, { sql: ROOMY })

  for (const encoding of ['gzip', 'br', 'deflate']) {
    const { status } = await api(
      attack.low.client,
      'PATCH',
      '/models/customers/records/1',
      '\u001f\u008bxx',
      {
        'content-encoding': encoding,
      },
    )
    expect([415, 422], encoding).toContain(status)
  }
})

test('an address, a search and a list of filters have an end', async () => {
  await using attack = await openAttack(WITHOUT_ROW_RULE, { sql: ROOMY })
  const status = async (path: string): Promise<number> =>
    (await attack.low.client.get(`${BASE}${path}`)).status

  expect(await status(`/m/customers?q=${'x'.repeat(20_000)}`)).toBe(413)
  expect(await status(`/api/v1/models/customers/records?search=${'x'.repeat(201)}`)).toBe(422)
  const many = Array.from({ length: 31 }, () => 'filter=id:eq:1').join('&')
  expect(await status(`/api/v1/models/customers/records?${many}`)).toBe(422)
  expect(await status(`/api/v1/models/customers/records?filter=id:in:${'1,'.repeat(201)}`)).toBe(422)
  expect(await status(`/api/v1/models/customers/records?sort=${'id,'.repeat(10)}`)).toBe(422)
  expect(await status('/api/v1/models/customers/records?limit=999999999')).toBe(200)
  expect(await status(`/api/v1/models/customers/records?search=${'x'.repeat(200)}`)).toBe(200)
})
