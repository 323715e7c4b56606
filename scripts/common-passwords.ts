/**
 * Makes `src/identity/common-passwords.ts` of a list of leaked passwords, the
 * most common first: `node scripts/common-passwords.ts`. A test holds that the
 * file is what this makes.
 */

import { writeFileSync } from 'node:fs'
import { dictionary } from '@zxcvbn-ts/language-common'

/** The shortest password there may be: shorter ones can only be a part of one. */
const POLICY_LENGTH = 15
const MIN_PART = 4
const PARTS = 2000

const FILE = 'src/identity/common-passwords.ts'

/** The source of the file. */
export function commonPasswords(): string {
  const leaked = dictionary['passwords-common']
  const whole = leaked.filter((one) => Array.from(one).length >= POLICY_LENGTH)
  const parts = leaked
    .filter((one) => one.length >= MIN_PART && /^[\x21-\x5b\x5d-\x7e]+$/.test(one))
    .slice(0, PARTS)
  return `/**
 * Leaked passwords, the most common first. Made by \`scripts/common-passwords.ts\`
 * of the list in @zxcvbn-ts/language-common (MIT); not to be changed by hand.
 */

/** Those that are long enough to be one here. */
export const LEAKED_WHOLE: readonly string[] = ${literal(whole)}

/** Those that people double, or join, to make it long enough. */
export const LEAKED_PARTS: readonly string[] = ${literal(parts)}
`
}

/** Lines of at most a hundred characters, split again where they are read: a tenth of the lines of a list. */
function literal(words: readonly string[]): string {
  const lines: string[] = []
  let line = ''
  for (const word of words) {
    if (line.length + word.length > 98) {
      lines.push(line)
      line = ''
    }
    line += line === '' ? word : ` ${word}`
  }
  lines.push(line)
  return `\`\n${lines.map((one) => one.replaceAll('`', '').replaceAll('${', '$')).join('\n')}\n\`
  .trim()
  .split(/\\s+/)`
}

if (import.meta.main) writeFileSync(FILE, commonPasswords())
