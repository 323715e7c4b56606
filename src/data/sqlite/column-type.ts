/**
 * The field type of a SQLite column: by its declared type, its checks and its
 * name, and by the first values it really holds.
 */

import { wordsOf } from '../../model/label.ts'
import type { FieldType } from '../../model/model.ts'
import { type Affinity, affinityOf } from './column.ts'
import { type Form, seenForm, type TemporalType } from './temporal.ts'

export interface ColumnType {
  readonly type: FieldType
  readonly affinity: Affinity
  readonly maxLength: number | null
  readonly scale: number | null
  readonly form: Form | null
}

export interface ColumnSight {
  readonly name: string
  readonly declared: string
  /** The literals of its CHECK, when it has one. */
  readonly choices: readonly (string | bigint)[] | undefined
  readonly checkedLength: number | undefined
  readonly defaultValue: string | null
  /** Whether it is in a key or a foreign key: then it is what the other side is. */
  readonly isKey: boolean
  /** In a view, where a column without a type is an expression of any type. */
  readonly isComputed: boolean
  /** The first stored values, without NULLs. */
  readonly values: readonly unknown[]
}

const FLAG_WORDS: ReadonlySet<string> = new Set(['is', 'has', 'can'])
const FLAG_NAMES: ReadonlySet<string> = new Set([
  'active',
  'enabled',
  'disabled',
  'deleted',
  'archived',
  'published',
])

const TEMPORAL: readonly (readonly [RegExp, TemporalType])[] = [
  [/TIMESTAMP.*ZONE|TIMESTAMPTZ|DATETIMEOFFSET/, 'timestamptz'],
  [/TIMESTAMP|DATETIME/, 'timestamp'],
  [/^DATE\b/, 'date'],
  [/^TIME\b/, 'time'],
]

export function columnTypeOf(sight: ColumnSight): ColumnType {
  const declared = sight.declared.toUpperCase()
  const affinity = affinityOf(declared)
  const plain = { affinity, maxLength: null, scale: null, form: null }
  const temporal = TEMPORAL.find(([pattern]) => pattern.test(declared))
  if (temporal) return temporalType(sight, temporal[1], plain)
  if (isFlag(sight, declared, affinity)) return { ...plain, type: 'bool' }
  if (/DECIMAL|NUMERIC|MONEY|^NUMBER\b/.test(declared))
    return { ...plain, type: 'decimal', scale: scaleOf(declared) }
  if (affinity === 'integer') return { ...plain, type: 'bigint' }
  if (affinity === 'real') return { ...plain, type: 'float' }
  if (affinity === 'text' || isOtherText(sight, declared)) return textType(sight, declared, plain)
  if (/JSON/.test(declared)) return { ...plain, type: 'json' }
  if (declared === '') return { ...plain, type: sight.isComputed ? 'opaque' : seenType(sight.values) }
  if (affinity === 'blob') return { ...plain, type: 'bytes' }
  return { ...plain, type: sight.values.every((value) => typeof value === 'string') ? 'text' : 'opaque' }
}

type Plain = Omit<ColumnType, 'type'>

function temporalType(sight: ColumnSight, declared: TemporalType, plain: Plain): ColumnType {
  const seen = seenForm(declared, sight.values)
  // values in no form we know stay what they are: text, or whatever was put there
  if (!seen)
    return { ...plain, type: sight.values.every((value) => typeof value === 'string') ? 'text' : 'opaque' }
  return { ...plain, ...seen }
}

/** A boolean: declared as one, checked to be 0 or 1, or named and used as one. */
function isFlag(sight: ColumnSight, declared: string, affinity: Affinity): boolean {
  if (sight.isKey || !sight.values.every((value) => value === 0n || value === 1n)) return false
  if (/^BOOL|^BIT\b|^TINYINT\s*\(\s*1\s*\)/.test(declared)) return true
  if (affinity !== 'integer') return false
  if (sight.choices)
    return sight.choices.length === 2 && sight.choices.every((one) => one === 0n || one === 1n)
  const isSure = sight.values.length > 0 || sight.defaultValue === '0' || sight.defaultValue === '1'
  return isSure && isFlagName(sight.name)
}

function isFlagName(name: string): boolean {
  const words = wordsOf(name)
  return (words.length > 1 && FLAG_WORDS.has(words[0] ?? '')) || FLAG_NAMES.has(words.join(' '))
}

/** Types whose name gives no TEXT affinity though they hold text. */
function isOtherText(sight: ColumnSight, declared: string): boolean {
  return (
    /^(?:STRING|UUID|GUID|UNIQUEIDENTIFIER|ENUM|INET|XML|CIDR)\b/.test(declared) && sight.values.every(isText)
  )
}

function textType(sight: ColumnSight, declared: string, plain: Plain): ColumnType {
  const maxLength = lengthOf(declared) ?? sight.checkedLength ?? null
  const choices = sight.choices?.every(isText) === true
  if (choices) return { ...plain, type: 'enum', maxLength }
  if (/JSON/.test(declared)) return { ...plain, type: 'json' }
  const isUuid = /^(?:UUID|GUID|UNIQUEIDENTIFIER)\b/.test(declared) && sight.values.every(isCanonicalUuid)
  return { ...plain, type: isUuid ? 'uuid' : 'text', maxLength }
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isCanonicalUuid(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)
}

/** A column without a declared type is what it holds, when that is one thing. */
function seenType(values: readonly unknown[]): FieldType {
  if (values.every(isText)) return 'text'
  if (values.every((value) => typeof value === 'bigint')) return 'bigint'
  if (values.every((value) => typeof value === 'bigint' || typeof value === 'number')) return 'float'
  return values.every((value) => value instanceof Uint8Array) ? 'bytes' : 'opaque'
}

function lengthOf(declared: string): number | null {
  const length = /\(\s*(\d+)\s*\)/.exec(declared)?.[1]
  return length === undefined ? null : Number(length)
}

function scaleOf(declared: string): number | null {
  const [, precision, scale] = /\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)/.exec(declared) ?? []
  if (scale !== undefined) return Number(scale)
  return precision === undefined ? null : 0
}
