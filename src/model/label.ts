/**
 * Names of tables and columns as words for people.
 *
 * Splits snake_case, kebab-case, camelCase and PascalCase, and knows enough of
 * English to tell one from many. What it gets wrong, the application labels itself.
 */

const ACRONYMS: ReadonlySet<string> = new Set([
  'api',
  'csv',
  'dob',
  'eur',
  'gtin',
  'html',
  'http',
  'iban',
  'id',
  'ip',
  'isbn',
  'iso',
  'json',
  'mfa',
  'pdf',
  'sku',
  'sms',
  'ssn',
  'ui',
  'uri',
  'url',
  'usd',
  'utc',
  'uuid',
  'vat',
  'xml',
  'zip',
])

const IRREGULAR: readonly (readonly [string, string])[] = [
  ['person', 'people'],
  ['child', 'children'],
  ['man', 'men'],
  ['woman', 'women'],
  ['foot', 'feet'],
  ['tooth', 'teeth'],
  ['mouse', 'mice'],
  ['index', 'indexes'],
  ['address', 'addresses'],
  ['status', 'statuses'],
  ['bonus', 'bonuses'],
  ['analysis', 'analyses'],
  ['movie', 'movies'],
  ['cookie', 'cookies'],
  ['tie', 'ties'],
  ['leaf', 'leaves'],
  ['shelf', 'shelves'],
  ['cache', 'caches'],
]

const UNCOUNTABLE: ReadonlySet<string> = new Set([
  'audit',
  'data',
  'equipment',
  'feedback',
  'information',
  'inventory',
  'metadata',
  'money',
  'news',
  'series',
  'software',
  'species',
  'staff',
  'stock',
  'text',
])

const SINGULAR: ReadonlyMap<string, string> = new Map(IRREGULAR.map(([one, many]) => [many, one]))
const PLURAL: ReadonlyMap<string, string> = new Map(IRREGULAR)

/** The words of a name, in lower case: `CustomerID` → customer, id; `order_items` → order, items. */
export function wordsOf(name: string): readonly string[] {
  return (
    name
      .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
      .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1 $2')
      // the second of two: address2, but not sha256
      .replace(/(\p{L}{4})(\d{1,2})(?![\p{L}\d])/gu, '$1 $2')
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word !== '')
      .map((word) => word.toLowerCase())
  )
}

/** `placed_at` → "Placed at"; `CustomerId` → "Customer ID". */
export function humanise(name: string): string {
  const words = wordsOf(name)
  if (words.length === 0) return name
  return words.map((word, index) => written(word, index === 0)).join(' ')
}

/** `in_progress` → "In progress"; a code (`PG-13`, `EUR`) and what is written for people already stay as they are. */
export function choiceLabel(value: string): string {
  return CODE.test(value) || WORDS.test(value) ? value : humanise(value)
}

const CODE = /^\p{Lu}[\p{Lu}\p{N}]{0,2}(?:[-+]?\p{N}{1,3})?\+?$/u
const WORDS = /^\p{Lu}.*\p{Ll} /u

/** The label for one record of a table: `order_items` → "Order item". */
export function singularLabel(table: string): string {
  return humanise(singular(table))
}

/** The label for several: `Album` → "Albums". */
export function pluralLabel(table: string): string {
  return humanise(withLastWord(table, (word) => pluralOf(singularOf(word))))
}

/** A table's name for one of its records, keeping its case: `Order Details` → `Order Detail`. */
export function singular(name: string): string {
  return withLastWord(name, singularOf)
}

function written(word: string, isFirst: boolean): string {
  if (ACRONYMS.has(word)) return word.toUpperCase()
  return isFirst ? word.charAt(0).toUpperCase() + word.slice(1) : word
}

/** Changes the last word of a name, and keeps a capital letter where there was one. */
function withLastWord(name: string, change: (word: string) => string): string {
  const last = wordsOf(name).at(-1)
  const at = last === undefined ? -1 : name.toLowerCase().lastIndexOf(last)
  if (last === undefined || at < 0) return name
  const changed = change(last)
  const original = name.slice(at, at + last.length)
  const isUpper = original === original.toUpperCase() && original.length > 1
  const isCapital = original.charAt(0) !== last.charAt(0)
  const kept = isCapital ? changed.charAt(0).toUpperCase() + changed.slice(1) : changed
  return name.slice(0, at) + (isUpper ? changed.toUpperCase() : kept) + name.slice(at + last.length)
}

function singularOf(word: string): string {
  const irregular = SINGULAR.get(word)
  if (irregular !== undefined) return irregular
  if (UNCOUNTABLE.has(word) || PLURAL.has(word)) return word
  if (/[^aeiou]ies$/.test(word)) return `${word.slice(0, -3)}y`
  if (/(?:ss|sh|ch|x|zz)es$/.test(word)) return word.slice(0, -2)
  if (/(?:ss|us|is)$/.test(word) || !word.endsWith('s')) return word
  return word.slice(0, -1)
}

function pluralOf(word: string): string {
  const irregular = PLURAL.get(word)
  if (irregular !== undefined) return irregular
  if (UNCOUNTABLE.has(word) || !/\p{L}$/u.test(word)) return word
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`
  return /(?:s|sh|ch|x|z)$/.test(word) ? `${word}es` : `${word}s`
}
