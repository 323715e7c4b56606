/**
 * Random databases: tables with names that are hard to write, keys of every
 * form, columns of every kind, foreign keys, indexes and records; and how an
 * engine is told to make them.
 */

import fc from 'fast-check'
import type { Condition } from '../../src/policy/document.ts'
import type { StoreEngine } from '../engine.ts'
import { KEY_NUMBER, KEY_TEXT, KEY_UUID, KINDS, type Kind, type Wire } from './random-kinds.ts'
import { COLUMN_NAMES, TABLE_NAMES } from './random-names.ts'

export interface Column {
  /** What the field is called. */
  readonly name: string
  /** What the database calls it. */
  readonly column: string
  readonly kind: Kind
  readonly isNullable: boolean
}

export interface Table {
  readonly name: string
  readonly key: readonly Column[]
  /** Neither of the key nor of the foreign key. */
  readonly columns: readonly Column[]
  readonly reference: Reference | null
  /** Columns by name. */
  readonly indexes: readonly (readonly string[])[]
  readonly rows: readonly Row[]
}

export interface Reference {
  readonly table: number
  readonly columns: readonly Column[]
}

export type Row = ReadonlyMap<string, Wire | null>

/** What one who sees a part may see of a table. */
export interface Part {
  readonly permit: Condition | null
  readonly forbid: Condition | null
  /** A column that they may not read. */
  readonly hidden: string | null
}

export interface World {
  readonly tables: readonly Table[]
  /** For each table. */
  readonly parts: readonly Part[]
}

const KEY_FORMS: readonly (readonly Kind[])[] = [
  [KEY_NUMBER],
  [KEY_TEXT],
  [KEY_UUID],
  [KEY_NUMBER, KEY_TEXT],
  [KEY_UUID, KEY_NUMBER],
]
const MOST_COLUMNS = 5

interface Draft {
  readonly form: readonly Kind[]
  readonly kinds: readonly { readonly kind: Kind; readonly isNullable: boolean }[]
  readonly names: readonly string[]
  readonly leadsTo: number | null
  readonly isReferenceNullable: boolean
  readonly indexed: readonly number[]
}

const draft: fc.Arbitrary<Draft> = fc.record({
  form: fc.constantFrom(...KEY_FORMS),
  kinds: fc.array(fc.record({ kind: fc.constantFrom(...KINDS), isNullable: fc.boolean() }), {
    minLength: 2,
    maxLength: MOST_COLUMNS,
  }),
  names: fc.shuffledSubarray([...COLUMN_NAMES], {
    minLength: MOST_COLUMNS + 4,
    maxLength: MOST_COLUMNS + 4,
  }),
  leadsTo: fc.option(fc.nat(), { freq: 4 }),
  isReferenceNullable: fc.boolean(),
  indexed: fc.array(fc.nat(), { maxLength: 2 }),
})

export const world: fc.Arbitrary<World> = fc
  .tuple(
    fc.array(draft, { minLength: 2, maxLength: 3 }),
    fc.shuffledSubarray([...TABLE_NAMES], { minLength: 3, maxLength: 3 }),
  )
  .chain(([drafts, names]) => {
    const shapes: Table[] = []
    for (const [index, one] of drafts.entries()) shapes.push(shapeOf(one, names[index] ?? '', shapes))
    return fc.tuple(...shapes.map(seedsOf)).chain((seeds) => {
      const tables: Table[] = []
      for (const [index, shape] of shapes.entries()) {
        tables.push({ ...shape, rows: rowsOf(shape, seeds[index] ?? [], tables) })
      }
      return fc.record({ tables: fc.constant(tables), parts: fc.tuple(...tables.map(partOf)) })
    })
  })

function shapeOf(draft: Draft, name: string, before: readonly Table[]): Table {
  const names = [...draft.names]
  const next = (): Pick<Column, 'name' | 'column'> => named(names.pop() ?? '')
  const key = draft.form.map((kind): Column => ({ ...next(), kind, isNullable: false }))
  const table = before.length === 0 || draft.leadsTo === null ? null : draft.leadsTo % before.length
  const target = table === null ? undefined : before[table]
  const reference = target && {
    table: table ?? 0,
    columns: target.key.map(
      ({ kind }): Column => ({ ...next(), kind, isNullable: draft.isReferenceNullable }),
    ),
  }
  const columns = draft.kinds.map(({ kind, isNullable }): Column => ({ ...next(), kind, isNullable }))
  const indexable = columns.filter(({ kind }) => kind.canBeKey)
  const indexes = draft.indexed.flatMap((at) => indexable[at % Math.max(1, indexable.length)] ?? [])
  return {
    name,
    key,
    columns,
    reference: reference ?? null,
    indexes: [...new Set(indexes.map(({ column }) => column))].map((one) => [one]),
    rows: [],
  }
}

/** What every object of JavaScript has is no name for a field: it is told apart by a line. */
function named(column: string): Pick<Column, 'name' | 'column'> {
  return { name: column in Object.prototype ? `${column}_` : column, column }
}

/** A record before its key and its reference are known. */
interface Seed {
  readonly cells: readonly (Wire | null)[]
  readonly leadsTo: number | null
}

