/**
 * Whether a password has leaked, asked by the first five hex digits of its
 * SHA-1 alone (k-anonymity), of whatever the option `passwords.ranges` reaches.
 *
 * Where it can't be reached the password is taken: a list that is down must
 * not keep people from changing a password that has leaked. The log says so.
 */

import { createHash } from 'node:crypto'
import { SECOND } from './instant.ts'
import type { Parts } from './parts.ts'

const PATIENCE_MS: number = 3 * SECOND
const PREFIX_DIGITS = 5
/** A range of today's largest list is 60 KB long. */
const MAX_RANGE = 2 * 1024 * 1024

export async function isLeaked(parts: Parts, password: string): Promise<boolean> {
  const { passwordRanges, log } = parts
  if (!passwordRanges) return false
  const digest = createHash('sha1').update(password.normalize('NFC')).digest('hex').toUpperCase()
  const suffix = digest.slice(PREFIX_DIGITS)
  try {
    const range = await within(passwordRanges, digest.slice(0, PREFIX_DIGITS))
    return range.split(/\r?\n/).some((line) => {
      const [found = '', count = ''] = line.trim().split(':')
      // lines with a count of 0 are padding, which hides how long the range is
      return found.toUpperCase() === suffix && count !== '0'
    })
  } catch {
    log?.warn({ code: 'password-ranges' }, 'Leaked passwords could not be looked up; the password was taken.')
    return false
  }
}

async function within(ranges: NonNullable<Parts['passwordRanges']>, prefix: string): Promise<string> {
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const tooLate = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('too late')), { once: true })
  })
  const range: unknown = await Promise.race([ranges(prefix, signal), tooLate])
  if (typeof range !== 'string' || range.length > MAX_RANGE) throw new TypeError('A range is a text.')
  return range
}
