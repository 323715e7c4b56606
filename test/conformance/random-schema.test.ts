/**
 * Random schemas through the whole house, on every engine: what was written is
 * what is read on every road, and every filter, search, sort, count and page
 * holds what a plain reading of the same records says, for who sees everything
 * and for who sees what random rules let them.
 *
 * One compared question is one case: with a thousand runs (`CASTELLAN_TEST_RUNS`)
 * there are 100,000. A failure names the seed, which `CASTELLAN_TEST_SEED` takes.
 */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { STORE_ENGINES, type StoreEngine } from '../engine.ts'
import { RUNS_LIMIT_MS, runs } from '../runs.ts'
import { openRandomHouse } from './random-house.ts'
import { expectedAnswer, type ListQuestion, questionsOf } from './random-question.ts'
import { world } from './random-world.ts'

const RUNS = runs(5)
const SEED = Number(process.env['CASTELLAN_TEST_SEED'] ?? 20_261_130)

/** Of the hundred questions of a run, the most where a database costs least. */
const SHARE: Readonly<Record<StoreEngine, number>> = { sqlite: 60, postgres: 20, mariadb: 20 }
/** Questions about one schema, which costs as much to make as a hundred of them to ask. */
const PER_WORLD = Math.min(250, RUNS * 10)

for (const engine of STORE_ENGINES) {
  test(`${engine} answers as a plain reading of the records does`, { timeout: RUNS_LIMIT_MS }, async () => {
    const worlds = Math.ceil((RUNS * SHARE[engine]) / PER_WORLD)
    const seen = { asked: 0, found: 0, refused: 0, pages: 0 }

    await fc.assert(
      fc.asyncProperty(
        world.chain((made) => fc.tuple(fc.constant(made), questionsOf(made, PER_WORLD))),
        async ([made, questions]) => {
          await using house = await openRandomHouse(engine, made)
          for (const question of questions) {
            const { said, ...answer } = await house.ask(question)
            const wanted = expectedAnswer(engine, question, house)
            expect(answer, `${JSON.stringify(question)} was answered ${said}`).toEqual(wanted)
            seen.asked += 1
            seen.refused += Number(answer.status !== 200)
            seen.found += Number((answer.records ?? []).length > 0)
            seen.pages += answer.sizes?.length ?? 0
          }
        },
      ),
      { numRuns: worlds, seed: SEED, endOnFailure: true },
    )

    // questions that find nothing would agree as well
    expect(seen.asked).toBe(worlds * PER_WORLD)
    expect(seen.found).toBeGreaterThan(seen.asked / 4)
    expect(seen.refused).toBeGreaterThan(0)
    expect(seen.pages).toBeGreaterThan(seen.found)
  })
}

test('control: with the rules taken away the same comparison finds what was let out', async () => {
  const [made] = fc.sample(
    world.filter(({ parts }) => parts.every(({ permit, forbid }) => permit !== null || forbid !== null)),
    { seed: SEED, numRuns: 1 },
  )
  if (!made) throw new Error('No world.')
  const open = made.parts.map(() => ({ permit: null, forbid: null, hidden: null }))
  const lists = made.tables.map(({ columns: [first] }, table): ListQuestion => {
    const sort = [{ field: first?.name ?? '', isDown: false }]
    return { kind: 'list', table, isWhole: false, filters: [], search: null, sort, limit: 200 }
  })

  await using house = await openRandomHouse('sqlite', { ...made, parts: open })
  const wanted = lists.map((one) => expectedAnswer('sqlite', one, { ...house, world: made }))
  const letOut = await Promise.all(lists.map((one) => house.ask(one)))
  await using kept = await openRandomHouse('sqlite', made)
  const found = await Promise.all(lists.map((one) => kept.ask(one)))

  expect(letOut.filter(({ count }, at) => count !== wanted[at]?.count)).not.toEqual([])
  expect(found.map(({ count }) => count)).toEqual(wanted.map(({ count }) => count))
})
