/**
 * Canonical JSON (RFC 8785): the one sequence of bytes that a value has.
 *
 * The leaf of an event is over these bytes, so they never depend on the order in
 * which an object was put together or on who prints it. Only what JSON can say
 * without loss is accepted.
 */

/**
 * The canonical text of a value of null, booleans, finite numbers, strings, arrays and plain objects.
 *
 * @throws TypeError for anything else: undefined, bigint, NaN, infinities, lone surrogates, class instances.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return text(value)
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`Canonical JSON has no ${value}.`)
      // ECMAScript's own shortest form is the one that RFC 8785 section 3.2.2.3 asks for.
      return JSON.stringify(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      return value === null ? 'null' : composite(value)
    default:
      throw new TypeError(`Canonical JSON has no ${typeof value}.`)
  }
}

/** What a canonical text says, or undefined when it is not canonical: other spacing, order, escapes or a name given twice. */
export function parseCanonical(canonical: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(canonical)
  } catch {
    return undefined
  }
  // Quick and enough for nearly all; an escape of a surrogate would slip through.
  const isPlain = canonical.isWellFormed() && !canonical.includes('\\ud')
  if (isPlain && JSON.stringify(value) === canonical && isSorted(value)) return value
  return isCanonicalTheLongWay(value, canonical) ? value : undefined
}

function text(value: string): string {
  if (!value.isWellFormed()) throw new TypeError('Canonical JSON has no lone surrogates.')
  return JSON.stringify(value)
}

function composite(value: object): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError('Canonical JSON has no class instances.')
  }
  // Strings compare by UTF-16 code units, as section 3.2.3 asks.
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([name, member]) => `${text(name)}:${canonicalJson(member)}`).join(',')}}`
}

/** Names that look like numbers are enumerated first, so a value that is not sorted here may still be canonical. */
function isSorted(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(isSorted)
  let previous = ''
  // What JSON.parse made, so every member is its own; for…in makes no list of them.
  for (const name in value) {
    if (name < previous) return false
    previous = name
    const member: unknown = value[name as keyof typeof value]
    if (typeof member === 'object' && !isSorted(member)) return false
  }
  return true
}

function isCanonicalTheLongWay(value: unknown, canonical: string): boolean {
  try {
    return canonicalJson(value) === canonical
  } catch {
    return false
  }
}
