/**
 * Values as they stand in the text of a statement for MariaDB and MySQL.
 *
 * The text protocol takes statements without parameters, so each value is
 * printed as a literal here and nowhere else, in forms that mean the same under
 * every `sql_mode`: a quote is doubled, and a text with a backslash
 * is given by its bytes. The connection is UTF-8, where no byte of a
 * longer character looks like a quote. See docs/decisions/0021-literals-over-mysqls-text-protocol.md.
 */

/** Quoted names, quoted texts and placeholders; what lies between is left alone. */
const TOKENS = /`(?:[^`]|``)*`|'(?:[^']|'')*'|"(?:[^"]|"")*"|\?/g

/**
 * The statement with a literal for each `?` outside of quotes.
 * @throws TypeError when they are not as many as the values, or the text holds what could hide one.
 */
export function withLiterals(text: string, values: readonly unknown[]): string {
  let count = 0
  const whole = text.replace(TOKENS, (token) => {
    if (token !== '?') return unescaped(token)
    count += 1
    return literal(values[count - 1])
  })
  if (count !== values.length) {
    throw new TypeError(`The statement takes ${count} values, and ${values.length} were given.`)
  }
  return whole
}

/** Whether a backslash in quotes escapes what follows is a setting; in a name it is a character. */
function unescaped(token: string): string {
  if (token.startsWith('`') || !token.includes('\\')) return token
  throw new TypeError('A text in a statement for MySQL is written without backslashes, or given as a value.')
}

/**
 * The literal of one value.
 * @throws TypeError for undefined, NaN, infinities and objects: a caller's bug.
 */
export function literal(value: unknown): string {
  if (value === null) return 'NULL'
  switch (typeof value) {
    case 'string':
      return textLiteral(value)
    case 'bigint':
      return String(value)
    case 'number':
      return numberLiteral(value)
    case 'boolean':
      return value ? '1' : '0'
    default:
      if (value instanceof Uint8Array) return hex(value)
      throw new TypeError(`A value of type ${typeof value} has no form in SQL.`)
  }
}

/** What could mean something else inside quotes: the backslash by `sql_mode`, the others to tools that read logs. */
const HIDDEN = ['\\', '\0', '\u001a'] as const

function textLiteral(text: string): string {
  if (HIDDEN.some((one) => text.includes(one))) return `_utf8mb4 ${hex(Buffer.from(text))}`
  return `'${text.replaceAll("'", "''")}'`
}

/** With an exponent a number is floating-point; without one it would be a decimal of its own scale. */
function numberLiteral(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`${value} has no form in SQL.`)
  if (Number.isSafeInteger(value)) return String(value)
  const text = String(value)
  return text.includes('e') ? text : `${text}e0`
}

function hex(bytes: Uint8Array): string {
  return `X'${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}'`
}
