/** Conformance: writers that meet lose nothing, and a time limit leaves nothing behind. */

import { expect, test } from 'vitest'
import type { DataSource, Transaction } from '../data/data-source.ts'
import type { Value } from '../model/model.ts'
import { EVERYTHING } from '../model/predicate.ts'
import { inWorld, type OpenSource, type Tables, type World } from './conformance-world.ts'

const TABLES: Tables = ({ identityKey, integer }) => [
  `CREATE TABLE counters (id ${identityKey}, n ${integer} NOT NULL)`,
  `INSERT INTO counters VALUES (1, 0)`,
  `CREATE TABLE tickets (id ${identityKey}, n ${integer} NOT NULL)`,
]
const WRITERS = 5
/** Far less than `slowly` takes. */
const LIMIT_MS = 200
/** More than any pool of connections has. */
const MANY = 12

export function transactionTests(open: OpenSource): void {
  test('loses nothing where several change the same record, each on what it locked', async () => {
    await inWorld(open, TABLES, async (world) => {
      const writers = Array.from({ length: WRITERS }, () =>
        world.source.transaction((transaction) => countUp(world, transaction), {
          isolation: 'read-committed',
        }),
      )

      expect((await Promise.all(writers)).toSorted()).toEqual([1n, 2n, 3n, 4n, 5n])
      expect(await world.get('counters', [1n])).toMatchObject({ n: BigInt(WRITERS) })
    })
  })

  test('changes serially by default: what was in the way of another is run again', async () => {
    await inWorld(open, TABLES, async (world) => {
      const { concurrentWriters } = world.source.capabilities
      const meeting = meetingOf(concurrentWriters ? WRITERS : 1)
      let runs = 0
      const writers = Array.from({ length: WRITERS }, () =>
        world.source.transaction(async (transaction) => {
          runs += 1
          const { value } = await transaction.count({ ...queryOf(world, 'tickets'), cap: 100 })
          await meeting()
          await transaction.insert({ model: world.model('tickets'), values: { n: BigInt(value) } })
        }),
      )
      await Promise.all(writers)

      const { records } = await world.list('tickets', { sort: [{ field: 'n', direction: 'asc' }] })
      expect(records.map(({ n }) => n)).toEqual([0n, 1n, 2n, 3n, 4n])
      if (concurrentWriters) expect(runs).toBeGreaterThan(WRITERS)
      else expect(runs).toBe(WRITERS)
    })
  })

  test('keeps nothing of a run that did not commit', async () => {
    await inWorld(open, TABLES, async (world) => {
      const failing = world.source.transaction(async (transaction) => {
        await countUp(world, transaction)
        await transaction.remove({ ...queryOf(world, 'counters'), key: [1n] })
        throw new RangeError('no')
      })

      await expect(failing).rejects.toThrow(RangeError)
      expect(await world.get('counters', [1n])).toMatchObject({ n: 0n })
      await expect(world.source.transaction((one) => countUp(world, one))).resolves.toBe(1n)
    })
  })

  test('gives a read up at its time limit, and is there for the next', async () => {
    await inWorld(open, TABLES, async (world) => {
      const slow = world.source.read(({ connection }) => world.slowly(connection), { timeoutMs: LIMIT_MS })

      await expectGivenUp(world.source, slow)
      expect((await world.list('counters')).records).toHaveLength(1)
    })
  })

  test('gives a change up at its time limit, and keeps nothing of it', async () => {
    await inWorld(open, TABLES, async (world) => {
      const slow = world.source.transaction(
        async (transaction) => {
          await countUp(world, transaction)
          await world.slowly(transaction.connection)
        },
        { timeoutMs: LIMIT_MS },
      )
      const isMade = await expectGivenUp(world.source, slow)

      expect(await world.get('counters', [1n])).toMatchObject({ n: isMade ? 1n : 0n })
      await expect(world.source.transaction((one) => countUp(world, one))).resolves.toBe(isMade ? 2n : 1n)
    })
  })

  test('gives up what nobody waits for any more, and has its connections back', async () => {
    await inWorld(open, TABLES, async (world) => {
      const { cancel } = world.source.capabilities
      for (let round = 0; round < (cancel ? MANY : 1); round += 1) {
        const caller = new AbortController()
        const read = world.source.read(
          async ({ connection }) => {
            const slow = world.slowly(connection)
            setImmediate(() => caller.abort())
            await slow
          },
          { signal: caller.signal },
        )
        await expectGivenUp(world.source, read)
      }

      expect((await world.list('counters')).records).toHaveLength(1)
      await expect(world.source.transaction((one) => countUp(world, one))).resolves.toBe(1n)
    })
  })

  test('begins nothing for whoever has gone', async () => {
    await inWorld(open, TABLES, async (world) => {
      const gone = { signal: AbortSignal.abort() }
      const read = world.source.read(
        (reader) => reader.count({ ...queryOf(world, 'counters'), cap: 1 }),
        gone,
      )
      const change = world.source.transaction((one) => countUp(world, one), gone)

      await expect(read).rejects.toMatchObject({ code: 'data-source-failed' })
      await expect(change).rejects.toMatchObject({ code: 'data-source-failed' })
      expect(await world.get('counters', [1n])).toMatchObject({ n: 0n })
    })
  })
}

/** Adds one to the record as it stands, and returns what it is now. */
async function countUp(world: World, transaction: Transaction): Promise<Value> {
  const record = { ...queryOf(world, 'counters'), key: [1n] }
  const before = await transaction.get({ ...record, fields: ['n'], isLocked: true })
  const n = BigInt(Number(before?.['n'])) + 1n
  expect(await transaction.update({ ...record, values: { n } })).toBe(1)
  return n
}

function queryOf(
  world: World,
  name: string,
): Pick<Parameters<Transaction['count']>[0], 'model' | 'models' | 'scope' | 'where'> {
  return { model: world.model(name), models: world.models, scope: EVERYTHING, where: EVERYTHING }
}

/** Where so many wait for each other, once; whoever comes later goes on at once. */
function meetingOf(size: number): () => Promise<void> {
  const all = Promise.withResolvers<void>()
  let come = 0
  return async () => {
    come += 1
    if (come === size) all.resolve()
    await all.promise
  }
}

/** An engine that can't stop a statement may let it end instead. @returns Whether it did. */
async function expectGivenUp({ capabilities }: DataSource, work: Promise<unknown>): Promise<boolean> {
  const [outcome] = await Promise.allSettled([work])
  if (outcome?.status === 'fulfilled') {
    expect(capabilities.cancel).toBe(false)
    return true
  }
  expect(outcome?.reason).toMatchObject({ code: 'data-source-failed' })
  return false
}
