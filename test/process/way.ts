/** A way to a database server that can be cut, blocked and shut, at the very moment that a test names. */

import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createTestDatabase, type ServerEngine, type TestDatabase } from '../servers.ts'

/** What becomes of bytes on their way: `hold` lets nothing more pass on that connection, and tells nobody. */
export type Fate = 'pass' | 'cut' | 'hold'

export interface Way {
  /** The database behind the way for an admin; `run` and `rows` go there directly. */
  readonly home: TestDatabase
  /** Decides about what the client sends on one connection, and what is answered there. */
  watch: ((watched: Passing) => Fate) | null
  /** Closes every connection over it. */
  cut(): void
  /** Nobody is let in any more, and who is inside is cut off: the server is down. */
  shut(): Promise<void>
  /** As before, on the same port. */
  open(): Promise<void>
  close(): Promise<void>
}

export interface Passing {
  readonly from: 'client' | 'server'
  readonly text: string
  /** Everything that the client sent on this connection before. */
  readonly before: string
}

interface Route {
  readonly client: Socket
  readonly server: Socket
  before: string
  isHeld: boolean
}

export async function wayToDatabase(engine: ServerEngine): Promise<Way> {
  const home = await createTestDatabase(engine)
  const there = new URL(home.url)
  const sockets = new Set<Socket>()
  const proxy = createServer((client) => {
    const server = connect(Number(there.port), there.hostname)
    const route: Route = { client, server, before: '', isHeld: false }
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    client.on('data', (bytes) => pass(route, 'client', bytes))
    server.on('data', (bytes) => pass(route, 'server', bytes))
    client.on('close', () => server.destroy())
    server.on('close', () => client.destroy())
  })

  function pass(route: Route, from: 'client' | 'server', bytes: Buffer): void {
    const text = bytes.toString('latin1')
    const fate = route.isHeld ? 'hold' : (way.watch?.({ from, text, before: route.before }) ?? 'pass')
    if (from === 'client') route.before += text
    if (fate === 'hold') route.isHeld = true
    if (fate === 'cut') route.client.destroy()
    if (fate === 'pass') (from === 'client' ? route.server : route.client).write(bytes)
  }

  const listen = (port: number): Promise<void> =>
    new Promise((settle) => proxy.listen(port, '127.0.0.1', settle))
  await listen(0)
  const { port } = proxy.address() as AddressInfo // a TCP server has no other kind of address
  const url = new URL(home.url)
  url.port = String(port)

  const way: Way = {
    home: { ...home, url: url.href },
    watch: null,
    cut() {
      for (const socket of sockets) socket.destroy()
    },
    async shut() {
      const closed = new Promise((settle) => proxy.close(settle))
      way.cut()
      await closed
    },
    open: () => listen(port),
    async close() {
      way.watch = null
      if (proxy.listening) await way.shut()
    },
  }
  return way
}
