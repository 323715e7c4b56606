/**
 * Which passwords may be set: 15 to 256 code points, and none that is tried
 * first. No rules on composition, no expiry (NIST SP 800-63B-4, section 3.1.1).
 */

import { isCommon } from './blocklist.ts'

const MIN_CODE_POINTS = 15
const MAX_CODE_POINTS = 256
const MAX_BYTES = 1024

/** Whether it can be a password at all; anything else is refused before it costs a hash. */
export function isOfPasswordSize(password: string): boolean {
  return password.length <= MAX_BYTES && Buffer.byteLength(password) <= MAX_BYTES
}

/**
 * What is wrong with a password that is to be set, as sentences that go on from the field's name.
 *
 * @param context What belongs to the account: the title of the installation, the e-mail, the name.
 */
export function passwordProblems(password: string, context: readonly string[]): readonly string[] {
  if (!isOfPasswordSize(password)) return [`must be at most ${MAX_BYTES} bytes long`]
  const text = password.normalize('NFC')
  const length = Array.from(text).length
  if (length < MIN_CODE_POINTS) {
    return [`must be at least ${MIN_CODE_POINTS} characters long; several words do well`]
  }
  if (length > MAX_CODE_POINTS) return [`must be at most ${MAX_CODE_POINTS} characters long`]
  if (isCommon(text, context)) {
    return [
      'is one of the first that attackers try: it is made only of common words, names, dates or keyboard runs',
    ]
  }
  return []
}
