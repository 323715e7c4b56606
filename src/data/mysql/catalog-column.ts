/** One column as the catalog tells it. */

import type { FieldType } from '../../model/model.ts'
import type { CatalogColumn } from '../catalog.ts'
import { choicesIn, maxLengthIn, type Names, named } from '../describe/check.ts'
import { valueOfLiteral } from '../describe/literal.ts'
import { bare, isSymbol, isWord, type Token, tokensOf } from '../describe/token.ts'
import type { CheckRow, ColumnRow, TableRow } from './catalog-query.ts'
import { MOST_HOURS } from './encode.ts'

/** What the checks of a table say, by column. */
export interface TableChecks {
  readonly choices: ReadonlyMap<string, readonly (string | bigint)[]>
  readonly maxLengths: ReadonlyMap<string, number>
  /** Columns that hold JSON, which MariaDB keeps as text with a check. */
  readonly json: ReadonlySet<string>
}

const TYPES: Readonly<Record<string, FieldType>> = {
  tinyint: 'int',
  smallint: 'int',
  mediumint: 'int',
  int: 'int',
  integer: 'int',
  bigint: 'bigint',
  bit: 'bigint',
  year: 'int',
  decimal: 'decimal',
  float: 'float',
  double: 'float',
  char: 'text',
  varchar: 'text',
  tinytext: 'text',
  text: 'text',
  mediumtext: 'text',
  longtext: 'text',
  enum: 'enum',
  set: 'set',
  inet4: 'native',
  inet6: 'native',
  uuid: 'uuid',
  date: 'date',
  time: 'time',
  datetime: 'timestamp',
  timestamp: 'timestamptz',
  json: 'json',
  binary: 'bytes',
  varbinary: 'bytes',
  tinyblob: 'bytes',
  blob: 'bytes',
  mediumblob: 'bytes',
  longblob: 'bytes',
}

/** What MariaDB and MySQL make of `BOOLEAN`, and what stands for one where bits are used. */
const FLAGS: ReadonlySet<string> = new Set(['tinyint(1)', 'bit(1)'])

/** What all columns of a table have in common. */
export interface ColumnSource {
  readonly table: TableRow
  /** The rights on at least one of its columns. */
  readonly may: { readonly insert: boolean; readonly update: boolean }
  readonly checks: TableChecks
  readonly isMariadb: boolean
}

export function columnOfRow(row: ColumnRow, { table, may, checks, isMariadb }: ColumnSource): CatalogColumn {
  const type = typeOf(row, checks)
  const choices = choicesOf(row, checks)
  const typed = {
    type: choices && type === 'text' ? ('enum' as const) : type,
    scale: type === 'decimal' && row.scale !== null ? Number(row.scale) : null,
    choices,
  }
  const isGenerated = (row.expression ?? '') !== ''
  const isView = table.kind === 'VIEW'
  const literal = isGenerated || isView ? undefined : literalOf(row, isMariadb)
  return {
    ...typed,
    ...(type === 'time' && { spanHours: MOST_HOURS }),
    name: row.name,
    dbType: row.declared,
    isNullable: row.nullable === 'YES',
    hasDefault: isGenerated || /\bauto_increment\b/i.test(row.extra) || literal !== undefined,
    defaultValue: typeof literal === 'string' ? valueOfLiteral(typed, literal) : null,
    isGenerated,
    // in every way in which the connected user may write the table at all
    isWritable: (!may.insert || mayInsert(row)) && (!may.update || mayUpdate(row)),
    comment: row.comment === '' ? null : row.comment,
    maxLength: type === 'text' ? maxLengthOf(row, checks) : null,
  }
}

export function mayRead({ privileges }: ColumnRow): boolean {
  return /\bselect\b/.test(privileges)
}

export function mayInsert({ privileges }: ColumnRow): boolean {
  return /\binsert\b/.test(privileges)
}

export function mayUpdate({ privileges }: ColumnRow): boolean {
  return /\bupdate\b/.test(privileges)
}

