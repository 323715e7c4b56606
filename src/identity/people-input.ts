/** What may be said of a person: checks of input, as sentences per field. */

import { AdminError } from '../errors.ts'
import { isEmail } from './email.ts'
import { isLeaked } from './leaked-password.ts'
import type { Parts } from './parts.ts'
import { type PasswordStrength, passwordProblems, passwordStrength } from './password-rule.ts'

const MAX_PASSKEY_NAME_LENGTH = 100
const MAX_NAME_LENGTH = 200
const MAX_ATTRIBUTES = 50
const MAX_ATTRIBUTE_LENGTH = 1000
/** What could make one name look like another; but the two joiners, which some scripts are written with. */
const INVISIBLE = /[^\P{C}\u200c\u200d]/u
const ATTRIBUTE_NAME = /^[a-zA-Z][a-zA-Z0-9_]{0,63}$/
/** What every subject has of its own, and nobody's attributes may pretend. */
const RESERVED: ReadonlySet<string> = new Set(['id', 'kind', 'email', 'roles'])

/** @throws AdminError `invalid-input` when any field has a problem. */
export function throwProblems(what: string, problems: Readonly<Record<string, readonly string[]>>): void {
  const fields = Object.fromEntries(Object.entries(problems).filter(([, sentences]) => sentences.length > 0))
  const names = Object.keys(fields)
  if (names.length === 0) return
  throw new AdminError('invalid-input', `${what}: check ${names.join(', ')}.`, { fields })
}

export function nameProblems(name: string): readonly string[] {
  if (name.trim() === '') return ['is needed: it is how the log calls this person']
  if (name.length > MAX_NAME_LENGTH) return [`must be at most ${MAX_NAME_LENGTH} characters long`]
  if (INVISIBLE.test(name)) return ['must be without control or invisible characters']
  return []
}

export function passkeyNameProblems(name: string): readonly string[] {
  if (name === '') return ['is needed: it is how you tell it from your others']
  if (name.length > MAX_PASSKEY_NAME_LENGTH) {
    return [`must be at most ${MAX_PASSKEY_NAME_LENGTH} characters long`]
  }
  return INVISIBLE.test(name) ? ['must be without control or invisible characters'] : []
}

export function emailProblems(email: string): readonly string[] {
  return isEmail(email.trim()) ? [] : ['must be one e-mail address, such as ana@example.com']
}

/** What the password itself tells, without asking anybody. */
export function plainPasswordProblems(
  parts: Parts,
  password: string,
  person: { readonly name: string; readonly email: string },
): readonly string[] {
  return passwordProblems(password, wordsAround(parts, person))
}

/** What is said of it while it is typed. */
export function typedPasswordStrength(
  parts: Parts,
  password: string,
  person: { readonly name: string; readonly email: string },
): PasswordStrength {
  return passwordStrength(password, wordsAround(parts, person))
}

/** What no password of that person may be made of. */
function wordsAround(
  { options }: Parts,
  { name, email }: { readonly name: string; readonly email: string },
): readonly string[] {
  const [local = ''] = email.split('@')
  return [options.title, 'castellan', ...options.passwordWords, email, local, name]
}

/** The same, and whether it is among leaked ones, where they can be looked up: before a transaction, never within one. */
export async function newPasswordProblems(
  parts: Parts,
  password: string,
  person: { readonly name: string; readonly email: string },
): Promise<readonly string[]> {
  const problems = plainPasswordProblems(parts, password, person)
  if (problems.length > 0 || !(await isLeaked(parts, password))) return problems
  return ['has leaked from another site, where attackers find it: choose one that you use nowhere else']
}

/** Role names are compared as they are: no case, space or look-alike leads to another role. */
export function roleProblems(parts: Parts, roles: readonly string[]): readonly string[] {
  return roles
    .filter((role) => !parts.options.roles.includes(role))
    .map((role) => `must be one of ${parts.options.roles.join(', ')}, and "${role}" is none`)
}

export function attributeProblems(attributes: Readonly<Record<string, string>>): readonly string[] {
  const names = Object.keys(attributes)
  if (names.length > MAX_ATTRIBUTES) return [`must be at most ${MAX_ATTRIBUTES}`]
  return names.flatMap((name) => {
    if (RESERVED.has(name)) return [`must not be called "${name}", which every person has already`]
    if (!ATTRIBUTE_NAME.test(name)) return [`must have names of letters, digits and _, unlike "${name}"`]
    const isTooLong = (attributes[name] ?? '').length > MAX_ATTRIBUTE_LENGTH
    return isTooLong ? [`must be at most ${MAX_ATTRIBUTE_LENGTH} characters long, unlike "${name}"`] : []
  })
}
