import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { change, draft, type LogWorld, openLog } from '../../test/log.ts'
import { inStore } from '../store/tables.ts'
import { cut, isCut } from './cut.ts'
import { databaseReader } from './database-reader.ts'
import type { AuditEvent, Change, EventDraft } from './event.ts'
import { unseal } from './redact.ts'
import { eraseSubjectKey, findSubjectKey, rewrapSubjectKeys } from './subject-key.ts'
import { verifyLog } from './verify.ts'

const CANARY = 'canary-7f3a'

test('keeps public and internal values in the clear', async () => {
  await using world = await openLog()

  const event = await appended(world, [
    { field: 'status', sensitivity: 'public', before: 'unpaid', after: 'paid' },
    change('internal'),
  ])

  expect(event.changes).toEqual([
    { field: 'status', class: 'public', before: 'unpaid', after: 'paid' },
    { field: 'note', class: 'internal', before: null, after: 'internal' },
  ])
})

test('says of a secret only that it changed, and stores it nowhere', async () => {
  await using world = await openLog({ engine: 'sqlite' })

  const event = await appended(world, [change(CANARY, 'secret')])

  expect(event.changes).toEqual([{ field: 'note', class: 'secret', masked: true }])
  expect(everythingStored(world)).not.toContain(CANARY)
})

test('commits to a personal value and stores it nowhere in the clear', async () => {
  await using world = await openLog({ engine: 'sqlite' })

  const event = await appended(world, [change(CANARY, 'personal')])

  expect(event.changes).toEqual([
    {
      field: 'note',
      class: 'personal',
      before: null,
      after: expect.stringMatching(/^[0-9a-f]{64}$/),
      masked: true,
    },
  ])
  expect(everythingStored(world)).not.toContain(CANARY)
})

test('salts: the same value twice has two commitments, and its plain hash is none of them', async () => {
  await using world = await openLog()

  const event = await appended(world, [change('1990-01-01', 'personal'), change('1990-01-01', 'personal')])

  const [one, other] = event.changes.map(afterOf)
  expect(one).not.toBe(other)
  expect([one, other]).not.toContain(createHash('sha256').update('1990-01-01').digest('hex'))
})

test('opens a personal value again with the key of its subject, and with no other', async () => {
  await using world = await openLog()
  const event = await appended(world, [change(CANARY, 'personal')])
  await appended(world, [change('other', 'personal')], { dataSubject: 'customers:7' })
  const [sealed] = await sealedOf(world, event.id)
  const key = await findSubjectKey(world.database.now, world.keys, 'orders:42')
  const foreign = await findSubjectKey(world.database.now, world.keys, 'customers:7')
  if (!sealed || !key || !foreign) throw new TypeError('Nothing was sealed.')
  const commitment = afterOf(event.changes[0])

  expect(unseal(sealed, { eventId: event.id, key, commitment })).toBe(CANARY)
  expect(unseal(sealed, { eventId: event.id, key: foreign, commitment })).toBeNull()
  expect(unseal(sealed, { eventId: 'ff'.repeat(16), key, commitment })).toBeNull()
  expect(unseal({ ...sealed, position: 1 }, { eventId: event.id, key, commitment })).toBeNull()
  expect(unseal(sealed, { eventId: event.id, key, commitment: '00'.repeat(32) })).toBeNull()
})

test('uses one key for all values of a subject, in several processes', async () => {
  await using world = await openLog()
  await using other = await world.second()

  await Promise.all([
    appended(world, [change('a', 'personal')]),
    appended(other, [change('b', 'personal')]),
    appended(world, [change('c', 'personal')]),
  ])

  const subjects = await inStore(world.database.now)
    .selectFrom('castellan_audit_subject')
    .selectAll()
    .execute()
  expect(subjects.map(({ subject }) => subject)).toEqual(['orders:42'])
})

test('opens a personal value after the ring of its subject was replaced, by the new key alone', async () => {
  await using world = await openLog()
  const event = await appended(world, [change(CANARY, 'personal')])
  await appended(world, [change('other', 'personal')], { dataSubject: 'customers:7' })
  const [sealed] = await sealedOf(world, event.id)

  const count = await world.database.write(async (connection) => {
    const { rings } = await world.keys.replace(connection, 'subject')
    return await rewrapSubjectKeys(connection, { from: world.keys, to: rings }, randomBytes)
  })

  await world.keys.catchUp(world.database.now)
  const key = await findSubjectKey(world.database.now, world.keys, 'orders:42')
  if (!sealed || !key) throw new TypeError('Nothing was sealed.')
  expect(count).toBe(2)
  expect(unseal(sealed, { eventId: event.id, key, commitment: afterOf(event.changes[0]) })).toBe(CANARY)
  const rows = await inStore(world.database.now)
    .selectFrom('castellan_audit_subject')
    .select('key_id')
    .execute()
  expect(new Set(rows.map(({ key_id }) => key_id))).toEqual(new Set([world.keys.secret('subject').id]))
})

