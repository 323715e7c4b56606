/**
 * What a list must hold, worked out from nothing but the records as they were
 * written: conditions, filters, searches and sorts in their plainest reading.
 */

import type { Condition } from '../../src/policy/document.ts'
import type { StoreEngine } from '../engine.ts'
import type { Kind, Wire } from './random-kinds.ts'
import { allColumns, type Column, type Part, type Row, type Table } from './random-world.ts'

export interface Asked {
  readonly field: string
  readonly operator: string
  /** As it stands in the address, for `in` the members. */
  readonly value: Wire | readonly Wire[]
}

export interface Sorted {
  readonly field: string
  readonly isDown: boolean
}

const ORDERS: Readonly<Record<string, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  lt: (order) => order < 0,
  lte: (order) => order <= 0,
  gt: (order) => order > 0,
  gte: (order) => order >= 0,
}

export function isVisible(table: Table, { permit, forbid }: Part, row: Row): boolean {
  return (permit === null || holds(table, permit, row)) && !(forbid !== null && holds(table, forbid, row))
}

function holds(table: Table, condition: Condition, row: Row): boolean {
  return Object.entries(condition).every(([name, part]) => {
    if (name === 'and') return (part as readonly Condition[]).every((one) => holds(table, one, row))
    if (name === 'or') return (part as readonly Condition[]).some((one) => holds(table, one, row))
    if (name === 'not') return !holds(table, part as Condition, row)
    const column = columnOf(table, name)
    return Object.entries(part as Record<string, Wire | readonly Wire[]>).every(([operator, value]) =>
      answers(column.kind, row.get(name) ?? null, operator, value),
    )
  })
}

/** Whether a value answers to an operator; one that is not there answers to nothing but `isNull`. */
export function answers(
  { compare }: Kind,
  value: Wire | null,
  operator: string,
  operand: Wire | readonly Wire[],
): boolean {
  if (operator === 'isNull') return (value === null) === (operand === true)
  if (value === null || !compare) return false
  if (operator === 'in') return (operand as readonly Wire[]).some((one) => compare(value, one) === 0)
  return ORDERS[operator]?.(compare(value, operand as Wire)) ?? false
}

export function columnOf(table: Table, name: string): Column {
  const found = allColumns(table).find((one) => one.name === name)
  if (!found) throw new TypeError(`No column "${name}".`)
  return found
}

/** Whether a filter lets the record through. */
export function passes(
  engine: StoreEngine,
  table: Table,
  { field, operator, value }: Asked,
  row: Row,
): boolean {
  const { kind } = columnOf(table, field)
  const found = row.get(field) ?? null
  if (operator !== 'contains' && operator !== 'startsWith') return answers(kind, found, operator, value)
  return found !== null && isLike(engine, kind, operator, String(found), String(value))
}

/** Substring or beginning, without regard to case as far as the engine knows of it. */
export function isLike(
  engine: StoreEngine,
  kind: Kind,
  operator: 'contains' | 'startsWith',
  text: string,
  part: string,
): boolean {
  const fold = FOLDS[engine](kind)
  const spellings = engine === 'sqlite' ? spellingsOf(part) : [part]
  return spellings.some((one) =>
    operator === 'contains' ? fold(text).includes(fold(one)) : fold(text).startsWith(fold(one)),
  )
}

const ascii = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
const letters = (text: string): string => text.toLowerCase()
/** `utf8mb4_general_ci`: a letter weighs what its base does, and beyond the first plane all weigh the same. */
const general = (text: string): string =>
  [...text]
    .map((one) => {
      if ((one.codePointAt(0) ?? 0) > 0xffff) return '\ufffd'
      return one === 'ß' ? 's' : (one.normalize('NFD')[0] ?? one).toLowerCase()
    })
    .join('')

const FOLDS: Readonly<Record<StoreEngine, (kind: Kind) => (text: string) => string>> = {
  sqlite: () => ascii,
  postgres: ({ search }) => (search === 'letters' ? letters : ascii),
  mariadb: () => general,
}

/** SQLite knows the case of ASCII alone, so other letters are looked for in four spellings. */
function spellingsOf(text: string): readonly string[] {
  const [first = '', ...rest] = text
  return [text, text.toLowerCase(), text.toUpperCase(), first.toUpperCase() + rest.join('').toLowerCase()]
}

/** The order of a list: the sort, then the key in the direction of its last term. */
export function ordered(
  engine: StoreEngine,
  table: Table,
  sort: readonly Sorted[],
  rows: readonly Row[],
): readonly Row[] {
  const direction = sort.at(-1)?.isDown ?? false
  const rest = table.key
    .filter(({ name }) => !sort.some(({ field }) => field === name))
    .map(({ name }): Sorted => ({ field: name, isDown: direction }))
  return rows.toSorted((left, right) => {
    for (const { field, isDown } of [...sort, ...rest]) {
      const order = placed(
        engine,
        columnOf(table, field).kind,
        left.get(field) ?? null,
        right.get(field) ?? null,
      )
      if (order !== 0) return isDown ? -order : order
    }
    return 0
  })
}

/** Whether the oracle knows the order of such a list, or only the engine does. */
export function isKnownOrder(engine: StoreEngine, table: Table, sort: readonly Sorted[]): boolean {
  const fields = [...sort.map(({ field }) => field), ...table.key.map(({ name }) => name)]
  return fields.every((name) => columnOf(table, name).kind.isSorted(engine))
}

function placed(engine: StoreEngine, kind: Kind, left: Wire | null, right: Wire | null): number {
  if (left === null || right === null) {
    const order = Number(left !== null) - Number(right !== null)
    return engine === 'postgres' ? -order : order
  }
  return kind.compare?.(left, right) ?? 0
}
