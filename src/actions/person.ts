/** What the actions on people share: finding the person, and saying in the log what became of them. */

import { z } from 'zod'
import type { Change } from '../audit/event.ts'
import { AdminError } from '../errors.ts'
import type { RunContext } from '../gate/action.ts'
import type { Person } from '../identity/identity.ts'
import type { ActionParts } from './parts.ts'

export const Attributes: z.ZodType<Record<string, string>> = z.record(z.string(), z.string())
export const Role: z.ZodType<string> = z.string().min(1, 'must name a role')

/** @throws AdminError `not-found` */
export async function personOf(
  identity: ActionParts['identity'],
  { connection, target }: RunContext,
): Promise<Person> {
  const person = target && (await identity.people.find(connection, target.encodedKey))
  if (!person) throw new AdminError('not-found', 'That person is not there any more.')
  return person
}

export function rolesOf(person: Person): readonly string[] {
  return person.roles.map(({ role }) => role)
}

export function rolesText(person: Person): string | null {
  const texts = person.roles.map(({ role, expiresAt }) => `${role}${until(expiresAt)}`)
  return texts.length > 0 ? texts.join(', ') : null
}

export function attributesText({ attributes }: Person): string | null {
  const names = Object.keys(attributes).sort()
  return names.length > 0 ? names.map((name) => `${name}: ${attributes[name]}`).join(', ') : null
}

export function changed(field: string, before: string | null, after: string | null): Change {
  return { field, sensitivity: 'internal', before, after }
}

export function secret(field: string): Change {
  return { field, sensitivity: 'secret', before: null, after: null }
}

export function until(expiresAt: number | null): string {
  return expiresAt === null ? '' : ` until ${new Date(expiresAt).toISOString()}`
}

/** As letters and events say who did it. */
export function by(name: string): string {
  return `by ${name}`
}

/** Those that changed anything. */
export function differing(changes: readonly Change[]): readonly Change[] {
  return changes.filter(({ before, after }) => before !== after)
}
