import { createHmac } from 'node:crypto'
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ENGINE, type StoreEngine } from '../../../test/engine.ts'
import { type LogWorld, openLog } from '../../../test/log.ts'
import { databaseReader } from '../database-reader.ts'
import type { AnchorOption } from '../option.ts'
import { AUDIT_SCHEMA } from '../option.ts'
import type { Anchor } from './anchor.ts'
import { type AnchorAlarm, anchorStates, keepDue, LATE_MS } from './anchoring.ts'
import { signAws } from './aws-signature.ts'
import { openAnchors } from './open-anchors.ts'
import { readAnchors, verifyWithAnchors } from './read-anchors.ts'

const MINUTE = 60_000
const LOOPBACK = ['127.0.0.1']

test('a file gets each checkpoint once, at most so often, and a quiet log each hour', async () => {
  await using kept = await openKept((folder) => ({ file: join(folder, 'anchor.txt') }))
  const lines = (): number => readFileSync(kept.file, 'utf8').match(/^castellan\//gm)?.length ?? 0

  await kept.world.fill(2)
  await kept.keep()
  await kept.keep()
  expect(lines()).toBe(1)
  await kept.world.fill(1)
  await kept.keep()
  expect(lines()).toBe(1)
  await kept.keep(MINUTE)
  expect(lines()).toBe(2)

  await kept.world.log.seal()
  await kept.keep(MINUTE)
  expect(lines()).toBe(2)
  await kept.keep(60 * MINUTE)
  expect(lines()).toBe(3)
  expect(await kept.verify()).toMatchObject({ kind: 'verified', events: 3 })
})

test('of two processes one keeps a checkpoint', async () => {
  await using kept = await openKept((folder) => ({ file: join(folder, 'anchor.txt') }))
  await kept.world.fill(1)

  await Promise.all([kept.keep(), kept.keep(), kept.keep()])

  expect(readFileSync(kept.file, 'utf8').match(/^castellan\//gm)).toHaveLength(1)
})

test.each([
  ['cut off', (file: string) => truncateSync(file, 100)],
  ['emptied', (file: string) => writeFileSync(file, '')],
  ['added to', (file: string) => appendFileSync(file, 'more\n')],
])(
  'a file that was %s is an alarm at once, and what is verified against it incomplete',
  async (_what, change) => {
    await using kept = await openKept((folder) => ({ file: join(folder, 'anchor.txt') }))
    await kept.world.fill(2)
    await kept.keep()

    change(kept.file)
    await kept.world.fill(1)
    await kept.keep(MINUTE)

    expect(kept.alarms).toEqual([{ label: kept.label, code: 'altered', isOver: false }])
    expect(await kept.verify()).toMatchObject({
      kind: 'incomplete',
      reason: expect.stringContaining('altered'),
    })
    expect(await kept.state()).toMatchObject({ size: 2, code: 'altered', isLate: true })
  },
)

test('a log that was cut off and has grown again does not fit the file, and is said to', async () => {
  await using kept = await openKept((folder) => ({ file: join(folder, 'anchor.txt') }), 'sqlite')
  for (const count of [3, 3]) {
    await kept.world.fill(count)
    await kept.keep(MINUTE)
  }
  kept.world.tamper(
    ...['event', 'node', 'checkpoint'].map((table) => `drop trigger castellan_audit_${table}_delete`),
    'delete from castellan_audit_event where sequence > 3',
    'delete from castellan_audit_node where position >= 3 or (level > 0 and position > 0)',
    'delete from castellan_audit_checkpoint where number > 1',
  )

  expect(await kept.verify()).toMatchObject({ kind: 'tampered', sequence: 4 })
})

test('an anchor that fails is tried again, is an alarm after five minutes, and says when it is over', async () => {
  let status = 503
  await using received = await openHttp(() => ({ status, body: '' }))
  await using kept = await openKept(() => webhook(received))
  await kept.world.fill(1)

  for (const passed of [0, MINUTE, LATE_MS - 2 * MINUTE]) await kept.keep(passed)
  expect(kept.alarms).toEqual([])
  expect(await kept.state()).toMatchObject({ size: null, code: 'status-503', isLate: true })
  for (const passed of [MINUTE, MINUTE]) await kept.keep(passed)
  expect(kept.alarms).toEqual([{ label: kept.label, code: 'status-503', isOver: false }])

  status = 204
  for (const passed of [MINUTE, MINUTE]) await kept.keep(passed)
  expect(kept.alarms.slice(1)).toEqual([{ label: kept.label, code: 'status-503', isOver: true }])
  expect(await kept.state()).toMatchObject({ size: 1, code: null, isLate: false })
  expect(kept.label).toMatch(/^webhook 127\.0\.0\.1:\d+$/)
})

test('a webhook gets the note under a signature, and is not followed elsewhere', async () => {
  let status = 200
  await using received = await openHttp(() => ({ status, body: '', location: 'http://127.0.0.1:1/' }))
  await using kept = await openKept(() => webhook(received))
  await kept.world.fill(1)

  await kept.keep()

  const [request] = received.requests
  if (!request) throw new Error('Nothing was sent.')
  const { headers, body, path } = request
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const mac = createHmac('sha256', SECRET).update(signed).digest('base64')
  expect(path).toBe('/hook?of=us')
  expect(headers['webhook-id']).toBe('checkpoint-1')
  expect(headers['webhook-signature']).toBe(`v1,${mac}`)
  expect(body).toMatch(/^castellan\/[0-9a-f]{32}\n1\n/)

  status = 302
  await kept.world.fill(1)
  await kept.keep(MINUTE)
  expect(await kept.state()).toMatchObject({ size: 1, code: 'status-302' })
})

test('a bucket gets an object for each checkpoint, locked and signed, and is read back', async () => {
  const objects = new Map<string, string>()
  await using received = await openHttp(({ method, path, body }) => {
    if (method === 'PUT') objects.set(path, body)
    return { status: objects.has(path) ? 200 : 404, body: objects.get(path) ?? '' }
  })
  const credentials = { region: 'eu-central-1', accessKeyId: 'AKIA', secretAccessKey: 'a secret access key' }
  await using kept = await openKept(() => ({
    s3: { endpoint: received.url, bucket: 'evidence', retainDays: 30, ...credentials },
    allowedNetworks: LOOPBACK,
  }))
  await kept.world.fill(2)

  await kept.keep()

  const [put] = received.requests
  if (!put) throw new Error('Nothing was put.')
  const path = '/evidence/castellan/checkpoint-000000000001.txt'
  expect([...objects.keys()]).toEqual([path])
  expect(put.headers).toMatchObject({
    'x-amz-object-lock-mode': 'COMPLIANCE',
    'x-amz-object-lock-retain-until-date': new Date(kept.world.now + 30 * 24 * 60 * MINUTE).toISOString(),
  })
  const { host: _host, authorization, connection: _, 'content-length': _length, ...headers } = put.headers
  const unsigned = Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^x-amz-(?:date|content-sha256)$/.test(name)),
  ) as Record<string, string>
  const request = { method: 'PUT', url: new URL(path, received.url), headers: unsigned, service: 's3' }
  const again = signAws({ ...request, body: Buffer.from(put.body), at: kept.world.now }, credentials)
  expect(authorization).toBe(again['authorization'])

  expect(await kept.verify()).toMatchObject({ kind: 'verified', events: 2 })
  objects.set(path, 'another')
  expect(await kept.verify()).toMatchObject({ kind: 'incomplete' })
})

test('syslog gets the note as one line', async () => {
  let received = ''
  const server = createTcpServer((socket) => {
    socket.on('data', (chunk) => {
      received += String(chunk)
    })
    socket.on('end', () => socket.end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await using kept = await openKept(() => ({ syslog: `syslog://127.0.0.1:${port}` }))
  await kept.world.fill(1)

  await kept.keep()
  server.close()

  expect(received).toMatch(
    /^\d+ <109>1 \S+ \S+ castellan \d+ checkpoint - castellan\/[0-9a-f]{32}\\u000a1\\u000a/,
  )
  expect(await kept.state()).toMatchObject({ size: 1, code: null })
})

test.each([
  [{ file: '' }],
  [{ syslog: 'syslog://logs.example.com' }],
  [{ webhook: 'http://example.com/hook', secret: 'x'.repeat(24) }],
  [{ webhook: 'https://example.com/hook', secret: 'short' }],
  [{ webhook: 'https://name:word@example.com/', secret: 'x'.repeat(24) }],
  [{ webhook: 'ftp://example.com/', secret: 'x'.repeat(24), allowedNetworks: LOOPBACK }],
  [{ file: 'a.txt', webhook: 'https://example.com' }],
])('refuses the anchor %j', (anchor) => {
  expect(AUDIT_SCHEMA.safeParse({ anchors: [anchor] }).success).toBe(false)
  expect(AUDIT_SCHEMA.safeParse({ anchors: [{ file: 'a.txt' }] }).success).toBe(true)
})

const SECRET = 'a secret that both of them know'

function webhook({ url }: { readonly url: string }): AnchorOption {
  return { webhook: `${url}/hook?of=us`, secret: SECRET, allowedNetworks: LOOPBACK }
}

interface Kept extends AsyncDisposable {
  readonly world: LogWorld
  readonly label: string
  readonly file: string
  readonly alarms: readonly AnchorAlarm[]
  /** Lets what is due be kept, once that much time has passed. */
  keep(passedMs?: number): Promise<void>
  verify(): ReturnType<typeof verifyWithAnchors>
  state(): Promise<unknown>
}

/** A log with one anchor. */
async function openKept(
  option: (folder: string) => AnchorOption,
  engine: StoreEngine = ENGINE,
): Promise<Kept> {
  const world = await openLog({ engine })
  const clock = (): number => world.now
  const anchors: readonly Anchor[] = openAnchors([option(world.folder)], clock)
  const label = anchors[0]?.label ?? ''
  const alarms: AnchorAlarm[] = []
  return {
    world,
    label,
    file: label.replace('file ', ''),
    alarms,
    async keep(passedMs = 0) {
      world.now += passedMs
      await world.log.seal()
      await keepDue({
        ...{ database: world.database, anchors, clock, everyMs: MINUTE },
        onAlarm: async (alarm) => {
          alarms.push(alarm)
        },
      })
    },
    async verify() {
      const read = await readAnchors(world.database.now, anchors)
      return await verifyWithAnchors(await databaseReader(world.database.now), read, { now: world.now })
    },
    state: async () => (await anchorStates(world.database.now, [label], world.now))[0],
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  }
}

interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

interface Answer {
  readonly status: number
  readonly body: string
  readonly location?: string
}

/** A server of our own that notes what it gets. */
async function openHttp(
  answer: (request: Received) => Answer,
): Promise<AsyncDisposable & { readonly url: string; readonly requests: readonly Received[] }> {
  const requests: Received[] = []
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method = '', url: path = '', headers } = request
    const one = { method, path, headers, body: Buffer.concat(chunks).toString() }
    requests.push(one)
    const { status, body, location } = answer(one)
    response.writeHead(status, location === undefined ? {} : { location }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
