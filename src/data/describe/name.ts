/**
 * What models are called: after their tables.
 *
 * Policies and addresses are written with these names, so a name never depends
 * on which other tables there are, and never passes for one of Castellan's own.
 */

import type { CatalogTable } from '../catalog.ts'
import type { Warning } from '../data-source.ts'
import type { DescribeOptions } from './draft.ts'

/** Models of ours have such names; a table of the application may not pass for one. */
const OWN_MODELS = 'castellan.'

export interface NamedTable {
  readonly table: CatalogTable
  readonly name: string
}

export function namedTables(
  tables: readonly CatalogTable[],
  { prefix = '', tables: which }: DescribeOptions,
): { readonly named: readonly NamedTable[]; readonly refused: readonly Warning[] } {
  const all = tables.map((table): NamedTable => ({ table, name: nameOf(prefix, table) }))
  if (which === 'own') return { named: all, refused: [] }
  const byName = Map.groupBy(all, ({ name }) => name)
  const refused = [...byName].flatMap(([name, same]) => {
    const problem = problemOf(name, same)
    return problem ? [{ ...problem, model: name, field: null }] : []
  })
  const left = new Set(refused.map(({ model }) => model))
  return { named: all.filter(({ name }) => !left.has(name)), refused }
}

/** The table's name; in another schema than the default one behind that, and behind the source's prefix. */
export function nameOf(
  prefix: string,
  { schema, name }: { readonly schema: string | null; readonly name: string },
): string {
  return schema === null ? `${prefix}${name}` : `${prefix}${schema}.${name}`
}

function problemOf(
  name: string,
  tables: readonly NamedTable[],
): { readonly code: string; readonly detail: string } | null {
  if (name.startsWith(OWN_MODELS))
    return { code: 'reserved-name', detail: `Names that begin with "${OWN_MODELS}" are left out.` }
  // such a name is lost in an address, or means every model in a policy
  if (tables.some(({ table }) => ['', '.', '..'].includes(table.name)) || name.includes('*'))
    return { code: 'unusable-name', detail: 'A table of such a name can not be addressed; it is left out.' }
  if (tables.length === 1) return null
  const detail =
    'Two tables have this name, by the dots in it: both are left out, or a rule could mean the other.'
  return { code: 'name-taken', detail }
}
