/** What the models of one source are called by people: their tables' names in words, without what all of them begin with. */

import { humanise, pluralLabel, singularLabel } from '../../model/label.ts'
import type { Model } from '../../model/model.ts'
import type { CatalogTable } from '../catalog.ts'

/** From this many tables on, one beginning of all is no accident. */
const SEVERAL = 3
/** Says of a table that it is one. */
const TABLE_PREFIX = /^(?:tbl_|tb_|tbl(?=\p{Lu}))(?=\p{L})/u

/** `wp_` where every table begins so; empty: they have nothing in common. */
export function commonPrefix(tables: readonly CatalogTable[]): string {
  const names = tables.filter(({ kind }) => kind === 'table').map(({ name }) => name)
  const [first = ''] = names
  const prefix = /^[\p{L}\d]+_/u.exec(first)?.[0] ?? ''
  const isCommon = names.every((name) => name.startsWith(prefix) && name.length > prefix.length)
  return names.length >= SEVERAL && isCommon ? prefix : ''
}

export function labelsOf({ name, kind }: CatalogTable, prefix: string): Pick<Model, 'label' | 'labelPlural'> {
  const bare = name.startsWith(prefix) ? name.slice(prefix.length) : name
  const word = bare.replace(TABLE_PREFIX, '')
  if (kind === 'view') return { label: humanise(word), labelPlural: humanise(word) }
  return { label: singularLabel(word), labelPlural: pluralLabel(word) }
}
