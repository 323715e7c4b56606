/**
 * SQL text as tokens: enough to find lists and parentheses, no grammar.
 *
 * For what engines tell of their tables only as text: checks, and in SQLite
 * whole CREATE statements.
 */

export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol'
  /** Words in upper case, names and strings without their quotes. */
  readonly text: string
  /** As written; names keep their case here. */
  readonly source: string
  readonly start: number
  readonly end: number
}

const SPACE = /\s+|--[^\n]*|\/\*[\s\S]*?\*\//
const STRING = /(?<string>'(?:[^']|'')*')/
const QUOTED = /"(?:[^"]|"")*"|`(?:[^`]|``)*`/
const BRACKETED = /\[[^\]]*\]/
const REST =
  /(?<number>\d+(?:\.\d*)?)|(?<word>[\p{L}_$][\p{L}\p{N}_$]*)|(?<symbol><=|>=|<>|!=|==|\|\||::|[^\s])/u

const TOKEN = tokenPattern(QUOTED.source)
/** SQLite takes names in brackets, as SQL Server writes them. */
const TOKEN_WITH_BRACKETS = tokenPattern(`${QUOTED.source}|${BRACKETED.source}`)

function tokenPattern(quoted: string): RegExp {
  return new RegExp(`${SPACE.source}|${STRING.source}|(?<quoted>${quoted})|${REST.source}`, 'gu')
}

/** @param brackets What `[x]` is: a name, or symbols around something. */
export function tokensOf(text: string, brackets: 'names' | 'symbols'): readonly Token[] {
  const pattern = brackets === 'names' ? TOKEN_WITH_BRACKETS : TOKEN
  return [...text.matchAll(pattern)].flatMap((match): Token[] => {
    const { string, quoted, number, word } = match.groups ?? {}
    const source = match[0]
    const at = { source, start: match.index, end: match.index + source.length }
    if (string !== undefined) return [{ kind: 'string', text: unquoted(string), ...at }]
    if (quoted !== undefined) return [{ kind: 'quoted', text: unquoted(quoted), ...at }]
    if (number !== undefined) return [{ kind: 'number', text: number, ...at }]
    if (word !== undefined) return [{ kind: 'word', text: word.toUpperCase(), ...at }]
    return match.groups?.['symbol'] === undefined ? [] : [{ kind: 'symbol', text: source, ...at }]
  })
}

/** The index of the bracket that closes the one at `opening`. */
export function closingOf(tokens: readonly Token[], opening: number): number {
  let depth = 0
  for (let index = opening; index < tokens.length; index += 1) {
    const token = tokens[index]
    if (token?.kind !== 'symbol') continue
    if (token.text === '(' || token.text === '[') depth += 1
    if (token.text === ')' || token.text === ']') depth -= 1
    if (depth === 0) return index
  }
  return tokens.length
}

/** The parts between commas, as deep as the list itself. */
export function split(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]]
  let depth = 0
  for (const token of tokens) {
    if (isSymbol(token, '(')) depth += 1
    if (isSymbol(token, ')')) depth -= 1
    if (depth === 0 && isSymbol(token, ',')) parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts
}

export function isSymbol(token: Token | undefined, text: string): boolean {
  return token?.kind === 'symbol' && token.text === text
}

export function isWord(token: Token | undefined, text: string): boolean {
  return token?.kind === 'word' && token.text === text
}

/** Without the parentheses around the whole. */
export function bare(tokens: readonly Token[]): readonly Token[] {
  const isWrapped = isSymbol(tokens[0], '(') && closingOf(tokens, 0) === tokens.length - 1
  return isWrapped ? bare(tokens.slice(1, -1)) : tokens
}

function unquoted(text: string): string {
  const quote = text.at(-1) ?? ''
  return text.slice(1, -1).replaceAll(quote + quote, quote)
}
