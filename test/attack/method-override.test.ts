/** A request asks to be taken for one of another method, so that a check is passed by. */

import { expect, test } from 'vitest'
import { createAdmin } from '../../src/admin.ts'
import { BASE } from '../client.ts'
import { api } from './api.ts'
import { type Attack, openAttack, WITHOUT_ROW_RULE } from './shop.ts'

const NAMES = ['x-http-method-override', 'x-http-method', 'x-method-override', 'x-original-method', '_method']
const METHODS = ['DELETE', 'PATCH', 'POST', 'PUT', 'delete']
const whole = async ({ house }: Attack): Promise<string> =>
  JSON.stringify([await house.sql('select * from customers'), await house.sql('select * from orders')])

test('no header, parameter or field makes a reading a change, or one change another', async () => {
  await using attack = await openAttack(WITHOUT_ROW_RULE)
  const { client } = await attack.house.signIn({ role: 'superadmin' })
  const before = await whole(attack)

  for (const name of NAMES) {
    for (const method of METHODS) {
      const path = `${BASE}/api/v1/models/customers/records/1`
      await client.send('GET', path, { headers: { [name]: method } })
      await client.send('GET', `${path}?${name}=${method}`)
      await client.send('GET', `${BASE}/m/orders/11/delete?_method=POST&${name}=${method}`)
      const posted = await api(
        client,
        'POST',
        `/models/customers/records/1?${name}=${method}`,
        {},
        { [name]: method },
      )
      expect(posted.status, `${name} ${method}`).toBe(405)
    }
  }
  expect(await whole(attack)).toBe(before)
})

test('control: before an admin that listens to the header, the same request deletes the record', async () => {
  const deleting = async (assemble: typeof createAdmin): Promise<unknown> => {
    await using attack = await openAttack(WITHOUT_ROW_RULE, { assemble })
    const { client } = await attack.house.signIn({ role: 'superadmin' })
    const headers = { 'x-http-method-override': 'DELETE' }
    const { status } = await api(client, 'POST', '/models/orders/records/11', {}, headers)
    return [status, await attack.house.sql('select id from orders where id = 11')]
  }

  expect(await deleting(createAdmin)).toEqual([405, [{ id: 11 }]])
  expect(await deleting(listening)).toEqual([200, []])
})

/** What many a framework puts before its routes. */
const listening: typeof createAdmin = (options, ports) => {
  const admin = createAdmin(options, ports)
  return {
    ...admin,
    fetch(request, peer) {
      const method = request.headers.get('x-http-method-override')
      return admin.fetch(method ? new Request(request, { method }) : request, peer)
    },
  }
}

test('control: with the method itself the record goes', async () => {
  await using attack = await openAttack(WITHOUT_ROW_RULE)
  const { client } = await attack.house.signIn({ role: 'superadmin' })

  expect((await api(client, 'DELETE', '/models/orders/records/11')).status).toBe(200)
  expect(await attack.house.sql('select id from orders where id = 11')).toEqual([])
})

test('no page changes anything when it is only read', async () => {
  await using attack = await openAttack(WITHOUT_ROW_RULE)
  const { client } = await attack.house.signIn({ role: 'superadmin' })
  const before = await whole(attack)

  for (const path of [
    '/m/orders/11/delete?_confirmation=x&_csrf=x',
    '/m/orders/11/edit?status=paid',
    '/m/orders/new?status=paid&total=1',
    '/sign-out',
    '/theme?theme=dark',
    '/people/1/deactivate',
    '/sessions/1/end',
  ]) {
    for (const method of ['GET', 'HEAD'])
      expect((await client.send(method, `${BASE}${path}`)).status, `${method} ${path}`).toBeLessThan(500)
  }
  expect(await whole(attack)).toBe(before)
  expect((await client.get(`${BASE}/profile`)).status).toBe(200)
})

test('methods that nobody knows, and those that reflect a request, are refused', async () => {
  await using attack = await openAttack(WITHOUT_ROW_RULE)

  for (const method of ['PROPFIND', 'PURGE', 'DEBUG', 'get ', 'LINK'].filter((one) => one.trim() === one)) {
    const { status } = await attack.low.client.send(method, `${BASE}/m/customers`)
    expect([405, 501], method).toContain(status)
  }
})
