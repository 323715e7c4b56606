/** One column as the catalog tells it. */

import type { CatalogColumn } from '../catalog.ts'
import { valueOfLiteral } from '../describe/literal.ts'
import { literalOf, readCheck } from './catalog-expression.ts'
import type { ColumnRow, RelationRow, TypeRow } from './catalog-rows.ts'
import { type KnownType, typeOf } from './catalog-type.ts'

/** What the checks of a table say, by column. */
export interface TableChecks {
  readonly choices: ReadonlyMap<string, readonly (string | bigint)[]>
  readonly maxLengths: ReadonlyMap<string, number>
}

/** What a domain's checks call the value. */
const DOMAIN_NAMES: ReadonlyMap<string, string> = new Map([['value', 'value']])

export function columnOfRow(
  types: ReadonlyMap<number, TypeRow>,
  row: RelationRow,
  column: ColumnRow,
  checks: TableChecks,
): CatalogColumn {
  const known = typeOf(types, column.type, column.declared)
  const isGenerated = column.generated !== '' || column.identity === 'a'
  const expression = column.generated === '' ? (column.expression ?? known.expression) : null
  const literal = expression === null ? undefined : literalOf(expression)
  const choices = choicesOf(known, checks.choices.get(column.name))
  const typed = {
    type: choices && known.type === 'text' ? ('enum' as const) : known.type,
    scale: known.scale,
    choices,
  }
  return {
    ...typed,
    ...(known.element && { element: known.element }),
    name: column.name,
    dbType: column.declared,
    isNullable: !column.required && !known.isRequired,
    hasDefault: column.identity !== '' || isGenerated || literal !== undefined,
    defaultValue: typeof literal === 'string' ? valueOfLiteral(typed, literal) : null,
    isGenerated,
    isWritable: isWritable(row, column),
    comment: column.comment,
    maxLength: smaller(known, checks.maxLengths.get(column.name)),
  }
}

/** In every way in which the connected role may write the table at all. */
function isWritable(row: RelationRow, column: ColumnRow): boolean {
  const mayInsert = column.can_insert || !row.can_insert
  const mayUpdate = column.can_update || !row.can_update
  return mayInsert && mayUpdate
}

function choicesOf(
  known: KnownType,
  checked: readonly (string | bigint)[] | undefined,
): readonly string[] | null {
  if (known.labels) return known.labels
  if (known.type !== 'text') return null
  const values = checked ?? domainChecks(known).find(({ choices }) => choices)?.choices?.values
  return values?.every((value) => typeof value === 'string') === true ? values : null
}

function smaller(known: KnownType, checked: number | undefined): number | null {
  if (known.type !== 'text') return null
  const lengths = [
    known.maxLength ?? Number.POSITIVE_INFINITY,
    checked ?? Number.POSITIVE_INFINITY,
    ...domainChecks(known).map(({ maxLength }) => maxLength?.length ?? Number.POSITIVE_INFINITY),
  ]
  const least = Math.min(...lengths)
  return Number.isFinite(least) ? least : null
}

function domainChecks({ checks }: KnownType): readonly ReturnType<typeof readCheck>[] {
  return checks.map((definition) => readCheck(definition, DOMAIN_NAMES))
}
