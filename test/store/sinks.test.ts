/** Events on their way to the places that the option `audit.sinks` names, on every engine and to a real rsyslog. */

import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Rsyslog, startRsyslog } from '../../scripts/services/rsyslog.ts'
import { makeAuthority, makeCertificate } from '../../scripts/services/tls.ts'
import { canonicalJson } from '../../src/audit/canonical.ts'
import { parseEventLine } from '../../src/audit/export-files.ts'
import type { LeavingEvent } from '../../src/audit/format/leaving.ts'
import { deliver, type SinkNews } from '../../src/audit/sink/deliver.ts'
import type { SinkOption } from '../../src/audit/sink/option.ts'
import { runSinks } from '../../src/audit/sink/run-sinks.ts'
import type { Sink } from '../../src/audit/sink/sink.ts'
import { sinkOf } from '../../src/audit/sink/sink-of.ts'
import { sinkStates } from '../../src/audit/sink/state.ts'
import { STORE_ENGINES } from '../engine.ts'
import { change, draft, type LogWorld, openLog } from '../log.ts'

const CANARY = 'canary-7f3a-secret'

/** A receiver that keeps the numbers of what it takes, and fails when it is told to. */
function receiver(name = 'siem') {
  const taken: number[] = []
  const state = { code: null as string | null, takes: Number.POSITIVE_INFINITY }
  const sink: Sink = {
    name,
    async send(events: readonly LeavingEvent[]) {
      for (const { sequence } of events.slice(0, state.takes)) taken.push(sequence)
      if (state.code !== null) throw Object.assign(new Error('no'), { code: state.code })
    },
  }
  return { sink, taken, state }
}

function partsOf(world: LogWorld) {
  const news: SinkNews[] = []
  const { database } = world
  const parts = { database, clock: () => world.now, tell: async (one: SinkNews) => void news.push(one) }
  return { parts, news }
}

/** Rounds until nothing is left. */
async function emptied(world: LogWorld, sink: Sink): Promise<void> {
  const { parts } = partsOf(world)
  while ((await deliver(parts, sink)) === 'delivered');
}

describe.each(STORE_ENGINES)('a sink over a store on %s', (engine) => {
  test('takes every sealed event once and in order, across processes', async () => {
    await using world = await openLog({ engine })
    await world.fill(3)
    await world.log.appendAlone(draft())
    const there = receiver()
    await using other = await world.second()

    await emptied(world, there.sink)
    await world.log.seal()
    await world.fill(1)
    await Promise.all([emptied(world, there.sink), emptied(other, there.sink)])
    await emptied(world, there.sink)

    expect(there.taken).toEqual([1, 2, 3, 4, 5])
  })

  test('is sent again what it did not take whole, and told of when it stays behind', async () => {
    await using world = await openLog({ engine })
    await world.fill(3)
    const there = receiver()
    const { parts, news } = partsOf(world)
    there.state.code = 'ECONNREFUSED'
    there.state.takes = 2
    const begunAt = world.now

    expect(await deliver(parts, there.sink)).toBe('failed')
    expect(await deliver(parts, there.sink)).toBe('nothing')
    for (let attempt = 0; attempt < 8; attempt += 1) {
      world.now += 61_000
      await deliver(parts, there.sink)
    }
    const [failing, unknown] = await sinkStates(parts.database.now, ['siem', 'other'], world.now)
    expect(failing?.failingSince).not.toBeNull()
    // the first event happened before the sink was there
    expect(failing?.behindSince).toBe(new Date(begunAt).toISOString())
    expect(unknown).toMatchObject({ name: 'other', failingSince: null, isLate: true })
    expect(Date.parse(unknown?.behindSince ?? '')).toBeLessThan(begunAt)
    there.state.code = null
    there.state.takes = 3
    world.now += 61_000
    expect(await deliver(parts, there.sink)).toBe('delivered')

    expect(await sinkStates(parts.database.now, ['siem'], world.now)).toEqual([
      { name: 'siem', behindSince: null, failingSince: null, isLate: false },
    ])
    expect(there.taken.slice(0, 4)).toEqual([1, 2, 1, 2])
    expect(there.taken.slice(-3)).toEqual([1, 2, 3])
    expect(news).toMatchObject([
      { sink: 'siem', isBehind: true, code: 'ECONNREFUSED' },
      { sink: 'siem', isBehind: false, attempts: 9 },
    ])
  })

  test('is left to another process by one that died with its portion', async () => {
    await using world = await openLog({ engine })
    await world.fill(2)
    const there = receiver()
    const { parts } = partsOf(world)
    const dying: Sink = { name: 'siem', send: () => new Promise(() => {}) }
    void deliver(parts, dying)
    await expect.poll(() => heldOf(world)).toBe(1)

    expect(await deliver(parts, there.sink)).toBe('nothing')
    world.now += 31_000
    expect(await deliver(parts, there.sink)).toBe('delivered')

    expect(there.taken).toEqual([1, 2])
  })
})

