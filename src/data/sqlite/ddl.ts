/**
 * What only the text of a CREATE TABLE says: checks and collations.
 *
 * SQLite's PRAGMAs tell everything else. This reads tokens, not grammar: enough
 * to find each CHECK with its columns, and the lists of values among them.
 * What it doesn't understand it leaves out.
 */

export interface Check {
  /** The constraint's name, or its expression: what SQLite names when it fails. */
  readonly label: string
  /** Columns that the expression mentions. */
  readonly columns: readonly string[]
}

export interface Ddl {
  readonly checks: readonly Check[]
  /** By column name: the literals of `CHECK (column IN (…))`. */
  readonly choices: ReadonlyMap<string, readonly (string | bigint)[]>
  /** By column name: the n of `CHECK (length(column) <= n)`. */
  readonly maxLengths: ReadonlyMap<string, number>
  /** By column name, where declared. */
  readonly collations: ReadonlyMap<string, string>
}

interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol'
  /** Words in upper case, names and strings without their quotes. */
  readonly text: string
  /** As written; names keep their case here. */
  readonly source: string
  readonly start: number
  readonly end: number
}

const TOKEN =
  /\s+|--[^\n]*|\/\*[\s\S]*?\*\/|(?<string>'(?:[^']|'')*')|(?<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])|(?<number>\d+(?:\.\d*)?)|(?<word>[\p{L}_$][\p{L}\p{N}_$]*)|(?<symbol><=|>=|<>|!=|==|\|\||[^\s])/gu

const TABLE_CONSTRAINTS: ReadonlySet<string> = new Set([
  'CONSTRAINT',
  'PRIMARY',
  'UNIQUE',
  'CHECK',
  'FOREIGN',
])

export const NO_DDL: Ddl = { checks: [], choices: new Map(), maxLengths: new Map(), collations: new Map() }

/** @param columns The table's own columns: a check may mention other words. */
export function readDdl(text: string | null, columns: readonly string[]): Ddl {
  const tokens = tokensOf(text ?? '')
  const opening = tokens.findIndex((token) => token.text === '(')
  if (opening < 0 || text === null) return NO_DDL
  const names = new Map(columns.map((column) => [column.toLowerCase(), column]))
  const checks: Check[] = []
  const choices = new Map<string, readonly (string | bigint)[]>()
  const maxLengths = new Map<string, number>()
  const collations = new Map<string, string>()
  for (const definition of split(tokens.slice(opening + 1, closingOf(tokens, opening)))) {
    const column = columnOf(definition, names)
    const collation = collationOf(definition)
    if (column !== undefined && collation !== undefined) collations.set(column, collation)
    for (const check of checksIn(definition, text)) {
      checks.push({ label: check.label, columns: mentioned(check.tokens, names) })
      addChoices(choices, check.tokens, names)
      addMaxLength(maxLengths, check.tokens, names)
    }
  }
  return { checks, choices, maxLengths, collations }
}

type Names = ReadonlyMap<string, string>

function tokensOf(text: string): readonly Token[] {
  return [...text.matchAll(TOKEN)].flatMap((match): Token[] => {
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

function unquoted(text: string): string {
  const quote = text.at(-1) ?? ''
  return text.slice(1, -1).replaceAll(quote + quote, quote)
}

/** The index of the parenthesis that closes the one at `opening`. */
function closingOf(tokens: readonly Token[], opening: number): number {
  let depth = 0
  for (let index = opening; index < tokens.length; index += 1) {
    const token = tokens[index]
    if (token?.kind !== 'symbol') continue
    if (token.text === '(') depth += 1
    if (token.text === ')') depth -= 1
    if (depth === 0) return index
  }
  return tokens.length
}

/** The definitions between commas, as deep as the list itself. */
function split(tokens: readonly Token[]): readonly (readonly Token[])[] {
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

function isSymbol(token: Token | undefined, text: string): boolean {
  return token?.kind === 'symbol' && token.text === text
}

function columnOf(definition: readonly Token[], names: Names): string | undefined {
  const [first] = definition
  if (!first || (first.kind === 'word' && TABLE_CONSTRAINTS.has(first.text))) return undefined
  return named(first, names)
}

function named(token: Token | undefined, names: Names): string | undefined {
  if (token?.kind === 'word') return names.get(token.source.toLowerCase())
  return token?.kind === 'quoted' ? names.get(token.text.toLowerCase()) : undefined
}

function collationOf(definition: readonly Token[]): string | undefined {
  const at = definition.findIndex((token) => token.kind === 'word' && token.text === 'COLLATE')
  return at < 0 ? undefined : definition[at + 1]?.text.toUpperCase()
}

function checksIn(
  definition: readonly Token[],
  text: string,
): readonly { readonly label: string; readonly tokens: readonly Token[] }[] {
  return definition.flatMap((token, index) => {
    if (token.kind !== 'word' || token.text !== 'CHECK' || !isSymbol(definition[index + 1], '(')) return []
    const tokens = definition.slice(index + 2, closingOf(definition, index + 1))
    const isNamed = definition[index - 2]?.text === 'CONSTRAINT'
    const expression = text.slice(tokens[0]?.start ?? 0, tokens.at(-1)?.end ?? 0)
    const name = definition[index - 1]
    return [{ label: isNamed && name ? nameOf(name) : expression, tokens }]
  })
}

function nameOf(token: Token): string {
  return token.kind === 'word' ? token.source : token.text
}

function mentioned(tokens: readonly Token[], names: Names): readonly string[] {
  return [...new Set(tokens.flatMap((token) => named(token, names) ?? []))]
}

/** `column IN ('a', 'b')`, alone or beside `column IS NULL OR`. */
function addChoices(
  choices: Map<string, readonly (string | bigint)[]>,
  expression: readonly Token[],
  names: Names,
): void {
  const tokens = withoutNullAlternative(bare(expression))
  const column = named(tokens[0], names)
  const isList = tokens[1]?.text === 'IN' && isSymbol(tokens[2], '(')
  if (column === undefined || !isList || closingOf(tokens, 2) !== tokens.length - 1) return
  const values: (string | bigint)[] = []
  for (const [token, ...more] of split(tokens.slice(3, -1))) {
    const value = more.length === 0 ? literal(token) : undefined
    if (value === undefined) return
    if (value !== null) values.push(value)
  }
  if (values.length > 0) choices.set(column, values)
}

function addMaxLength(maxLengths: Map<string, number>, expression: readonly Token[], names: Names): void {
  const [call, opening, argument, closing, operator, limit, ...rest] = withoutNullAlternative(
    bare(expression),
  )
  const column = named(argument, names)
  const isLimit = call?.text === 'LENGTH' && isSymbol(opening, '(') && isSymbol(closing, ')')
  if (!isLimit || column === undefined || limit?.kind !== 'number' || rest.length > 0) return
  if (isSymbol(operator, '<=')) maxLengths.set(column, Number(limit.text))
  if (isSymbol(operator, '<')) maxLengths.set(column, Number(limit.text) - 1)
}

/** Without the parentheses around the whole. */
function bare(tokens: readonly Token[]): readonly Token[] {
  const isWrapped = isSymbol(tokens[0], '(') && closingOf(tokens, 0) === tokens.length - 1
  return isWrapped ? bare(tokens.slice(1, -1)) : tokens
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
  return token?.kind === 'word' && token.text === 'NULL' ? null : undefined
}
