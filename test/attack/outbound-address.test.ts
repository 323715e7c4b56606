/**
 * What the log is sent to is named by a configuration, and a name leads where its
 * owner wants it to: inside, when nobody looks at the moment of connecting.
 */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ForbiddenAddress, mayReach, type OutboundOptions, requestOutside } from '../../src/audit/outbound.ts'
import { httpSink } from '../../src/audit/sink/http-sink.ts'

let server: Server
let port = 0
let reached = 0

beforeAll(async () => {
  server = createServer((_request, response) => {
    reached += 1
    response.end('the inside')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

/** Spellings of this machine, of its networks and of what clouds keep beside it. */
const INSIDE = [
  ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '127.255.255.254', '0.0.0.0', '0'],
  ...['[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]', '[64:ff9b::7f00:1]'],
  ...[
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '[fd00:ec2::254]',
    '[fe80::1]',
  ],
  ...['[2002:7f00:1::]', '224.0.0.1', '255.255.255.255', '192.0.2.1', '[ff02::1]', '[2001:db8::1]'],
]

const names = (address: string): OutboundOptions => ({
  resolve: async () => [{ address, family: address.includes(':') ? 6 : 4 }],
})

async function ask(host: string, options: OutboundOptions): Promise<string> {
  const url = new URL(`http://${host}:${port}/`)
  const { body } = await requestOutside(
    { url, method: 'POST', headers: {}, body: Buffer.from('a checkpoint') },
    options,
  )
  return body
}

test('no spelling of an inner address is connected to, and no name that resolves to one', async () => {
  expect(INSIDE.length).toBeGreaterThan(25)

  for (const address of INSIDE) {
    await expect(ask(address, {}), address).rejects.toBeInstanceOf(ForbiddenAddress)
    const bare = new URL(`http://${address}/`).hostname.replace(/^\[|\]$/g, '')
    await expect(ask('hooks.example.com', names(bare)), address).rejects.toBeInstanceOf(ForbiddenAddress)
  }
  expect(reached).toBe(0)
})

test('a name is resolved once, by the connection itself, and one inner address among others is enough', async () => {
  let asked = 0
  const rebinding: OutboundOptions = {
    async resolve() {
      asked += 1
      return [
        { address: '93.184.215.14', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ]
    },
  }

  await expect(ask('hooks.example.com', rebinding)).rejects.toBeInstanceOf(ForbiddenAddress)
  expect(asked).toBe(1)
  expect(reached).toBe(0)
})

test('control: with every network allowed, the same name and the same address lead inside', async () => {
  const open = { allowedNetworks: ['0.0.0.0/0', '::/0'] }

  expect(await ask('127.1', open)).toBe('the inside')
  expect(await ask('hooks.example.com', { ...open, ...names('127.0.0.1') })).toBe('the inside')
  expect(reached).toBe(2)
})

test('events are sent to no inner address that is not named', async () => {
  const sendTo = (host: string): Promise<void> =>
    httpSink({ name: 'http', to: `https://${host}:${port}/` }).send([], AbortSignal.timeout(5000))

  await expect(sendTo('10.0.0.1')).rejects.toBeInstanceOf(ForbiddenAddress)
  // control: this machine is reached, and speaks no TLS there
  await expect(sendTo('127.0.0.1')).rejects.toMatchObject({ code: 'EPROTO' })
})

test('what is public may be reached, and a network by its name', () => {
  for (const address of ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c', '::ffff:93.184.215.14']) {
    expect(mayReach(address), address).toBe(true)
  }
  expect(mayReach('10.1.2.3', ['10.1.0.0/16'])).toBe(true)
  expect(mayReach('::ffff:10.1.2.3', ['10.1.0.0/16'])).toBe(true)
  expect(mayReach('10.2.2.3', ['10.1.0.0/16', 'fd00::/8'])).toBe(false)
  expect(mayReach('nothing')).toBe(false)
})
