/**
 * E-mail addresses: what is accepted, and when two are the same.
 *
 * Two addresses are the same when their canonical forms are equal, byte for
 * byte; the form is made here, never by a database's collation, and mail goes
 * to the stored address, never to a typed one.
 */

/** The longest path of RFC 5321, section 4.5.3.1, without its angle brackets. */
const MAX_LENGTH = 254
const MAX_LOCAL_LENGTH = 64
/** One "@", no spaces, no controls or invisible characters, nothing that separates addresses or names. */
const SHAPE = /^[^\s\p{C}@,;:<>()[\]"\\]+@[^\s\p{C}@,;:<>()[\]"\\]+\.[^\s\p{C}@,;:<>()[\]"\\.]+$/u

/** NFC, trimmed, in lower case: what look-ups and uniqueness go by. */
export function canonicalEmail(email: string): string {
  return email.normalize('NFC').trim().toLowerCase()
}

export function isEmail(email: string): boolean {
  const local = email.slice(0, email.indexOf('@'))
  return email.length <= MAX_LENGTH && local.length <= MAX_LOCAL_LENGTH && SHAPE.test(email)
}
