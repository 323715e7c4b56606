/** What a CHECK says of one column, where it says no more: the values it admits, or how long it may be. */

import { bare, closingOf, isSymbol, isWord, split, type Token } from './token.ts'

/** Column names by their spelling in lower case; a check may mention other words. */
export type Names = ReadonlyMap<string, string>

export interface Choices {
  readonly column: string
  readonly values: readonly (string | bigint)[]
}

export interface MaxLength {
  readonly column: string
  readonly length: number
}

const LENGTH_FUNCTIONS: ReadonlySet<string> = new Set(['LENGTH', 'CHAR_LENGTH', 'CHARACTER_LENGTH'])

/** `column IN ('a', 'b')`, alone or beside `column IS NULL OR`. */
export function choicesIn(expression: readonly Token[], names: Names): Choices | null {
  const tokens = withoutNullAlternative(bare(expression))
  const column = named(tokens[0], names)
  const isList = isWord(tokens[1], 'IN') && isSymbol(tokens[2], '(')
  if (column === undefined || !isList || closingOf(tokens, 2) !== tokens.length - 1) return null
  const values: (string | bigint)[] = []
  for (const [token, ...more] of split(tokens.slice(3, -1))) {
    const value = more.length === 0 ? literal(token) : undefined
    if (value === undefined) return null
    if (value !== null) values.push(value)
  }
  return values.length > 0 ? { column, values } : null
}

/** `length(column) <= 40`. */
export function maxLengthIn(expression: readonly Token[], names: Names): MaxLength | null {
  const [call, opening, argument, closing, operator, limit, ...rest] = withoutNullAlternative(
    bare(expression),
  )
  const column = named(argument, names)
  const isCall = LENGTH_FUNCTIONS.has(call?.text ?? '') && isSymbol(opening, '(') && isSymbol(closing, ')')
  if (!isCall || column === undefined || limit?.kind !== 'number' || rest.length > 0) return null
  if (isSymbol(operator, '<=')) return { column, length: Number(limit.text) }
  return isSymbol(operator, '<') ? { column, length: Number(limit.text) - 1 } : null
}

/** The column that a token names, if any. */
export function named(token: Token | undefined, names: Names): string | undefined {
  if (token?.kind === 'word') return names.get(token.source.toLowerCase())
  return token?.kind === 'quoted' ? names.get(token.text.toLowerCase()) : undefined
}

/** Drops `x IS NULL OR` before, or `OR x IS NULL` behind. */
function withoutNullAlternative(tokens: readonly Token[]): readonly Token[] {
  const words = tokens.map((token) => (token.kind === 'word' ? token.text : ''))
  if (words.slice(1, 4).join(' ') === 'IS NULL OR') return bare(tokens.slice(4))
  if (words.slice(-4, -3)[0] === 'OR' && words.slice(-2).join(' ') === 'IS NULL')
    return bare(tokens.slice(0, -4))
  return tokens
}

/** Undefined: no literal; null: NULL. */
function literal(token: Token | undefined): string | bigint | null | undefined {
  if (token?.kind === 'string') return token.text
  if (token?.kind === 'number' && /^\d+$/.test(token.text)) return BigInt(token.text)
  return isWord(token, 'NULL') ? null : undefined
}