test('stops before an event that was changed, says so, and holds up no writer', async () => {
  await using world = await openLog()
  await world.fill(3)
  world.tamper(
    'drop trigger castellan_audit_event_update',
    "update castellan_audit_event set event = '{}' where sequence = 2",
  )
  const there = receiver()
  const { parts, news } = partsOf(world)

  expect(await deliver(parts, there.sink)).toBe('delivered')
  expect(await deliver(parts, there.sink)).toBe('failed')
  world.now += 61_000
  await deliver(parts, there.sink)
  await world.fill(1)

  expect(there.taken).toEqual([1])
  expect(news).toMatchObject([{ isBehind: true, code: 'DAMAGED' }])
})

test('is an alarm when it takes events more slowly than they come, once, until it has caught up', async () => {
  await using world = await openLog()
  const there = receiver()
  const { parts, news } = partsOf(world)
  await world.fill(1)
  await emptied(world, there.sink)
  const begunAt = world.now
  await world.fill(1001)
  world.now += 300_000
  const added = receiver('added')

  const rounds = []
  for (let round = 0; round < 4; round += 1) rounds.push(await deliver(parts, there.sink))
  while ((await deliver(parts, added.sink)) === 'delivered');

  expect(rounds).toEqual(['delivered', 'delivered', 'delivered', 'nothing'])
  expect(there.taken).toHaveLength(1002)
  expect(news).toEqual([
    {
      ...{ sink: 'siem', isBehind: true, code: 'LAGGING', attempts: 0 },
      since: new Date(begunAt + 501).toISOString(),
    },
    { sink: 'siem', isBehind: false, code: null, attempts: 0, since: new Date(world.now).toISOString() },
  ])
  expect(added.taken).toHaveLength(1002)
})

test('says in the log itself that a sink is behind and that it goes on', async () => {
  await using world = await openLog()
  const lines: string[] = []
  const note = (details: Readonly<Record<string, string | number>>): void => {
    lines.push(JSON.stringify(details))
  }
  const { promise: isAsked, resolve: asked } = Promise.withResolvers<void>()
  const parts = {
    database: world.database,
    clock: () => world.now,
    randomBytes: (size: number) => Buffer.alloc(size, 7),
    audit: world.log,
    log: { warn: note, error: note },
  }
  await world.fill(1)
  const sink: Sink = {
    name: 'siem',
    async send() {
      asked()
      throw Object.assign(new Error(CANARY), { code: '503' })
    },
  }
  const there = receiver()
  there.state.code = '503'
  await deliver(partsOf(world).parts, there.sink)
  world.now += 61_000

  const running = runSinks([sink], parts)
  await isAsked
  await running.close()
  await world.log.seal()

  const rows = await world.home.rows(
    "select event from castellan_audit_event where kind = 'audit.sink-behind'",
  )
  expect(rows).toHaveLength(1)
  expect(JSON.parse(String(rows[0]?.['event']))).toMatchObject({
    severity: 'high',
    outcome: 'failed',
    code: '503',
    details: { sink: 'siem', attempts: 2 },
  })
  expect(lines).toEqual([JSON.stringify({ sink: 'siem', attempts: 2, code: '503' })])
})

describe('files', () => {
  const file = (world: LogWorld, rest: Partial<SinkOption> = {}): Sink =>
    sinkOf({ name: 'file', to: pathToFileURL(join(world.folder, 'log', 'audit.jsonl')).href, ...rest })
  const namesIn = (world: LogWorld): readonly string[] => readdirSync(join(world.folder, 'log')).sort()

  test('hold the events in the bytes that were signed, and go on where they ended', async () => {
    await using world = await openLog()
    await world.fill(2)
    await emptied(world, file(world))
    const path = join(world.folder, 'log', 'audit.jsonl')
    writeFileSync(path, `${readFileSync(path, 'utf8')}{"event":{"half`)
    await world.fill(1)
    await emptied(world, file(world))

    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    const whole = lines.filter((_, index) => index !== 2)

    expect(lines[2]).toBe('{"event":{"half')
    expect(whole.map((line) => parseEventLine(Buffer.from(line))?.sequence)).toEqual([1, 2, 3])
    const [row] = await world.home.rows('select event from castellan_audit_event where sequence = 3')
    expect(whole[2]).toBe(`{"event":${String(row?.['event'])},"sequence":3}`)
  })

  test('are put aside when they are full, under the number of their last event, and the oldest go', async () => {
    await using world = await openLog()
    const sink = file(world, { maxMegabytes: 1, keep: 2, format: 'csv' })
    for (let round = 0; round < 5; round += 1) {
      await world.log.appendAlone(
        draft({ changes: Array.from({ length: 70 }, () => change('x'.repeat(16_000))) }),
      )
      await world.log.seal()
      await emptied(world, sink)
    }

    expect(namesIn(world)).toEqual(['audit.jsonl', 'audit.jsonl.000000000003', 'audit.jsonl.000000000004'])
    expect(readFileSync(join(world.folder, 'log', 'audit.jsonl'), 'utf8')).toMatch(/^sequence,id,/)
  })
})

