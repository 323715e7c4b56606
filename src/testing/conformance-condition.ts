/** Conformance: conditions are two-valued, values are never text of a query, and unknown names are refused. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Value } from '../model/model.ts'
import { EVERYTHING, NOTHING, not, type Predicate } from '../model/predicate.ts'
import { inWorld, type OpenSource, type Tables, type World } from './conformance-world.ts'

const TABLES: Tables = ({ identityKey, integer, text, decimal, boolean, date, json }) => [
  `CREATE TABLE customers (id ${identityKey}, name ${text}, region ${text}, level ${integer})`,
  `CREATE TABLE orders (
    id ${identityKey}, customer_id ${integer}, number ${text}, total ${decimal(10, 2)}, paid ${boolean},
    placed ${date}, tags ${json},
    FOREIGN KEY (customer_id) REFERENCES customers (id))`,
  `INSERT INTO customers VALUES (1, 'Ana', 'emea', 3), (2, 'Bo', 'apac', NULL), (3, NULL, NULL, 1)`,
  `INSERT INTO orders VALUES
    (1, 1, 'A-1', 10, TRUE, '2026-01-01', '["a","b"]'),
    (2, 1, 'A_2', 99.5, FALSE, '2026-02-01', '[]'),
    (3, 2, '100%', NULL, NULL, NULL, NULL),
    (4, NULL, 'a-4', -3.25, TRUE, '2025-12-31', '{"a":1}'),
    (5, 3, '', 0, FALSE, '2026-01-01', '"no array"'),
    (6, 3, NULL, 10.01, TRUE, '2026-03-01', '[1,true,null,"a"]')`,
]

/** What breaks SQL when a value becomes part of it, or means something to LIKE. */
export const HOSTILE: readonly string[] = [
  `' OR 1=1 --`,
  `'; DROP TABLE orders; --`,
  `"`,
  '`',
  `\\`,
  `%`,
  `_`,
  `\\%`,
  `[a-z]`,
  `*`,
  `?`,
  `?1`,
  `:name`,
  `$1`,
  `{{x}}`,
  `\u0000`,
  `a\u0000b`,
  `\n`,
  `\u202e`,
  `𝕏`,
  `''''`,
  `/* */`,
]

const values: Readonly<Record<string, fc.Arbitrary<Value>>> = {
  id: fc.integer({ min: 0, max: 7 }).map(BigInt),
  customer_id: fc.integer({ min: 0, max: 4 }).map(BigInt),
  number: fc.constantFrom('A-1', 'a-4', '', '100%', 'zzz'),
  total: fc.constantFrom('10.00', '99.50', '-3.25', '0.00', '1000.00'),
  paid: fc.boolean(),
  placed: fc.constantFrom('2026-01-01', '2025-12-31', '2027-01-01'),
}

const leaf: fc.Arbitrary<Predicate> = fc.constantFrom(...Object.keys(values)).chain((field) => {
  const value = values[field] ?? fc.constant(null)
  return fc.oneof(
    fc.record({
      kind: fc.constant('compare' as const),
      field: fc.constant(field),
      operator: fc.constantFrom(
        'eq' as const,
        'ne' as const,
        'lt' as const,
        'lte' as const,
        'gt' as const,
        'gte' as const,
      ),
      value: fc.oneof({ weight: 5, arbitrary: value }, { weight: 1, arbitrary: fc.constant(null) }),
    }),
    fc.record({
      kind: fc.constant('in' as const),
      field: fc.constant(field),
      values: fc.array(value, { maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('isNull' as const), field: fc.constant(field) }),
  )
})

const related: fc.Arbitrary<Predicate> = fc
  .constantFrom<Predicate>(
    { kind: 'compare', field: 'region', operator: 'eq', value: 'emea' },
    { kind: 'compare', field: 'level', operator: 'gt', value: 1n },
    { kind: 'isNull', field: 'name' },
    not({ kind: 'compare', field: 'region', operator: 'eq', value: 'emea' }),
    { kind: 'text', field: 'name', operator: 'contains', value: 'a' },
    not({ kind: 'text', field: 'name', operator: 'contains', value: 'a' }),
    EVERYTHING,
  )
  .map((where) => ({ kind: 'related', relation: 'customer', where }))

const other: fc.Arbitrary<Predicate> = fc.constantFrom<Predicate>(
  EVERYTHING,
  NOTHING,
  { kind: 'contains', field: 'tags', value: 'a' },
  { kind: 'contains', field: 'tags', value: 1n },
  { kind: 'text', field: 'number', operator: 'contains', value: 'a' },
  { kind: 'text', field: 'number', operator: 'startsWith', value: '100%' },
)

const predicate: fc.Arbitrary<Predicate> = fc.letrec<{ readonly any: Predicate }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    related,
    other,
    fc.record({ kind: fc.constant('not' as const), of: tie('any') }),
    fc.record({
      kind: fc.constant('and' as const),
      of: fc.array(tie('any'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('or' as const), of: fc.array(tie('any'), { minLength: 1, maxLength: 3 }) }),
  ),
})).any

