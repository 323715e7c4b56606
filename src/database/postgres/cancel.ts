/**
 * Asking the server to stop what a session runs: the protocol's own cancel
 * request, on a connection of its own (PostgreSQL, section 55.2.9).
 *
 * Unlike `pg_cancel_backend` it needs no free session, and a pooler between us
 * and the server passes it on.
 */

import pg, { type PoolClient } from 'pg'

/** Longer than this nobody waits for the request to be taken; the server's own limit ends the statement later. */
const REQUEST_MS = 2_000

/** What the driver knows of a session and does not declare. */
interface Backend {
  readonly processID: number | null
  readonly secretKey: number | null
  readonly ssl: unknown
  readonly sslNegotiation?: string
}

/** The driver's connection, below the client; its declaration leaves out what a cancel request takes. */
interface Wire {
  readonly stream: { destroy(): void }
  connect(portOrPath: number | string, host?: string): void
  requestSsl(): void
  cancel(processId: number, secretKey: number): void
  once(event: 'connect' | 'sslconnect' | 'end', listener: () => void): void
  on(event: 'error', listener: (error: Error) => void): void
}

/** Resolves when the server has taken the request, or never will. Never rejects. */
export async function cancelOnServer(client: PoolClient): Promise<void> {
  const { processID, secretKey, ssl, sslNegotiation } = client as unknown as Backend
  if (processID === null || secretKey === null) return
  const done = Promise.withResolvers<void>()
  const wire = new pg.Connection({ ssl, sslNegotiation } as ConstructorParameters<
    typeof pg.Connection
  >[0]) as unknown as Wire
  const send = (): void => wire.cancel(processID, secretKey)
  wire.on('error', () => done.resolve())
  // the server answers by closing the connection
  wire.once('end', () => done.resolve())
  wire.once('sslconnect', send)
  if (!ssl) wire.once('connect', send)
  else if (sslNegotiation !== 'direct') wire.once('connect', () => wire.requestSsl())
  const timer = setTimeout(() => done.resolve(), REQUEST_MS)
  if (client.host.startsWith('/')) wire.connect(`${client.host}/.s.PGSQL.${client.port}`)
  else wire.connect(client.port, client.host)
  await done.promise
  clearTimeout(timer)
  wire.stream.destroy()
}
