import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { type MountedRequest, mount, serve } from './node.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** Answers with what it was asked. */
const echo = {
  async fetch(request: Request, connection?: { readonly address: string }): Promise<Response> {
    const body = request.method === 'GET' ? '' : await request.text()
    return new Response(`${request.method} ${request.url} ${connection?.address} ${body}`)
  },
}

/** A server that first does what a framework would have done to the request. */
async function mounted(before: (request: MountedRequest) => Promise<void>): Promise<string> {
  const handler = mount(echo)
  const server: Server = createServer(async (request: IncomingMessage, response) => {
    await before(request)
    await handler(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise((resolve) => server.close(resolve)))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('serves on the port it says, with the address of who asks', async () => {
  const serving = await serve(echo, { port: 0 })
  closing.push(() => serving.close())

  const answer = await fetch(`${serving.origin}/admin?q=1`)

  expect(await answer.text()).toBe(`GET ${serving.origin}/admin?q=1 127.0.0.1 `)
})

test('says whether the socket speaks TLS itself', async () => {
  const seen: unknown[] = []
  const handler = mount({
    async fetch(_request, connection) {
      seen.push(connection?.isEncrypted)
      return new Response()
    },
  })
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise((resolve) => server.close(resolve)))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  await fetch(address, { headers: { connection: 'close' } })
  // As a server of `node:https` would have it.
  server.on('connection', (socket) => Object.assign(socket, { encrypted: true }))
  await fetch(address, { headers: { connection: 'close' } })

  expect(seen).toEqual([false, true])
})

test('hands on a method that no standard request can have, for the admin to refuse', async () => {
  const serving = await serve(echo, { port: 0 })
  closing.push(() => serving.close())
  const socket = connect(Number(new URL(serving.origin).port), '127.0.0.1')
  socket.write('TRACE /admin HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')

  const answer = await text(socket)

  expect(answer).toMatch(/^HTTP\/1.1 200 /)
  expect(answer).toContain('TRACE http://localhost/admin')
})

test('says which port is in use and what to do', async () => {
  const first = await serve(echo, { port: 0 })
  closing.push(() => first.close())
  const port = Number(new URL(first.origin).port)

  await expect(serve(echo, { port })).rejects.toMatchObject({
    code: 'internal',
    message: `Port ${port} of 127.0.0.1 is in use. Stop the program that uses it, or choose another with --port.`,
  })
})

test('finishes the request under way before it stops', async () => {
  const begun = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const serving = await serve(
    {
      async fetch() {
        begun.resolve()
        await release.promise
        return new Response('finished')
      },
    },
    { port: 0 },
  )
  const answer = fetch(serving.origin)
  await begun.promise

  const closed = serving.close()
  release.resolve()

  expect(await (await answer).text()).toBe('finished')
  await closed
  await expect(fetch(serving.origin)).rejects.toThrow()
})

test('keeps the whole path when a framework has shortened it', async () => {
  const origin = await mounted(async (request) => {
    request.originalUrl = request.url ?? '/'
    request.url = '/people'
  })

  expect(await (await fetch(`${origin}/admin/people`)).text()).toBe(`GET ${origin}/admin/people 127.0.0.1 `)
})

test('takes a body that a framework has already read', async () => {
  const origin = await mounted(async (request) => {
    for await (const _ of request);
    request.body = { _csrf: 'a b', roles: ['x', 'y'] }
  })

  const answer = await fetch(origin, {
    method: 'POST',
    body: new URLSearchParams([
      ['_csrf', 'a b'],
      ['roles', 'x'],
      ['roles', 'y'],
    ]),
  })

  expect(await answer.text()).toBe(`POST ${origin}/ 127.0.0.1 _csrf=a+b&roles=x&roles=y`)
})

test('reads the body itself when nobody has', async () => {
  const origin = await mounted(async () => {})

  const answer = await fetch(origin, { method: 'POST', body: 'plain' })

  expect(await answer.text()).toBe(`POST ${origin}/ 127.0.0.1 plain`)
})

test('hands over a request of which others can be made', async () => {
  const again = {
    async fetch(request: Request): Promise<Response> {
      const second = new Request(request, { headers: { 'x-second': 'yes' } })
      const body = request.body === null ? 'none' : await second.text()
      return new Response(`${second.method} ${second.headers.get('x-second')} ${body}`)
    },
  }
  const serving = await serve(again, { port: 0 })
  closing.push(() => serving.close())

  const withBody = await fetch(serving.origin, { method: 'PATCH', body: 'plain' })
  const without = await fetch(serving.origin, { method: 'DELETE' })

  expect(await withBody.text()).toBe('PATCH yes plain')
  expect(await without.text()).toBe('DELETE yes none')
})

test('leaves the globals of a process alone that it shares with others', async () => {
  const before = [globalThis.Request, globalThis.Response]

  const serving = await serve(echo, { port: 0 })
  closing.push(() => serving.close())
  await fetch(serving.origin)
  await fetch(await mounted(async () => {}))

  expect([globalThis.Request, globalThis.Response]).toEqual(before)
})