export function conditionTests(open: OpenSource): void {
  test('parts every table into the records of P and those of NOT P', async () => {
    await inWorld(open, TABLES, async (world) => {
      const all = await idsWhere(world, EVERYTHING)
      let kept = 0
      const check = fc.asyncProperty(predicate, async (one) => {
        const inside = await idsWhere(world, one)
        const outside = await idsWhere(world, not(one))
        kept += inside.length

        expect([...inside, ...outside].toSorted(byNumber)).toEqual(all)
      })
      await fc.assert(check, { numRuns: 250, seed: 20261121 })

      expect(all).toHaveLength(6)
      expect(kept).toBeGreaterThan(50)
    })
  })

  test.each<readonly [string, Predicate, readonly bigint[]]>([
    ['eq', { kind: 'compare', field: 'total', operator: 'eq', value: '10.00' }, [1n]],
    [
      'ne leaves NULL out',
      { kind: 'compare', field: 'total', operator: 'ne', value: '10.00' },
      [2n, 4n, 5n, 6n],
    ],
    [
      'decimals by their number',
      { kind: 'compare', field: 'total', operator: 'lt', value: '10.00' },
      [4n, 5n],
    ],
    ['booleans', { kind: 'compare', field: 'paid', operator: 'eq', value: false }, [2n, 5n]],
    ['dates', { kind: 'compare', field: 'placed', operator: 'gte', value: '2026-02-01' }, [2n, 6n]],
    ['an empty list is false', { kind: 'in', field: 'id', values: [] }, []],
    ['a list', { kind: 'in', field: 'number', values: ['A-1', null, ''] }, [1n, 5n]],
    ['NULL equals nothing', { kind: 'compare', field: 'number', operator: 'eq', value: null }, []],
    ['isNull', { kind: 'isNull', field: 'customer_id' }, [4n]],
    [
      'an integer beyond the column',
      { kind: 'compare', field: 'id', operator: 'lt', value: 2n ** 80n },
      [1n, 2n, 3n, 4n, 5n, 6n],
    ],
    ['member of a set', { kind: 'contains', field: 'tags', value: 'a' }, [1n, 6n]],
    ['member that is a number', { kind: 'contains', field: 'tags', value: 1n }, [6n]],
    ['member that is true', { kind: 'contains', field: 'tags', value: true }, [6n]],
    ['contains without case', { kind: 'text', field: 'number', operator: 'contains', value: 'A-' }, [1n, 4n]],
    ['a wildcard is a character', { kind: 'text', field: 'number', operator: 'contains', value: '%' }, [3n]],
    [
      'an underscore is a character',
      { kind: 'text', field: 'number', operator: 'contains', value: 'a_' },
      [2n],
    ],
    ['startsWith', { kind: 'text', field: 'number', operator: 'startsWith', value: 'a-' }, [1n, 4n]],
    ['digits of a number', { kind: 'text', field: 'total', operator: 'contains', value: '99' }, [2n]],
  ])('understands %s', async (_, where, expected) => {
    await inWorld(open, TABLES, async (world) => {
      expect(await idsWhere(world, where)).toEqual(expected)
    })
  })

  test('looks behind a relation, and nowhere where there is no record', async () => {
    await inWorld(open, TABLES, async (world) => {
      const emea: Predicate = {
        kind: 'related',
        relation: 'customer',
        where: { kind: 'compare', field: 'region', operator: 'eq', value: 'emea' },
      }

      expect(await idsWhere(world, emea)).toEqual([1n, 2n])
      expect(await idsWhere(world, not(emea))).toEqual([3n, 4n, 5n, 6n])
    })
  })

  test('searches behind a relation, without regard to case', async () => {
    await inWorld(open, TABLES, async (world) => {
      const named: Predicate = {
        kind: 'related',
        relation: 'customer',
        where: { kind: 'text', field: 'name', operator: 'contains', value: 'AN' },
      }

      expect(await idsWhere(world, named)).toEqual([1n, 2n])
      expect(await idsWhere(world, not(named))).toEqual([3n, 4n, 5n, 6n])
    })
  })

  test('keeps the scope in every read', async () => {
    await inWorld(open, TABLES, async (world) => {
      const scope: Predicate = { kind: 'compare', field: 'paid', operator: 'eq', value: true }
      const model = world.model('orders')
      const many = await world.source.read((reader) =>
        reader.getMany({
          model,
          models: world.models,
          scope,
          match: ['id'],
          keys: [[1n], [2n], [null]],
          fields: ['id'],
          limit: 9,
        }),
      )

      expect((await world.list('orders', { scope, count: 'exact' })).count?.value).toBe(3)
      expect(await world.get('orders', [1n], scope)).not.toBeNull()
      expect(await world.get('orders', [2n], scope)).toBeNull()
      expect(many).toEqual([{ id: 1n }])
    })
  })

  test('takes hostile texts for what they are', async () => {
    await inWorld(open, TABLES, async (world) => {
      for (const text of HOSTILE) {
        const eq: Predicate = { kind: 'compare', field: 'number', operator: 'eq', value: text }
        if (world.vocabulary.cannotHold('text', text)) {
          await expect(world.insert('orders', { number: text })).rejects.toMatchObject({
            code: 'invalid-input',
            fields: { number: [expect.any(String)] },
          })
          expect(await idsWhere(world, eq)).toEqual([])
          continue
        }
        const [key] = await world.insert('orders', { number: text })

        expect(await world.where('orders', eq)).toMatchObject([{ id: key, number: text }])
        for (const values of [[text], [text, 'no number']]) {
          expect(await idsWhere(world, { kind: 'in', field: 'number', values })).toEqual([key])
        }
        await world.remove('orders', [key ?? null])
      }
      for (const text of HOSTILE.filter((one) => !one.includes('\0') && !['%', '_', '-'].includes(one))) {
        expect(
          await idsWhere(world, { kind: 'text', field: 'number', operator: 'contains', value: text }),
        ).toEqual([])
      }
      expect(await idsWhere(world, EVERYTHING)).toHaveLength(6)
    })
  })

  test.each(['nothing', 'id"', 'id; --', 'customers.id', 'rowid', '', '*'])(
    'refuses the name "%s"',
    async (name) => {
      await inWorld(open, TABLES, async (world) => {
        const where: Predicate = { kind: 'isNull', field: name }

        await expect(world.list('orders', { fields: [name] })).rejects.toThrow(TypeError)
        await expect(world.list('orders', { where })).rejects.toThrow(TypeError)
        await expect(world.list('orders', { scope: where })).rejects.toThrow(TypeError)
        await expect(world.list('orders', { sort: [{ field: name, direction: 'asc' }] })).rejects.toThrow(
          TypeError,
        )
        await expect(world.insert('orders', { [name]: 1n })).rejects.toThrow(TypeError)
        await expect(world.update('orders', [1n], { [name]: 1n })).rejects.toThrow(TypeError)
        const hop: Predicate = { kind: 'related', relation: name, where: EVERYTHING }
        await expect(world.list('orders', { where: hop })).rejects.toThrow(TypeError)
      })
    },
  )
}

async function idsWhere(world: World, where: Predicate): Promise<readonly Value[]> {
  return (await world.where('orders', where)).map((record) => record['id'] ?? null)
}

function byNumber(left: Value, right: Value): number {
  return Number(left) - Number(right)
}