export function checksOf(rows: readonly CheckRow[], columns: readonly ColumnRow[]): TableChecks {
  const names: Names = new Map(columns.map(({ name }) => [name.toLowerCase(), name]))
  const choices = new Map<string, readonly (string | bigint)[]>()
  const maxLengths = new Map<string, number>()
  const json = new Set<string>()
  for (const { clause } of rows) {
    const tokens = bare(withoutCharacterSets(tokensOf(clause.replaceAll("\\'", "''"), 'symbols')))
    const choice = choicesIn(tokens, names)
    if (choice) choices.set(choice.column, choice.values)
    const limit = maxLengthIn(tokens, names)
    if (limit) maxLengths.set(limit.column, limit.length)
    const column = jsonColumn(tokens, names)
    if (column !== undefined) json.add(column)
  }
  return { choices, maxLengths, json }
}

function typeOf({ name, data_type, declared }: ColumnRow, checks: TableChecks): FieldType {
  if (FLAGS.has(declared.toLowerCase())) return 'bool'
  const type = TYPES[data_type.toLowerCase()] ?? 'opaque'
  return type === 'text' && checks.json.has(name) ? 'json' : type
}

const LABELLED: ReadonlySet<string> = new Set(['enum', 'set'])

function choicesOf({ name, data_type, declared }: ColumnRow, checks: TableChecks): readonly string[] | null {
  if (LABELLED.has(data_type.toLowerCase()))
    return tokensOf(declared, 'symbols')
      .filter(({ kind }) => kind === 'string')
      .map(({ text }) => text)
  if (TYPES[data_type.toLowerCase()] !== 'text') return null
  const values = checks.choices.get(name)
  return values?.every((value) => typeof value === 'string') === true ? values : null
}

/** Of the large texts it is their size in bytes: what has more characters does not fit either. */
function maxLengthOf(row: ColumnRow, checks: TableChecks): number | null {
  const declared = row.max_length === null ? Number.POSITIVE_INFINITY : Number(row.max_length)
  const least = Math.min(declared, checks.maxLengths.get(row.name) ?? Number.POSITIVE_INFINITY)
  return Number.isFinite(least) ? least : null
}

/** The text of a literal default; null: an expression; undefined: none. */
function literalOf({ default_text: text, extra }: ColumnRow, isMariadb: boolean): string | null | undefined {
  if (text === null) return undefined
  const bits = /^b'([01]+)'$/.exec(text)?.[1]
  if (bits !== undefined) return String(BigInt(`0b${bits}`))
  if (!isMariadb) return /\bDEFAULT_GENERATED\b/.test(extra) || isNow(text) ? null : text
  if (text.toUpperCase() === 'NULL') return undefined
  const string = /^'((?:[^'\\]|''|\\.)*)'$/s.exec(text)?.[1]
  if (string !== undefined) return unescaped(string)
  return /^-?[\d.]+(?:e[+-]?\d+)?$/i.test(text) ? text : null
}

/** MySQL calls no default of a moment generated that was declared before it knew expressions. */
function isNow(text: string): boolean {
  return /^(?:current_timestamp|now)\b/i.test(text)
}

const ESCAPES: Readonly<Record<string, string>> = { '0': '\0', n: '\n', r: '\r', t: '\t', Z: '\x1a' }

function unescaped(text: string): string {
  return text.replace(/''|\\(.)/gs, (whole, character: string | undefined) =>
    character === undefined ? whole.slice(1) : (ESCAPES[character] ?? character),
  )
}

/** MySQL prints strings with their character set: `_utf8mb4'a'`. */
function withoutCharacterSets(tokens: readonly Token[]): readonly Token[] {
  return tokens.filter(
    (token, index) =>
      !(token.kind === 'word' && token.text.startsWith('_') && tokens[index + 1]?.kind === 'string'),
  )
}

/** `json_valid(column)`, which MariaDB makes of the type JSON. */
function jsonColumn(tokens: readonly Token[], names: Names): string | undefined {
  const [call, opening, argument, closing, ...rest] = tokens
  const isCall = isWord(call, 'JSON_VALID') && isSymbol(opening, '(') && isSymbol(closing, ')')
  return isCall && rest.length === 0 ? named(argument, names) : undefined
}
