/** The main job, from the sign-in page to the log: find a record, change it, prove who changed it. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { BASE } from '../client.ts'
import { type House, openHouse } from '../house.ts'

const SHOP = `
  create table customers (id integer primary key, name text not null, email text, password_hash text);
  create table orders (
    id integer primary key,
    customer_id integer not null references customers(id),
    status text not null default 'open' check (status in ('open','paid','shipped')),
    total decimal(10,2) not null,
    placed_at timestamp not null
  );
  insert into customers values (1,'Amara Okafor','amara@example.com','hash-1'), (2,'Jonas Lindqvist','jonas@example.com','hash-2');
  insert into orders values (10481,2,'open','12.00','2026-11-19 10:00:00'), (10482,1,'open','99.50','2026-11-20 09:00:00');
`

let house: House
beforeAll(async () => {
  house = await openHouse({ sql: SHOP })
})
afterAll(() => house.close())

test('finds an order by half of a customer’s name, changes it, and shows the change with its author', async () => {
  const { client } = await house.signIn({ name: 'Ana Ferreira', role: 'superadmin' })

  const list = await client.get(`${BASE}/m/orders?q=okaf`)
  expect(list.status).toBe(200)
  expect(list.text).toContain('/m/orders/10482')
  expect(list.text).not.toContain('/m/orders/10481')

  const edit = await client.get(`${BASE}/m/orders/10482/edit`)
  const version = /name="_version" value="([^"]+)"/.exec(edit.text)?.[1] ?? ''
  expect(version).not.toBe('')
  const saved = await client.post(`${BASE}/m/orders/10482/edit`, { _version: version, status: 'paid' })
  expect(saved.status).toBe(303)
  expect(saved.location).toMatch(/^\/admin\/m\/orders\/10482\?event=[0-9a-f]{32}$/)

  const history = await client.get(`${BASE}/m/orders/10482/history`)
  expect(history.text).toContain('Ana Ferreira')
  expect(history.text).toMatch(/open[\s\S]*paid/)
  expect(await house.sql('select status from orders where id = 10482')).toMatchObject([{ status: 'paid' }])
})
