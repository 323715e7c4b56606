/**
 * Whoever has the database and the signing key can show two histories to two people, each of them whole. A witness
 * cosigns one of them. Ours is a double that follows https://c2sp.org/tlog-witness word for word.
 */

import { createPublicKey, type KeyObject, sign } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import type { Anchor } from '../../src/audit/anchor/anchor.ts'
import { type AnchorAlarm, anchorStates, keepDue } from '../../src/audit/anchor/anchoring.ts'
import { openAnchors } from '../../src/audit/anchor/open-anchors.ts'
import { readAnchors, verifyWithAnchors } from '../../src/audit/anchor/read-anchors.ts'
import { parseCheckpoint } from '../../src/audit/checkpoint.ts'
import { cosigned, parseWitnessKey, witnessKeyHash } from '../../src/audit/cosignature.ts'
import { databaseReader } from '../../src/audit/database-reader.ts'
import { isConsistent } from '../../src/audit/tree.ts'
import { privateKeyFrom, rawPublicKey } from '../../src/keys/ed25519.ts'
import { type LogWorld, openLog } from '../log.ts'

const MINUTE = 60_000
const NAME = 'witness.example/w1'
const PRIVATE: KeyObject = privateKeyFrom(new Uint8Array(32).fill(7))
const KEY = { name: NAME, publicKey: rawPublicKey(createPublicKey(PRIVATE)) }
const LINE = `${NAME}+${witnessKeyHash(KEY)}+${Buffer.from([4, ...KEY.publicKey]).toString('base64')}`

test('a witness follows a log that only grows, also from an answer that never came', async () => {
  await using witness = await openWitness()
  await using world = await openLog({ engine: 'sqlite' })
  const kept = keeping(world, witness.url)

  for (const count of [3, 5, 2]) {
    await world.fill(count)
    await kept.keep()
  }
  expect(witness.seen()).toBe(10)
  expect(await kept.state()).toMatchObject({ size: 10, code: null, isLate: false })
  expect(await kept.verify()).toMatchObject({ kind: 'verified', events: 10 })

  witness.loseAnswers(true)
  await world.fill(1)
  await kept.keep()
  expect(await kept.state()).toMatchObject({ size: 10, code: 'status-503' })
  witness.loseAnswers(false)
  await world.fill(1)
  await kept.keep()
  expect(await kept.state()).toMatchObject({ size: 12, code: null })
})

test('a witness refuses the other history, and says so at once', async () => {
  await using witness = await openWitness()
  await using world = await openLog({ engine: 'sqlite' })
  const kept = keeping(world, witness.url)
  await world.fill(3)
  await kept.keep()
  cutOff(world)

  await world.fill(6)
  await kept.keep()

  expect(witness.seen()).toBe(3)
  expect(kept.alarms).toMatchObject([{ code: 'status-422', isOver: false }])
  expect(await kept.verify()).toMatchObject({ kind: 'tampered', sequence: 1 })
})

test('a witness that has seen more than there is says so at once', async () => {
  await using witness = await openWitness()
  await using world = await openLog({ engine: 'sqlite' })
  const kept = keeping(world, witness.url)
  await world.fill(3)
  await kept.keep()
  cutOff(world)

  await world.fill(2)
  await kept.keep()

  expect(kept.alarms).toMatchObject([{ code: 'ahead', isOver: false }])
})

test('control: whoever cosigns without looking signs both histories', async () => {
  await using witness = await openWitness({ looks: false })
  await using world = await openLog({ engine: 'sqlite' })
  const kept = keeping(world, witness.url)
  await world.fill(3)
  await kept.keep()
  cutOff(world)

  await world.fill(6)
  await kept.keep()

  expect(kept.alarms).toEqual([])
  expect(await kept.verify()).toMatchObject({ kind: 'verified', events: 6 })
})

test('what the witness did not sign is taken for no cosignature', async () => {
  await using witness = await openWitness({ key: privateKeyFrom(new Uint8Array(32).fill(8)) })
  await using world = await openLog({ engine: 'sqlite' })
  const kept = keeping(world, witness.url)
  await world.fill(1)

  await kept.keep()

  expect(await kept.state()).toMatchObject({ size: null, code: 'not-cosigned' })
  expect(parseWitnessKey(LINE)).toEqual(KEY)
  expect(parseWitnessKey(LINE.replace('w1', 'w2'))).toBeNull()
})

/** All of it: what follows is another history under the same key. */
function cutOff(world: LogWorld): void {
  world.tamper(
    ...['event', 'node', 'checkpoint'].map((table) => `drop trigger castellan_audit_${table}_delete`),
    'delete from castellan_audit_event',
    'delete from castellan_audit_node',
    'delete from castellan_audit_checkpoint',
  )
  world.now += MINUTE
}

function keeping(world: LogWorld, url: string) {
  const clock = (): number => world.now
  const option = { witness: `${url}/prefix/`, key: LINE, allowedNetworks: ['127.0.0.1'] }
  const anchors: readonly Anchor[] = openAnchors([option], clock)
  const alarms: AnchorAlarm[] = []
  return {
    alarms,
    async keep() {
      world.now += MINUTE
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
    async state() {
      const labels = anchors.map(({ label }) => label)
      return (await anchorStates(world.database.now, labels, world.now))[0]
    },
  }
}

interface Witness extends AsyncDisposable {
  readonly url: string
  /** The size of the last checkpoint that it cosigned. */
  seen(): number
  loseAnswers(does: boolean): void
}

async function openWitness({ looks = true, key = PRIVATE } = {}): Promise<Witness> {
  let last: { readonly size: number; readonly root: Uint8Array } | null = null
  let losesAnswers = false

  function answerTo(body: string): { readonly status: number; readonly body: string } {
    const end = body.indexOf('\n\n')
    const [old = '', ...proof] = body.slice(0, end).split('\n')
    const from = Number(old.replace(/^old /, ''))
    const checkpoint = parseCheckpoint(body.slice(end + 2))
    if (!checkpoint || from > checkpoint.size) return { status: 400, body: '' }
    if (looks && from !== (last?.size ?? 0)) return { status: 409, body: `${last?.size ?? 0}\n` }
    const claim = {
      ...{ from, to: checkpoint.size, toRoot: checkpoint.root, fromRoot: last?.root ?? new Uint8Array() },
      proof: proof.map((line) => Uint8Array.from(Buffer.from(line, 'base64'))),
    }
    const isNext = from === 0 ? proof.length === 0 : isConsistent(claim)
    if (looks && !isNext) return { status: 422, body: '' }
    last = { size: checkpoint.size, root: checkpoint.root }
    const time = 1_700_000_000n
    const head = Buffer.alloc(12)
    head.write(witnessKeyHash(KEY), 'hex')
    head.writeBigUInt64BE(time, 4)
    const signature = sign(null, cosigned(checkpoint.note.text, time), key)
    return { status: 200, body: `— ${NAME} ${Buffer.concat([head, signature]).toString('base64')}\n` }
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const isThere = request.url === '/prefix/add-checkpoint' && request.method === 'POST'
    const { status, body } = isThere ? answerTo(Buffer.concat(chunks).toString()) : { status: 404, body: '' }
    response.writeHead(losesAnswers ? 503 : status).end(losesAnswers ? '' : body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    seen: () => last?.size ?? 0,
    loseAnswers(does) {
      losesAnswers = does
    },
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
