/** One admin in the servers of others: signing in and changing a record works in each, as it does alone. */

import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve as serveHono } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { afterEach, expect, test } from 'vitest'
import type { Admin } from '../../src/admin.ts'
import { castellan } from '../../src/fastify.ts'
import { mount } from '../../src/mount.ts'
import { type Client, createClient, csrfIn, totpCode } from '../client.ts'
import { asSystem, type House, openHouse, PASSWORD } from '../house.ts'

const SHOP = `
  create table orders (id integer primary key, status varchar(20) not null);
  insert into orders values (1, 'open'), (2, 'open');`

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** Somebody's server with the admin in it; returns its port. */
type Start = (admin: Admin) => Promise<number>

const SERVERS: readonly (readonly [string, Start])[] = [
  ['node:http', async (admin) => listen(mount(admin))],
  [
    'Express',
    async (admin) => {
      const app = express()
      app.get('/', (_request, response) => void response.send('the application'))
      app.use('/admin', mount(admin))
      return listen(app)
    },
  ],
  [
    'Express, whose parsers have read the body',
    async (admin) => {
      const app = express()
      app.use(express.urlencoded({ extended: true }), express.json())
      app.use('/admin', mount(admin))
      return listen(app)
    },
  ],
  [
    'Fastify',
    async (admin) => {
      const app = fastify()
      app.get('/', async () => 'the application')
      await app.register(castellan, { admin })
      await app.listen({ host: '127.0.0.1', port: 0 })
      closing.push(() => app.close())
      return (app.server.address() as AddressInfo).port
    },
  ],
  [
    'Hono',
    async (admin) => {
      const app = new Hono()
      app.get('/', (c) => c.text('the application'))
      app.all('/admin/*', (c) => admin.fetch(c.req.raw, { address: getConnInfo(c).remote.address ?? '' }))
      app.all('/admin', (c) => admin.fetch(c.req.raw, { address: getConnInfo(c).remote.address ?? '' }))
      return await new Promise<number>((resolve) => {
        const server = serveHono({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) =>
          resolve(port),
        )
        closing.push(() => new Promise((settle) => server.close(settle)))
      })
    },
  ],
]

test.each(SERVERS)('works in %s', async (_name, start) => {
  const house = await open()
  const client = await signedIn(house, await start(house.admin), '/admin')

  expect(await change(client, '/admin')).toBe(303)
  expect(await house.sql('select status from orders where id = 1')).toEqual([{ status: 'paid' }])
  expect((await client.get('/admin/assets/nothing.js')).status).toBe(404)
})

test('keeps the prefix that a proxy cuts off before Express', async () => {
  const house = await open('/tools/admin')
  const app = express()
  app.use('/admin', mount(house.admin))
  // as a proxy would: /tools/admin/… outside is /admin/… inside
  const port = await listen((request, response) => {
    request.url = request.url?.replace(/^\/tools/, '') ?? '/'
    app(request, response)
  })
  const client = await signedIn(house, port, '/tools/admin')

  expect(await change(client, '/tools/admin')).toBe(303)
  expect((await client.get('/tools/admin')).text).toContain('href="/tools/admin/m/orders"')
})

test('says what to do where it is mounted at another path than it is told', async () => {
  const house = await open('/admin')
  const app = express()
  app.use('/office', mount(house.admin))
  const answer = await fetch(`http://127.0.0.1:${await listen(app)}/office/sign-in`)

  expect(answer.status).toBe(500)
  expect(await answer.text()).toBe(
    'The admin is mounted at "/office", and its basePath is "/admin". Make them the same.\n',
  )
})

async function open(basePath = '/admin'): Promise<House> {
  const house = await openHouse({ sql: SHOP, basePath, engine: 'sqlite' })
  closing.push(() => house.close())
  return house
}

async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise((resolve) => server.close(resolve)))
  return (server.address() as AddressInfo).port
}

async function signedIn(house: House, port: number, base: string): Promise<Client> {
  const origin = `http://127.0.0.1:${port}`
  const made = (await asSystem(house.admin, house.clock.now, 'castellan.people.create', {
    name: 'Ana Lima',
    email: 'ana@example.com',
    roles: ['superadmin'],
    attributes: {},
    password: PASSWORD,
    withTotp: true,
  })) as { readonly totpUri: string }
  const client = createClient((request) => fetch(request), origin)
  const first = await client.post(`${base}/sign-in`, { email: 'ana@example.com', password: PASSWORD })
  const second = await client.post(first.location ?? '', { code: totpCode(made.totpUri, house.clock.now) })

  expect(second.status, second.text).toBe(303)
  return client
}

async function change(client: Client, base: string): Promise<number> {
  const path = `${base}/m/orders/1/edit`
  const form = await client.get(path)
  const version = /name="_version" value="([^"]*)"/.exec(form.text)?.[1] ?? ''
  const answer = await client.post(path, { status: 'paid', _version: version }, { csrf: csrfIn(form.text) })
  return answer.status
}
