/**
 * Values between Castellan and PostgreSQL's wire, for every driver of it.
 *
 * Everything comes as the text that the server prints, and only what `Answer`
 * promises is made of it, by the type's number (`pg_type.dat` of PostgreSQL).
 * A driver's own parsers would round and shift: they are never asked.
 */

type Reader = (text: string) => unknown

const READERS: ReadonlyMap<number, Reader> = new Map<number, Reader>([
  [16, (text) => (text === 't' ? 1n : 0n)], // bool
  [17, bytesOf],
  [20, BigInt], // int8
  [21, BigInt], // int2
  [23, BigInt], // int4
  [700, Number], // float4
  [701, Number], // float8
])

/** The same by the type's name, for what stands as text inside of another value. */
const NAMED: ReadonlyMap<string, Reader> = new Map(
  Object.entries({ bool: 16, bytea: 17, int8: 20, int2: 21, int4: 23, float4: 700, float8: 701 }).map(
    ([name, type]) => [name, readerOf(type)],
  ),
)

const COUNTING: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

/** What makes a value of the text of that type; text of any other type stays as it is. */
export function readerOf(type: number): Reader {
  return READERS.get(type) ?? asPrinted
}

/** The same for a type by its name, as in `pg_type.typname`. */
export function readerNamed(type: string): Reader {
  return NAMED.get(type) ?? asPrinted
}

/** How many rows a statement changed, by its command tag. */
export function changesOf(command: string | null, rows: number | null): bigint {
  return command !== null && COUNTING.has(command) ? BigInt(rows ?? 0) : 0n
}

/**
 * The parameter as the server takes it: text, or bytes as they are.
 * @throws TypeError for undefined and objects: a caller's bug.
 */
export function parameterOf(value: unknown): string | Buffer | null {
  if (value === null || typeof value === 'string') return value
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  // the sign of a zero is part of the value
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  throw new TypeError(`A parameter is of type ${typeof value}, which no column can hold.`)
}

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice('\\x'.length), 'hex'))
}

function asPrinted(text: string): string {
  return text
}
