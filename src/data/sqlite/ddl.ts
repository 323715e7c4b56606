/**
 * What only the text of a CREATE TABLE says: checks and collations.
 *
 * SQLite's PRAGMAs tell everything else. This reads tokens, not grammar: enough
 * to find each CHECK with its columns, and the lists of values among them.
 * What it doesn't understand it leaves out.
 */

import { choicesIn, maxLengthIn, type Names, named } from '../describe/check.ts'
import { closingOf, isSymbol, split, type Token, tokensOf } from '../describe/token.ts'

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
  const tokens = tokensOf(text ?? '', 'names')
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
      const choice = choicesIn(check.tokens, names)
      if (choice) choices.set(choice.column, choice.values)
      const limit = maxLengthIn(check.tokens, names)
      if (limit) maxLengths.set(limit.column, limit.length)
    }
  }
  return { checks, choices, maxLengths, collations }
}

function columnOf(definition: readonly Token[], names: Names): string | undefined {
  const [first] = definition
  if (!first || (first.kind === 'word' && TABLE_CONSTRAINTS.has(first.text))) return undefined
  return named(first, names)
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
