/** The field type of a PostgreSQL column: through its domains, down to what it is made of. */

import type { Element, FieldType } from '../../model/model.ts'
import type { TypeRow } from './catalog-rows.ts'

export interface KnownType {
  readonly type: FieldType
  readonly maxLength: number | null
  readonly scale: number | null
  /** Of an enum, or of the members of an array. */
  readonly labels: readonly string[] | null
  readonly element: Element | null
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
  interval: 'native',
  timetz: 'native',
  inet: 'native',
  cidr: 'native',
  macaddr: 'native',
  macaddr8: 'native',
  bit: 'native',
  varbit: 'native',
  xml: 'native',
  tsvector: 'native',
  tsquery: 'native',
  jsonpath: 'native',
  point: 'native',
  line: 'native',
  lseg: 'native',
  box: 'native',
  path: 'native',
  polygon: 'native',
  circle: 'native',
  oid: 'native',
  pg_lsn: 'native',
}

/** Types of extensions that are text in all but the way they compare. */
const TEXT_OF_EXTENSIONS: ReadonlySet<string> = new Set(['citext'])
/** Types of extensions that read the very text that they print. */
const NATIVE_OF_EXTENSIONS: ReadonlySet<string> = new Set([
  'hstore',
  'ltree',
  'lquery',
  'ltxtquery',
  'cube',
  'seg',
  'isbn',
  'isbn13',
  'ean13',
  'vector',
])
/** Arrays that print as numbers with spaces between them. */
const VECTORS: ReadonlySet<string> = new Set(['int2vector', 'oidvector'])

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
  if (row && row.element !== null && !VECTORS.has(row.name)) return arrayOf(types, row, row.element, declared)
  const type = row ? plainType(row) : 'opaque'
  return {
    type,
    maxLength: type === 'text' ? lengthOf(row, declared) : null,
    scale: type === 'decimal' ? scaleOf(declared) : null,
    labels: row?.kind === 'e' ? row.labels : null,
    element: null,
    checks: [],
    isRequired: false,
    expression: null,
  }
}

/** `numeric(10,2)[]`: what is declared of an array is declared of its members, but for those of a domain. */
function arrayOf(types: ReadonlyMap<number, TypeRow>, row: TypeRow, id: number, declared: string): KnownType {
  const isDomain = types.get(id)?.kind === 'd'
  const dbType = isDomain ? (row.element_declared ?? '') : declared.replace(/(?:\[\d*\])+$/, '')
  const member = typeOf(types, id, dbType)
  return {
    ...member,
    type: 'array',
    maxLength: null,
    scale: null,
    element: elementOf(member, dbType),
    checks: [],
    isRequired: false,
    expression: null,
  }
}

/** An array of a domain over an array is the one array whose members are lists that we do not look into. */
function elementOf({ type, maxLength, scale }: KnownType, dbType: string): Element {
  return { type: type === 'array' || type === 'set' ? 'opaque' : type, dbType, maxLength, scale }
}

function plainType(row: TypeRow): FieldType {
  if (row.kind === 'e') return 'enum'
  if (row.kind === 'c' || row.kind === 'r' || row.kind === 'm') return 'native'
  if (row.kind !== 'b') return 'opaque'
  if (row.builtin) return TYPES[row.name] ?? 'opaque'
  if (TEXT_OF_EXTENSIONS.has(row.name)) return 'text'
  return NATIVE_OF_EXTENSIONS.has(row.name) ? 'native' : 'opaque'
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
