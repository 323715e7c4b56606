/** Someone sends bodies that the application's own parser has read before the admin sees them. */

import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { afterEach, expect, test } from 'vitest'
import { mount, type NodeHandler } from '../../src/mount.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A server of the application with its parsers; answers what the admin got of a form, or null where it got nothing. */
async function sent(body: string, handler?: NodeHandler): Promise<readonly [number, string | null]> {
  let got: string | null = null
  const admin = {
    configuration: { basePath: '/admin' },
    async fetch(request: Request): Promise<Response> {
      got = await request.text()
      return new Response('taken')
    },
  }
  const app = express()
  app.use(express.urlencoded({ extended: true }), express.json())
  app.use('/admin', handler ?? mount(admin))
  const port = await listen(app)
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const { status } = await fetch(`http://127.0.0.1:${port}/admin/sign-in`, { method: 'POST', headers, body })
  return [status, got]
}

async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise((resolve) => server.close(resolve)))
  return (server.address() as AddressInfo).port // a TCP server has no other kind of address
}

test.each([
  ['a[toString]=x', 'a[toString]=x'],
  ['a[valueOf]=x&a[constructor]=y', 'a[valueOf]=x&a[constructor]=y'],
  ['a[b]=c', 'a[b]=c'],
  ['a[b][c]=d', 'a[b][c]=d'],
  ['a=1&a=2', 'a=1&a=2'],
  ['a[0][b]=1', 'a[][b]=1'],
  ['hasOwnProperty=1&b=%26', 'hasOwnProperty=1&b=%26'],
  ['__proto__[x]=1', ''],
])('the form %s reaches the admin as it was meant, and breaks nothing', async (body, meant) => {
  const [status, got] = await sent(body)

  expect([status, decodeURIComponent(got ?? 'nothing')]).toEqual([200, decodeURIComponent(meant)])
})

test('what can not be written as a body again is refused, and no framework has to catch anything', async () => {
  const loop: Record<string, unknown> = {}
  loop['self'] = loop
  let asked = 0
  const handler = mount({
    configuration: { basePath: '' },
    async fetch() {
      asked += 1
      return new Response('taken')
    },
  })
  const rejected: unknown[] = []
  const port = await listen(async (request, response) => {
    for await (const _ of request);
    await handler(Object.assign(request, { body: loop }), response).catch((error) => {
      rejected.push(error)
      response.end()
    })
  })
  const send = (type: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers: { 'content-type': type }, body: '{}' })

  expect([(await send('application/json')).status, asked, rejected]).toEqual([422, 0, []])
  // control: without the loop the same request is taken
  delete loop['self']
  expect([(await send('application/json')).status, asked, rejected]).toEqual([200, 1, []])
})
