/** The declared ways between tables: a `one` for each foreign key, and a `many` back. */

import { humanise, singular } from '../../model/label.ts'
import type { Relation } from '../../model/model.ts'
import type { Warning } from '../data-source.ts'
import type { ForeignKeyRow } from './catalog.ts'

/** A table as far as relations go. */
export interface Related {
  readonly table: string
  readonly labelPlural: string
  readonly key: readonly string[] | null
  /** Field names by column name in lower case. */
  readonly fields: ReadonlyMap<string, string>
}

const ON_DELETE: Readonly<Record<string, Relation['onDelete']>> = {
  CASCADE: 'cascade',
  'SET NULL': 'set-null',
  'SET DEFAULT': 'set-default',
}

interface ForeignKey {
  readonly here: Related
  readonly there: Related
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly onDelete: Relation['onDelete']
}

/** By table name; a foreign key that leads nowhere is left out with a warning. */
export function relationsOf(
  tables: ReadonlyMap<string, Related>,
  rows: readonly ForeignKeyRow[],
): { readonly relations: ReadonlyMap<string, readonly Relation[]>; readonly warnings: readonly Warning[] } {
  const relations = new Map<string, Relation[]>([...tables.keys()].map((table) => [table, []]))
  const warnings: Warning[] = []
  const keys: { readonly key: ForeignKey; readonly one: string; readonly label: string }[] = []
  for (const group of groupsOf(rows)) {
    const key = foreignKeyOf(tables, group)
    if (!key) {
      const [row] = group
      if (!row || !tables.has(row.tbl)) continue
      const detail = `Its foreign key on ${group.map(({ from }) => from).join(', ')} leads to no table or column.`
      warnings.push({ code: 'broken-foreign-key', model: row.tbl, field: null, detail })
      continue
    }
    const list = relations.get(key.here.table) ?? []
    const one = freeName(key.here, list, oneNames(key))
    const label = key.from.length === 1 ? humanise(oneNames(key)[0] ?? one) : humanise(one)
    list.push({ ...sideOf(key), name: one, label, kind: 'one', target: key.there.table })
    keys.push({ key, one, label })
  }
  for (const { key, one, label: way } of keys) {
    const list = relations.get(key.there.table) ?? []
    const other = key.here.table
    const name = freeName(key.there, list, [other, `${other}_by_${one}`])
    const label = name === other ? key.here.labelPlural : `${key.here.labelPlural} by ${way.toLowerCase()}`
    const { from, to, onDelete } = sideOf(key)
    list.push({ name, label, kind: 'many', target: other, from: to, to: from, onDelete })
  }
  return { relations, warnings }
}

function sideOf({ from, to, onDelete }: ForeignKey): Pick<Relation, 'from' | 'to' | 'onDelete'> {
  return { from, to, onDelete }
}

/** The rows of one foreign key each, in the order of its columns. */
function groupsOf(rows: readonly ForeignKeyRow[]): readonly (readonly ForeignKeyRow[])[] {
  const groups = new Map<string, ForeignKeyRow[]>()
  for (const row of rows) {
    const id = `${row.id} ${row.tbl}`
    groups.set(id, [...(groups.get(id) ?? []), row])
  }
  // SQLite numbers the last declared first
  return [...groups.values()].toSorted((a, b) => Number((b[0]?.id ?? 0n) - (a[0]?.id ?? 0n)))
}

function foreignKeyOf(
  tables: ReadonlyMap<string, Related>,
  group: readonly ForeignKeyRow[],
): ForeignKey | null {
  const [first] = group
  const here = first && tables.get(first.tbl)
  const there = first && tableNamed(tables, first.table)
  if (!here || !there) return null
  const from = group.map((row) => here.fields.get(row.from.toLowerCase()))
  const to = group.map((row, index) =>
    row.to === null ? there.key?.[index] : there.fields.get(row.to.toLowerCase()),
  )
  const known = (names: readonly (string | undefined)[]): names is string[] => !names.includes(undefined)
  if (!known(from) || !known(to)) return null
  return { here, there, from, to, onDelete: ON_DELETE[first.on_delete] ?? 'restrict' }
}

/** SQLite compares table names without regard to case. */
function tableNamed(tables: ReadonlyMap<string, Related>, name: string): Related | undefined {
  return (
    tables.get(name) ?? [...tables.values()].find(({ table }) => table.toLowerCase() === name.toLowerCase())
  )
}

/** `customer_id`, `CustomerId` → customer, Customer; else the other table's name for one record. */
function oneNames({ from, there }: ForeignKey): readonly string[] {
  const [column = '', ...more] = from
  const other = singular(there.table)
  if (more.length > 0) return [other, `${other}_by_${from.join('_')}`]
  const stripped = column.replace(/(?:_(?:id|fk|uuid)|(?<=[a-z])(?:Id|ID))$/, '')
  return [stripped, other, `${column}_${other}`]
}

/** The first name that neither a field nor another relation has; a relation is no field of its own. */
function freeName(table: Related, taken: readonly Relation[], wanted: readonly string[]): string {
  const used = new Set([...table.fields.values(), ...taken.map(({ name }) => name)])
  const clean = wanted.map((name) => name.replaceAll('.', '_')).filter((name) => name !== '')
  const free = clean.find((name) => !used.has(name))
  if (free !== undefined) return free
  const [base = 'relation'] = clean.slice(-1)
  let number = 2
  while (used.has(`${base}_${number}`)) number += 1
  return `${base}_${number}`
}
