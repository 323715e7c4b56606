import { type AddressInfo, createServer, type Socket } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../../test/runs.ts'
import {
  formatSyslog,
  frameSyslog,
  oneLine,
  readSyslogAddress,
  type SyslogMessage,
  sendSyslog,
} from './syslog.ts'

const message: SyslogMessage = {
  at: Date.UTC(2026, 10, 21, 10, 0, 0, 5),
  severity: 5,
  host: 'admin.example.com',
  app: 'castellan',
  process: '42',
  kind: 'record.update',
  text: 'An order was changed.',
}

/** What a receiver read, and where it listens. */
async function receiver(onSocket: (socket: Socket) => void = () => {}) {
  const received: Buffer[] = []
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (data) => received.push(data))
    onSocket(socket)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    address: { host: '127.0.0.1', port, isEncrypted: false },
    text: () => Buffer.concat(received).toString(),
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  }
}

test('writes a message as RFC 5424 has it', () => {
  const text = Buffer.from(formatSyslog({ ...message, structured: { meta: { sequenceId: '7' } } })).toString()

  expect(text).toBe(
    '<109>1 2026-11-21T10:00:00.005Z admin.example.com castellan 42 record.update [meta sequenceId="7"] An order was changed.',
  )
})

test('puts a dash where nothing is said and cuts what is too long', () => {
  const text = Buffer.from(formatSyslog({ ...message, host: ' ', kind: 'k'.repeat(40) })).toString()

  expect(text).toBe(
    `<109>1 2026-11-21T10:00:00.005Z - castellan 42 ${'k'.repeat(32)} - An order was changed.`,
  )
})

test('escapes what would end a parameter of structured data', () => {
  const text = Buffer.from(formatSyslog({ ...message, structured: { 'a]"=b': { c: 'x"]\\y' } } })).toString()

  expect(text).toContain(' [ab c="x\\"\\]\\\\y"] ')
})

test('whatever is in a message it is one line of one frame', () => {
  const words = fc.string({ unit: 'binary', maxLength: 60 })
  fc.assert(
    fc.property(words, words, words, words, (host, kind, value, text) => {
      const bytes = formatSyslog({ ...message, host, kind, structured: { id: { name: value } }, text })
      const frame = Buffer.from(frameSyslog(bytes)).toString('latin1')

      expect(Buffer.from(bytes).toString()).not.toMatch(/[\p{Cc}\u2028\u2029\u202e]/u)
      expect(Number(frame.slice(0, frame.indexOf(' ')))).toBe(bytes.byteLength)
      expect(frame.length - frame.indexOf(' ') - 1).toBe(bytes.byteLength)
    }),
    { numRuns: runs(50) },
  )
})

test('a text of JSON means the same once its odd characters are escapes', () => {
  const text = 'a\u007fb\u202ec\u2028d'

  expect(JSON.parse(oneLine(JSON.stringify(text)))).toBe(text)
})

test.each([
  ['syslogs://logs.example.com', { host: 'logs.example.com', port: 6514, isEncrypted: true }],
  ['syslogs://[2001:db8::1]:7000', { host: '2001:db8::1', port: 7000, isEncrypted: true }],
  ['syslog://127.0.0.1', { host: '127.0.0.1', port: 601, isEncrypted: false }],
  ['syslog://localhost:5514/', { host: 'localhost', port: 5514, isEncrypted: false }],
])('reads the address %s', (text, expected) => {
  expect(readSyslogAddress(text)).toEqual(expected)
})

test.each([
  'syslog://logs.example.com',
  'syslogs://',
  'syslogs://name:password@logs.example.com',
  'syslogs://logs.example.com/path',
  'https://logs.example.com',
  'logs',
])('refuses the address %s', (text) => {
  expect(readSyslogAddress(text)).toBeNull()
})

test('sends frames and waits until the other end has read them', async () => {
  await using there = await receiver()

  await sendSyslog(there.address, [message, { ...message, text: 'Größe' }])

  const frames = [message, { ...message, text: 'Größe' }].map((one) => frameSyslog(formatSyslog(one)))
  expect(there.text()).toBe(Buffer.concat(frames).toString())
})

test('says so when the other end breaks off before it has read everything', async () => {
  await using there = await receiver((socket) => socket.once('data', () => socket.resetAndDestroy()))

  const sending = sendSyslog(there.address, [{ ...message, text: 'x'.repeat(1_000_000) }])

  await expect(sending).rejects.toThrow()
})

test('says so when nobody listens', async () => {
  const gone = await receiver()
  await gone[Symbol.asyncDispose]()

  await expect(sendSyslog(gone.address, [message])).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('gives up when it is told to', async () => {
  await using there = await receiver((socket) => socket.pause())
  const given = new AbortController()

  const sending = sendSyslog(there.address, [{ ...message, text: 'x'.repeat(20_000_000) }], {
    signal: given.signal,
  })
  given.abort()

  await expect(sending).rejects.toMatchObject({ name: 'AbortError' })
})
