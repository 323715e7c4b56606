/** The field type of a PostgreSQL column: through its domains, down to what it is made of. */

import type { FieldType } from '../../model/model.ts'
import type { TypeRow } from './catalog-rows.ts'

export interface KnownType {
  readonly type: FieldType
  readonly maxLength: number | null
  readonly scale: number | null
  readonly labels: readonly string[] | null
  /** The checks of the domains on the way, over `VALUE`. */
  readonly checks: readonly string[]
  readonly isRequired: boolean
  /** The default of a domain. */
  readonly expression: string | null
}

const TYPES: Readonly<Record<string, FieldType>> = {
  int2: 'int',
  int4: 'int',
  int8: 'bigint',
  numeric: 'decimal',
  float4: 'float',
  float8: 'float',
  bool: 'bool',
  text: 'text',
  varchar: 'text',
  bpchar: 'text',
  char: 'text',
  name: 'text',
  uuid: 'uuid',
  date: 'date',
  time: 'time',
  timestamp: 'timestamp',
  timestamptz: 'timestamptz',
  json: 'json',
  jsonb: 'json',
  bytea: 'bytes',
}

/** Types of extensions that are text in all but the way they compare. */
const TEXT_OF_EXTENSIONS: ReadonlySet<string> = new Set(['citext'])

/** @param declared As `format_type` prints it: `numeric(10,2)`, `character varying(40)`. */
export function typeOf(types: ReadonlyMap<number, TypeRow>, id: number, declared: string): KnownType {
  const row = types.get(id)
  if (row?.kind === 'd' && row.base !== null) {
    const base = typeOf(types, row.base, row.base_declared ?? '')
    return {
      ...base,
      checks: [...(row.checks ?? []), ...base.checks],
      isRequired: row.required || base.isRequired,
      expression: row.default ?? base.expression,
    }
  }
  const type = row ? plainType(row) : 'opaque'
  return {
    type,
    maxLength: type === 'text' ? lengthOf(row, declared) : null,
    scale: type === 'decimal' ? scaleOf(declared) : null,
    labels: row?.kind === 'e' ? row.labels : null,
    checks: [],
    isRequired: false,
    expression: null,
  }
}

function plainType(row: TypeRow): FieldType {
  if (row.kind === 'e') return 'enum'
  if (row.kind !== 'b' || row.is_array) return 'opaque'
  if (row.builtin) return TYPES[row.name] ?? 'opaque'
  return TEXT_OF_EXTENSIONS.has(row.name) ? 'text' : 'opaque'
}

function lengthOf(row: TypeRow | undefined, declared: string): number | null {
  const length = /\((\d+)\)/.exec(declared)?.[1]
  if (length !== undefined) return Number(length)
  return row?.name === 'char' ? 1 : null
}

/** A scale below zero rounds whole digits away; what is stored has none after the point. */
function scaleOf(declared: string): number | null {
  const [, precision, scale] = /\((\d+)(?:,(-?\d+))?\)/.exec(declared) ?? []
  if (scale !== undefined) return Math.max(0, Number(scale))
  return precision === undefined ? null : 0
}