test('leaves the log whole when the key of a subject is erased', async () => {
  await using world = await openLog()
  const event = await appended(world, [change(CANARY, 'personal')])
  const other = await appended(world, [change(CANARY, 'personal')], { dataSubject: 'customers:7' })
  const read = async (one: AuditEvent): Promise<string | undefined> =>
    (await world.log.unsealed(world.database.now, [one]))(one.id, 0, 'after')
  expect(await read(event)).toBe(CANARY)

  const erase = () => world.database.write((connection) => eraseSubjectKey(connection, 'orders:42'))
  const erased = [await erase(), await erase()]
  const later = await appended(world, [change(CANARY, 'personal')])
  await world.log.seal()

  expect(erased).toEqual([true, false])
  expect([await read(event), await read(other), await read(later)]).toEqual([undefined, CANARY, CANARY])
  expect(await world.log.find(event.id)).toMatchObject({ event })
  const report = await verifyLog(await databaseReader(world.database.now), { now: world.now })
  expect(report).toMatchObject({ kind: 'verified', events: 3 })
})

test('seals a value about no record under a key of its own event', async () => {
  await using world = await openLog()

  const event = await appended(world, [change(CANARY, 'personal')], { target: null })

  expect((await sealedOf(world, event.id)).map(({ subject }) => subject)).toEqual([`event:${event.id}`])
})

test('cuts a text that is too long and says so, with its length and hash', () => {
  const text = 'x'.repeat(100)
  const hash = createHash('sha256').update(text).digest('hex')

  expect(cut(text, 100)).toBe(text)
  expect(cut(text, 10)).toBe(`xxxxxxxxxx… [cut from 100 characters, SHA-256 ${hash}]`)
  expect(isCut(cut(text, 10))).toBe(true)
  expect(isCut(text)).toBe(false)
})

test('cuts no character in half and lets no half through', () => {
  expect(cut('ab😀cd', 3)).toMatch(/^ab… \[cut from 6 /)
  expect(cut('a\ud800b', 10)).toBe('a\ufffdb')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(40), (text, limit) => {
      expect(cut(text, limit).isWellFormed()).toBe(true)
    }),
  )
})

test('writes the event whatever somebody sends', { timeout: 20_000 }, async () => {
  await using world = await openLog()
  const anything = fc.string({ unit: 'binary', maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(anything, anything, anything, anything, async (label, agent, value, name) => {
      const base = draft()
      const id = await world.log.appendAlone(
        draft({
          principal: { ...base.principal, label },
          request: { ...base.request, userAgent: agent, route: agent },
          changes: [change(value), change(value, 'personal')],
          details: { [name]: value },
          reason: value,
        }),
      )

      const kept = label.toWellFormed().replaceAll('\0', '\ufffd')
      expect((await world.log.find(id))?.event.principal.label).toBe(kept)
    }),
    { numRuns: 50 },
  )
})

async function appended(
  world: LogWorld,
  changes: readonly Change[],
  rest: Partial<EventDraft> = {},
): Promise<AuditEvent> {
  const id = await world.log.appendAlone(draft({ changes, ...rest }))
  const found = await world.log.find(id)
  if (!found) throw new TypeError('The event is not there.')
  return found.event
}

async function sealedOf({ database }: LogWorld, eventId: string) {
  const rows = await inStore(database.now)
    .selectFrom('castellan_audit_sealed')
    .selectAll()
    .where('event_id', '=', eventId)
    .execute()
  return rows.map((row) => ({ ...row, position: Number(row.position) }))
}

/** The file as it is on disk, text and blobs alike. */
function everythingStored(world: LogWorld): string {
  const file = world.home.url.replace(/^sqlite:/, '')
  return [file, `${file}-wal`].map((one) => readFileSync(one, 'latin1')).join('')
}

function afterOf(one: AuditEvent['changes'][number] | undefined): string {
  if (one?.class !== 'personal' || one.after === null) throw new TypeError('There is no commitment.')
  return one.after
}
