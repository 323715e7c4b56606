/** Defaults and checks, from the text that PostgreSQL prints of them. */

import { type Choices, choicesIn, type MaxLength, maxLengthIn, type Names } from '../describe/check.ts'
import { closingOf, isSymbol, isWord, type Token, tokensOf } from '../describe/token.ts'

/** The text of a literal default without its quotes and casts; null: an expression; undefined: NULL. */
export function literalOf(expression: string): string | null | undefined {
  const tokens = withoutCasts(tokensOf(expression, 'symbols')).filter(
    (token) => !isSymbol(token, '(') && !isSymbol(token, ')'),
  )
  const [first, second, ...rest] = tokens
  if (rest.length > 0 || !first) return null
  if (isSymbol(first, '-')) return second?.kind === 'number' ? `-${second.text}` : null
  if (second) return null
  if (first.kind === 'string' || first.kind === 'number') return first.text
  if (isWord(first, 'NULL')) return undefined
  return isWord(first, 'TRUE') || isWord(first, 'FALSE') ? first.text.toLowerCase() : null
}

/** @param definition As `pg_get_constraintdef` prints it: `CHECK (status = ANY (ARRAY['a'::text]))`. */
export function readCheck(
  definition: string,
  names: Names,
): { readonly choices: Choices | null; readonly maxLength: MaxLength | null } {
  const tokens = tokensOf(definition, 'symbols')
  const isCheck = isWord(tokens[0], 'CHECK') && isSymbol(tokens[1], '(')
  if (!isCheck) return { choices: null, maxLength: null }
  const inner = tokens.slice(2, closingOf(tokens, 1))
  const plain = withLists(withoutNameParentheses(withoutCasts(inner)))
  return { choices: choicesIn(plain, names), maxLength: maxLengthIn(plain, names) }
}

const TYPE_WORDS: ReadonlySet<string> = new Set(['VARYING', 'PRECISION', 'WITH', 'WITHOUT', 'TIME', 'ZONE'])

/** `'a'::character varying(4)[]` → `'a'`. */
function withoutCasts(tokens: readonly Token[]): readonly Token[] {
  const kept: Token[] = []
  let index = 0
  while (index < tokens.length) {
    const token = tokens[index]
    if (isSymbol(token, '::')) {
      index = endOfType(tokens, index + 1)
      continue
    }
    if (token) kept.push(token)
    index += 1
  }
  return kept
}

function endOfType(tokens: readonly Token[], start: number): number {
  let index = start + 1
  while (index < tokens.length) {
    const token = tokens[index]
    if (isSymbol(token, '.')) index += 2
    else if (token?.kind === 'word' && TYPE_WORDS.has(token.text)) index += 1
    else if (isSymbol(token, '[') || (isSymbol(token, '(') && tokens[index + 1]?.kind === 'number'))
      index = closingOf(tokens, index) + 1
    else return index
  }
  return index
}

/** `(status)` → `status`, which is left where a cast was. */
function withoutNameParentheses(tokens: readonly Token[]): readonly Token[] {
  const isName = (token: Token | undefined): boolean => token?.kind === 'word' || token?.kind === 'quoted'
  const isInner = (index: number): boolean =>
    isSymbol(tokens[index - 1], '(') && isName(tokens[index]) && isSymbol(tokens[index + 1], ')')
  // the parentheses of a call stay
  const isCall = (index: number): boolean => tokens[index - 2]?.kind === 'word'
  const dropped = new Set(
    tokens.flatMap((_, index) => (isInner(index) && !isCall(index) ? [index - 1, index + 1] : [])),
  )
  return tokens.filter((_, index) => !dropped.has(index))
}

/** `= ANY (ARRAY['a', 'b'])` → `IN ('a', 'b')`. */
function withLists(tokens: readonly Token[]): readonly Token[] {
  const at = tokens.findIndex((token, index) => isSymbol(token, '=') && isWord(tokens[index + 1], 'ANY'))
  const start = tokens.findIndex((token, index) => index > at && isWord(token, 'ARRAY'))
  const opening = tokens[at + 2]
  const word = tokens[at + 1]
  if (at < 0 || start < 0 || !opening || !word || !isSymbol(tokens[start + 1], '[')) return tokens
  const end = closingOf(tokens, start + 1)
  const closing = tokens[closingOf(tokens, at + 2)]
  const between = tokens.slice(at + 2, start)
  if (!closing || between.some((token) => !isSymbol(token, '('))) return tokens
  const rest = tokens.slice(closingOf(tokens, at + 2) + 1)
  return [
    ...tokens.slice(0, at),
    { ...word, text: 'IN' },
    opening,
    ...tokens.slice(start + 2, end),
    closing,
    ...rest,
  ]
}