function seedsOf(table: Table): fc.Arbitrary<readonly Seed[]> {
  const cells = table.columns.map(({ kind, isNullable }) => {
    const value: fc.Arbitrary<Wire | null> = fc.constantFrom(...kind.values)
    return isNullable ? fc.option(value, { freq: 4 }) : value
  })
  return fc.array(fc.record({ cells: fc.tuple(...cells), leadsTo: fc.option(fc.nat(), { freq: 4 }) }), {
    minLength: 1,
    maxLength: 14,
  })
}

function rowsOf(table: Table, seeds: readonly Seed[], before: readonly Table[]): readonly Row[] {
  const { reference } = table
  const targets = reference ? (before[reference.table]?.rows ?? []) : []
  const target = reference ? before[reference.table] : undefined
  return seeds.map(({ cells, leadsTo }, index) => {
    const isNone = leadsTo === null && reference?.columns.every(({ isNullable }) => isNullable)
    const to = isNone ? undefined : targets[(leadsTo ?? 0) % Math.max(1, targets.length)]
    return new Map<string, Wire | null>([
      ...table.key.map(({ name, kind }, at): [string, Wire | null] => [
        name,
        keyValue(table, kind, at, index),
      ]),
      ...(reference?.columns ?? []).map(({ name }, at): [string, Wire | null] => [
        name,
        to?.get(target?.key[at]?.name ?? '') ?? null,
      ]),
      ...table.columns.map(({ name }, at): [string, Wire | null] => [name, cells[at] ?? null]),
    ])
  })
}

/** The last part of a key tells the records apart, those before it seldom do. */
function keyValue({ key }: Table, { values }: Kind, at: number, index: number): Wire | null {
  const place = at === key.length - 1 ? index * 5 : index % 3
  return values[place % values.length] ?? null
}

export function allColumns({ key, reference, columns }: Table): readonly Column[] {
  return [...key, ...(reference?.columns ?? []), ...columns]
}

function partOf(table: Table): fc.Arbitrary<Part> {
  const [first] = table.columns
  return fc.record({
    permit: fc.option(conditionOn(table), { freq: 4 }),
    forbid: fc.option(conditionOn(table), { freq: 1 }),
    hidden: fc.option(fc.constantFrom(...table.columns.map(({ name }) => name), first?.name ?? ''), {
      freq: 1,
    }),
  })
}

function conditionOn(table: Table): fc.Arbitrary<Condition> {
  const leaves = allColumns(table).flatMap((column) => leafOn(column))
  const { node } = fc.letrec<{ node: Condition }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 2 },
      { weight: 4, arbitrary: fc.oneof(...leaves) },
      { weight: 1, arbitrary: tie('node').map((not): Condition => ({ not })) },
      {
        weight: 1,
        arbitrary: fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((and): Condition => ({ and })),
      },
      {
        weight: 2,
        arbitrary: fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((or): Condition => ({ or })),
      },
    ),
  }))
  return node
}

function leafOn({ name, kind }: Column): readonly fc.Arbitrary<Condition>[] {
  // an own property, whatever it is called
  const on = (operand: Condition[string]): Condition => Object.fromEntries([[name, operand]])
  const isNull = fc.boolean().map((one) => on({ isNull: one }))
  if (!kind.compare) return [isNull]
  const operators = kind.isOrdered ? ['eq', 'ne', 'lt', 'lte', 'gt', 'gte'] : ['eq', 'ne']
  const value = fc.constantFrom(...kind.values)
  return [
    isNull,
    fc.tuple(fc.constantFrom(...operators), value).map(([operator, one]) => on({ [operator]: one })),
    // of no values it would permit nothing, and then there is no list
    fc.array(value, { minLength: 1, maxLength: 4 }).map((some) => on({ in: some })),
  ]
}

/** The statements that make the tables, empty. */
export function statementsOf({ tables }: World, engine: StoreEngine): string {
  const mark = engine === 'mariadb' ? '`' : '"'
  const quote = (name: string): string => `${mark}${name.replaceAll(mark, mark + mark)}${mark}`
  const declared = ({ column, kind, isNullable }: Column): string => {
    const declared = kind.declared(engine, quote(column))
    if (isNullable) return `${quote(column)} ${declared}`
    // MariaDB takes no check before it
    const [type = '', check] = declared.replace(/ NULL$/, '').split(/(?= CHECK )/)
    return `${quote(column)} ${type} NOT NULL${check ?? ''}`
  }
  const listed = (columns: readonly Column[]): string => columns.map(({ column }) => quote(column)).join(', ')
  const made = tables.flatMap((table, at) => {
    const target = table.reference ? tables[table.reference.table] : undefined
    const parts = [
      ...allColumns(table).map(declared),
      `PRIMARY KEY (${listed(table.key)})`,
      ...(table.reference && target
        ? [
            `FOREIGN KEY (${listed(table.reference.columns)}) REFERENCES ${quote(target.name)} (${listed(target.key)})`,
          ]
        : []),
    ]
    const indexes = table.indexes.map(
      (names, index) =>
        `CREATE INDEX ${quote(`index ${at} ${index}`)} ON ${quote(table.name)} (${names.map(quote).join(', ')})`,
    )
    return [`CREATE TABLE ${quote(table.name)} (${parts.join(', ')})`, ...indexes]
  })
  const sizes = "CREATE TYPE random_size AS ENUM ('small', 'LARGE', 'medium', 'a b', 'o''x')"
  return [...(engine === 'postgres' ? [sizes] : []), ...made].map((one) => `${one};`).join('\n')
}
