/** How a value of the type table is written down: once as SQL, and once for each form that it has. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** One value, in every form that it has. */
export interface Value {
  /** As SQL writes it. */
  readonly sql: string
  /** As the API gives and takes it. */
  readonly json: Json
  /** As the API gives it in a list; absent: the same. */
  readonly listed?: Json
  /** As the API takes it, where that is another form: bytes are given as their number and sent as base64. */
  readonly sent?: Json
  /** As the audit log has it; absent: the same text, or of a list its JSON. */
  readonly text?: string
  /** As an input of a form holds it; absent: the same as in the log, a list line by line. */
  readonly typed?: string
  /** As `field:operator:value` asks for it; absent: as the log has it. Null: it is equal to nothing. */
  readonly asked?: string | null
  /** It is there and is shown, but is none that can be written from here. */
  readonly isOnlyRead?: boolean
}

export interface Column {
  readonly declared: string
  readonly values: readonly Value[]
  /** Which operator of a filter finds a value; null: only whether there is one can be asked. */
  readonly operator?: 'eq' | 'contains' | null
  /** Why nobody can write it here; absent: it can be written. */
  readonly readonly?: string
  /** What it refuses to take, as JSON. */
  readonly refused?: readonly Json[]
}

export interface Row {
  readonly type: string
  readonly sqlite?: Column
  readonly postgres?: Column
  readonly mariadb?: Column
}

export function on(
  declared: string,
  values: readonly Value[],
  more: Omit<Column, 'declared' | 'values'> = {},
): Column {
  return { declared, values, ...more }
}

/** A value whose SQL is its JSON: a number, or a text in quotes. */
export function same(json: string | number | boolean, more: Partial<Value> = {}): Value {
  return { sql: typeof json === 'string' ? quote(json) : String(json), json, ...more }
}

export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** Numbers that are text in JSON, so that no digit is lost. */
export function digits(...texts: readonly string[]): readonly Value[] {
  return texts.map((text) => ({ sql: text, json: text }))
}

export function texts(...all: readonly string[]): readonly Value[] {
  return all.map((text) => same(text))
}

/** Moments, which an input of a form shows to the millisecond and without their zone. */
export function moments(sqlOf: (text: string) => string, ...all: readonly string[]): readonly Value[] {
  return all.map((text) => ({
    sql: quote(sqlOf(text)),
    json: text,
    typed: text
      .replace(/Z$/, '')
      .replace(/(\.\d{3})\d+$/, '$1')
      .replace(/\.0+$/, '')
      // a browser writes no second that is zero beside a day
      .replace(/(T\d\d:\d\d):00$/, '$1'),
  }))
}

export function list(sql: string, json: readonly Json[], more: Partial<Value> = {}): Value {
  return { sql: quote(sql), json, ...more }
}

export const HELLO: Buffer = Buffer.from('hello')
const HELLO_SHA = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'

/** Bytes: the API and the log say how many there are and, but in a list, their SHA-256. */
export function hello(sql: string): Value {
  return {
    sql,
    json: { bytes: 5, sha256: HELLO_SHA },
    listed: { bytes: 5 },
    sent: HELLO.toString('base64'),
    text: `<5 bytes, SHA-256 ${HELLO_SHA}>`,
  }
}

export const UNICODE = 'Zażółć 日本 🙂 e\u0301'
export const UUID = '1b4e28ba-2fa1-41d2-883f-0016d3cca427'
export const LARGEST = '9223372036854775807'
export const SMALLEST = '-9223372036854775808'
export const DIGITS_38 = '1234567890123456789012345678.9012345678'
/** A number that JavaScript would make ...992 of. */
export const BEYOND = '9007199254740993'
