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

/** What is said of a password while it is typed. */
export interface PasswordStrength {
  readonly isEnough: boolean
  /** One sentence; empty while nothing is typed. */
  readonly sentence: string
}

const STRONG_CODE_POINTS = 20

/** The same judgement in other words, for whoever is at it. */
export function passwordStrength(password: string, context: readonly string[]): PasswordStrength {
  const length = Array.from(password.normalize('NFC')).length
  if (length === 0) return { isEnough: false, sentence: '' }
  const missing = MIN_CODE_POINTS - length
  if (missing > 0) {
    const more = missing === 1 ? 'one character more' : `${missing} characters more`
    return { isEnough: false, sentence: `Too short: ${more}. Another word does well.` }
  }
  const [problem] = passwordProblems(password, context)
  if (problem !== undefined) return { isEnough: false, sentence: `It ${problem}.` }
  const isStrong = length >= STRONG_CODE_POINTS
  return {
    isEnough: true,
    sentence: isStrong
      ? 'Strong: long, and not made of what attackers try first.'
      : 'Long enough. Another word makes it stronger.',
  }
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
