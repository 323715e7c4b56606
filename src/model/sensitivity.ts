/**
 * How sensitive a field starts out, by its name and type.
 *
 * `secret` and `personal` are found by words; the rest is `internal` where it
 * concerns a person and `public` where it plainly does not. The owner's
 * declaration always wins over this.
 */

import { singular, wordsOf } from './label.ts'
import type { FieldType, Sensitivity } from './model.ts'

/** Never read by anyone. Each entry is the words of a name, next to each other. */
const SECRET: readonly string[] = [
  'password',
  'passwd',
  'passphrase',
  'passcode',
  'pwd',
  'password hash',
  'hashed password',
  'salt',
  'secret',
  'secrets',
  'token',
  'tokens',
  'api key',
  'apikey',
  'access key',
  'private key',
  'privatekey',
  'signing key',
  'encryption key',
  'secret key',
  'otp',
  'totp',
  'mfa secret',
  'recovery code',
  'recovery codes',
  'backup codes',
  'credential',
  'credentials',
  'session key',
  'pin',
  'pin code',
  'cvv',
  'cvc',
  'security code',
  'security answer',
  'hash',
  'digest',
  'verification code',
  'activation code',
  'activation key',
  'reset code',
  'auth code',
  'authorization code',
  'login code',
  'one time code',
  'magic link',
  'session data',
  'cookie',
  'cookies',
  'jwt',
  'bearer',
  'encrypted',
  'ciphertext',
  'seed phrase',
  'mnemonic',
  'connection string',
  'dsn',
]

const BEARERS: readonly string[] = ['key', 'value', 'code', 'data', 'string']
const SESSIONS: readonly string[] = ['sid', 'sess', 'key', 'data', 'payload']

/** What the records of such tables are good for stands in columns of plain names. */
const SECRET_TABLES: Readonly<Record<string, readonly string[]>> = {
  'access key': BEARERS,
  'api key': BEARERS,
  'backup code': BEARERS,
  credential: BEARERS,
  'one time password': BEARERS,
  otp: BEARERS,
  'password reset': BEARERS,
  'recovery code': BEARERS,
  secret: BEARERS,
  session: SESSIONS,
  token: BEARERS,
}

/** Words of a secret in a name that tells about one, or about something else. */
const NOT_SECRET: readonly string[] = [
  'content hash',
  'content digest',
  'message digest',
  'digest email',
  'email digest',
  'weekly digest',
  'daily digest',
  'cookie consent',
  'cookie policy',
  'file hash',
  'image hash',
  'commit hash',
  'block hash',
  'token type',
  'token name',
  'secret name',
]

/** Identity, tax, bank, card, health and birth. */
const PERSONAL: readonly string[] = [
  'ssn',
  'social security',
  'national id',
  'national insurance',
  'nino',
  'passport',
  'identity number',
  'id number',
  'id card',
  'driver license',
  'drivers license',
  'driver licence',
  'driving licence',
  'licence number',
  'tax',
  'tax id',
  'tax number',
  'taxid',
  'tin',
  'vat id',
  'vat number',
  'iban',
  'bic',
  'swift',
  'bank',
  'bank account',
  'account number',
  'routing number',
  'sort code',
  'card number',
  'credit card',
  'debit card',
  'creditcard',
  'card',
  'health',
  'medical',
  'diagnosis',
  'blood',
  'allergy',
  'allergies',
  'disability',
  'insurance number',
  'birth',
  'birthday',
  'birthdate',
  'dob',
]

/** These concern what is sold or counted, not a person, though a word of theirs is above. */
const NOT_PERSONAL: readonly string[] = [
  'tax rate',
  'tax amount',
  'tax total',
  'tax class',
  'tax code',
  'tax included',
  'total tax',
  'card type',
  'card brand',
  'bank holiday',
  'tax percent',
  'tax cents',
  'health check',
  'health status',
  'id card type',
]

/** About a person, or written about one. */
const INTERNAL: readonly string[] = [
  'name',
  'email',
  'mail',
  'phone',
  'mobile',
  'fax',
  'telephone',
  'address',
  'street',
  'city',
  'zip',
  'postal',
  'postcode',
  'contact',
  'user',
  'username',
  'login',
  'ip',
  'note',
  'notes',
  'comment',
  'comments',
  'message',
  'body',
  'latitude',
  'longitude',
  'cost',
  'margin',
  'created',
  'updated',
  'deleted',
]

/** Types whose values can't be a secret or an identity by themselves, whatever the name says. */
const HARMLESS: ReadonlySet<FieldType> = new Set(['bool', 'timestamp', 'timestamptz', 'time'])

/** Values of which nothing is known but their text. */
const OTHER: ReadonlySet<FieldType> = new Set(['native', 'opaque', 'array', 'set'])

/** @param table The table's name, where it says more than the column's: `api_keys.value`. */
export function classify(name: string, type: FieldType, table = ''): Sensitivity {
  const words = ` ${wordsOf(name).join(' ')} `
  const says = (phrases: readonly string[]): boolean =>
    phrases.some((phrase) => words.includes(` ${phrase} `))
  const isCalendar = HARMLESS.has(type)
  if (says(SECRET) && !says(NOT_SECRET) && !isCalendar && !isCount(words, type)) return 'secret'
  if (isBearer(name, type, table)) return 'secret'
  if (isBirth(words) || (says(PERSONAL) && !says(NOT_PERSONAL) && !isCalendar && !isMoney(type)))
    return 'personal'
  if (says(INTERNAL) || type === 'json' || type === 'bytes' || OTHER.has(type)) return 'internal'
  return 'public'
}

/** Text alone: a number in such a table counts or refers. */
function isBearer(name: string, type: FieldType, table: string): boolean {
  if (type !== 'text' && type !== 'json' && type !== 'bytes') return false
  const column = wordsOf(name).join(' ')
  const words = ` ${wordsOf(singular(table)).join(' ')} `
  return Object.entries(SECRET_TABLES).some(
    ([phrase, columns]) => words.endsWith(` ${phrase} `) && columns.includes(column),
  )
}

/** A birth date is one whatever its type: SQLite declares many of them DATETIME. */
function isBirth(words: string): boolean {
  return / (?:birth|birthday|birthdate|dob) /.test(words) && !/ (?:count|rate|weight) /.test(words)
}

/** `token_count` and `max_tokens` are numbers of tokens. */
function isCount(words: string, type: FieldType): boolean {
  const isNumber = type === 'int' || type === 'bigint' || type === 'decimal' || type === 'float'
  return isNumber && / (?:count|counts|total|max|min|limit|used|left|size|length|expires|id) /.test(words)
}

/** An amount of tax is the shop's, not the person's; a number that identifies is no decimal. */
function isMoney(type: FieldType): boolean {
  return type === 'decimal' || type === 'float'
}