describe('HTTP', () => {
  /** Answers with these codes, one after the other. */
  async function collector(...codes: readonly number[]) {
    const requests: { readonly headers: IncomingMessage['headers']; readonly body: string }[] = []
    const server = createServer(async (request, response) => {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part)
      requests.push({ headers: request.headers, body: Buffer.concat(parts).toString() })
      const code = codes[requests.length - 1] ?? 200
      response.writeHead(code, code === 302 ? { location: '/elsewhere' } : {}).end()
    })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    const { port } = server.address() as AddressInfo
    const close = (): Promise<void> =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      })
    return { to: `http://127.0.0.1:${port}/v1/logs`, requests, [Symbol.asyncDispose]: close }
  }

  test('counts only an answer of the 200s, and follows nobody elsewhere', async () => {
    await using world = await openLog()
    await using there = await collector(503, 302)
    await world.fill(2)
    const sink = sinkOf({ name: 'http', to: there.to, headers: { authorization: 'Bearer x' } })
    const { parts } = partsOf(world)

    const rounds: string[] = []
    for (let attempt = 0; attempt < 4; attempt += 1) {
      rounds.push(await deliver(parts, sink))
      world.now += 61_000
    }

    expect(rounds).toEqual(['failed', 'failed', 'delivered', 'nothing'])
    expect(there.requests.map(({ headers }) => headers['idempotency-key'])).toEqual(Array(3).fill('http-1-2'))
    expect(there.requests[2]?.headers.authorization).toBe('Bearer x')
    expect(there.requests[2]?.body.trimEnd().split('\n')).toHaveLength(2)
  })

  test('puts a portion into one request of OTLP', async () => {
    await using world = await openLog()
    await using there = await collector()
    await world.fill(3)

    await emptied(world, sinkOf({ name: 'otel', to: there.to, format: 'otel' }))

    const body = JSON.parse(there.requests[0]?.body ?? '') as { readonly resourceLogs: readonly unknown[] }
    expect(body.resourceLogs).toHaveLength(3)
    expect(there.requests[0]?.headers['content-type']).toBe('application/json')
  })
})

describe('a real rsyslog', () => {
  let folder: string
  let plain: Rsyslog
  let encrypted: Rsyslog
  let ca: string
  let another: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'castellan-rsyslog-'))
    chmodSync(folder, 0o755)
    const authority = makeAuthority(folder, 'ours')
    ca = readFileSync(authority.certificate, 'utf8')
    another = readFileSync(makeAuthority(folder, 'another').certificate, 'utf8')
    const own = makeCertificate(folder, authority, 'localhost')
    plain = await startRsyslog(folder)
    encrypted = await startRsyslog(folder, { ...own, authority: authority.certificate })
  }, 60_000)

  afterAll(async () => {
    await Promise.all([plain?.stop(), encrypted?.stop()])
    rmSync(folder, { recursive: true, force: true })
  })

  test('receives every event as one message, whatever is in it', async () => {
    await using world = await openLog()
    const { request } = draft()
    await world.log.appendAlone(
      draft({
        reason: 'one\ntwo\u2028<0>1 - - - - - forged',
        request: { ...request, userAgent: 'a"]b\r\n' },
      }),
    )
    await world.fill(2)

    await emptied(world, sinkOf({ name: 'syslog', to: plain.url, format: 'cef' }))

    await expect.poll(() => plain.received().length, { timeout: 10_000 }).toBe(3)
    const [first = '', second = ''] = plain.received()
    expect(first.split('\t').slice(0, 6)).toEqual([
      ...['5', 'test', 'castellan', '-', 'record.update', '[meta sequenceId="1"]'],
    ])
    expect(first).toContain('reason=one\\ntwo\\\\u2028<0>1 - - - - - forged')
    expect(second).toContain('sequenceId="2"')
  })

  test('receives over TLS when it is who it must be, and nothing otherwise', async () => {
    await using world = await openLog()
    await world.fill(2)
    const { parts } = partsOf(world)
    const to = encrypted.url

    const stranger = await deliver(parts, sinkOf({ name: 'stranger', to, ca: another }))
    await emptied(world, sinkOf({ name: 'syslog', to, ca }))

    expect(stranger).toBe('failed')
    await expect.poll(() => encrypted.received().length, { timeout: 10_000 }).toBe(2)
    const text = encrypted.received()[1]?.split('\t')[6]?.trim() ?? ''
    const [row] = await world.home.rows('select event from castellan_audit_event where sequence = 2')
    expect(canonicalJson((JSON.parse(text) as { readonly event: unknown }).event as never)).toBe(
      String(row?.['event']),
    )
  })
})

async function heldOf(world: LogWorld): Promise<unknown> {
  const table = world.database.engine === 'postgres' ? 'castellan.audit_sink' : 'castellan_audit_sink'
  const rows = await world.home.rows(`select attempts from ${table}`)
  return rows.length === 0 ? 0 : Number(rows[0]?.['attempts'])
}
