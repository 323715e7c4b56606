import { connect, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adhocCertificate } from './adhoc-certificate.ts'
import { type Serving, serve, type TlsOptions } from './node.ts'

let tls: TlsOptions
let serving: Serving

beforeAll(async () => {
  tls = await adhocCertificate('admin.test', Date.now())
  serving = await serve(
    {
      fetch: async (request, connection) => new Response(`${request.url} ${connection?.isEncrypted}`),
    },
    { port: 0, tls },
  )
})
afterAll(() => serving.close())

/** What a client and the server agree on, and the answer to one request; rejects when they do not agree. */
function ask(options: object, servername = 'localhost'): Promise<{ socket: TLSSocket; text: string }> {
  const port = Number(new URL(serving.origin).port)
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect({ host: '127.0.0.1', port, servername, ca: tls.certificate, ...options })
    socket.setEncoding('utf8')
    socket.once('error', reject)
    socket.on('data', (chunk: string) => {
      text += chunk
    })
    socket.once('secureConnect', () => {
      socket.write(`GET /admin HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`)
    })
    socket.once('end', () => resolve({ socket, text }))
  })
}

test('speaks TLS 1.3 by the certificate it was given, and says so to the admin', async () => {
  const { socket, text } = await ask({})

  expect(serving.origin).toMatch(/^https:\/\/127\.0\.0\.1:/)
  expect(text).toMatch(/https:\/\/localhost:\d+\/admin true/)
  expect(socket.getProtocol()).toBe('TLSv1.3')
})

test('is trusted by whoever trusts its certificate, under its names alone', async () => {
  for (const name of ['localhost', 'admin.test']) {
    expect((await ask({}, name)).text).toContain('200')
  }
  await expect(ask({}, 'another.test')).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  await expect(ask({ ca: undefined })).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
})

test.each(['TLSv1.1', 'TLSv1'] as const)('refuses %s', async (version) => {
  const old = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' }

  await expect(ask(old)).rejects.toThrow(/protocol|version/i)
})

test.each(['AES128-SHA', 'AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-SHA'])(
  'agrees on no suite without forward secrecy or without AEAD: %s',
  async (ciphers) => {
    await expect(ask({ maxVersion: 'TLSv1.2', ciphers })).rejects.toThrow(/handshake/i)
  },
)

test('control: one with both is taken', async () => {
  const { socket } = await ask({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' })

  expect(socket.getProtocol()).toBe('TLSv1.2')
})

test('makes another key each time, and refuses a certificate with the key of another', async () => {
  const other = await adhocCertificate('127.0.0.1', Date.now())

  expect(other.key).not.toBe(tls.key)
  await expect(
    serve({ fetch: async () => new Response() }, { port: 0, tls: { ...tls, key: other.key } }),
  ).rejects.toMatchObject({ code: 'misconfigured', mistakes: [{ id: 'T101' }] })
})
