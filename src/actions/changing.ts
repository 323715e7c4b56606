/** Changing what is known of a person, and deleting them for good. */

import { z } from 'zod'
import { type Action, defineAction } from '../gate/action.ts'
import type { Effect } from '../gate/outcome.ts'
import type { Person, PersonChange } from '../identity/identity.ts'
import type { Obligations } from '../policy/policy.ts'
import { mustBeAnother, mustHold } from './granting.ts'
import { readInput } from './input.ts'
import type { ActionParts } from './parts.ts'
import {
  Attributes,
  attributesText,
  by,
  changed,
  differing,
  personOf,
  rolesOf,
  rolesText,
  secret,
} from './person.ts'

const MODEL = 'castellan.people'

const ChangedPerson = z.strictObject({
  name: z.string().exactOptional(),
  email: z.string().exactOptional(),
  attributes: Attributes.exactOptional(),
})
const Nothing = z.strictObject({})

/** Whatever the rules say: it can't be taken back. */
const DELETION: Obligations = {
  confirm: true,
  reason: true,
  tickets: [],
  stepUpWithinMs: 5 * 60_000,
  approvals: 0,
}

export function changing(parts: ActionParts): readonly Action[] {
  return [update(parts), remove(parts)] as readonly Action[]
}

function update({ identity, policy }: ActionParts): Action<PersonChange, null> {
  return defineAction<PersonChange, null>({
    verb: 'update',
    model: MODEL,
    label: 'Change',
    on: 'record',
    access: 'write',
    kind: 'person.update',
    parse: (raw) => readInput<PersonChange>(`${MODEL}.update`, ChangedPerson, raw),
    writes: (input) => Object.keys(input),
    async plan(_input, context) {
      const { name } = await personOf(identity, context)
      return { sentence: `Change what is known of ${name}.`, effects: [], changes: [] }
    },
    async run(input, context) {
      const { connection, principal, report, afterCommit } = context
      const before = await personOf(identity, context)
      // Attributes say which records someone's rules reach, as roles do.
      if (input.attributes) mustBeAnother(principal, `${MODEL}.update`, before.id, 'attributes')
      // A link to set the password anew goes to the address: whoever has that can be that person.
      if (input.email !== undefined) mustHold(policy, principal, `${MODEL}.update`, rolesOf(before))
      await identity.people.update(connection, before.id, input, by(principal.name))
      const after = await personOf(identity, context)
      report.target(after.id, after.name)
      report.change(
        ...differing([
          changed('name', before.name, after.name),
          changed('email', before.email, after.email),
          changed('attributes', attributesText(before), attributesText(after)),
        ]),
      )
      report.count({ affected: 1 })
      afterCommit(async () => identity.letters.announce())
      return null
    },
  })
}

function remove({ identity, policy }: ActionParts): Action<Record<string, never>, null> {
  return defineAction<Record<string, never>, null>({
    verb: 'delete',
    model: MODEL,
    label: 'Delete',
    on: 'record',
    access: 'write',
    kind: 'person.delete',
    obligations: DELETION,
    parse: (raw) => readInput(`${MODEL}.delete`, Nothing, raw),
    async plan(_input, context) {
      const person = await personOf(identity, context)
      const sessions = await identity.sessions.list(context.connection, person.id)
      return {
        sentence: `Delete ${person.name} for good. What they did stays in the audit log, with their name.`,
        effects: effectsOn(person, sessions.length, identity.host !== null),
        changes: [],
      }
    },
    async run(_input, context) {
      const { connection, principal, report } = context
      const person = await personOf(identity, context)
      mustBeAnother(principal, `${MODEL}.delete`, person.id, 'account by deleting it')
      mustHold(policy, principal, `${MODEL}.delete`, rolesOf(person))
      const endedSessions = await identity.people.remove(connection, person.id)
      report.change(
        changed('name', person.name, null),
        changed('email', person.email, null),
        changed('is_active', String(person.isActive), null),
        ...differing([
          changed('roles', rolesText(person), null),
          changed('attributes', attributesText(person), null),
        ]),
        ...(person.hasPassword ? [secret('password')] : []),
        ...(person.hasSecondFactor ? [secret('second_factor')] : []),
      )
      report.detail({ endedSessions })
      report.count({ affected: 1 })
      return null
    },
  })
}

function effectsOn(person: Person, sessions: number, comesBack: boolean): readonly Effect[] {
  const effects: Effect[] = []
  const add = (count: number, sentence: string): void => {
    if (count > 0) effects.push({ kind: 'deleted', count, sentence })
  }
  add(sessions, sessions === 1 ? 'One session ends.' : `${sessions} sessions end.`)
  add(person.roles.length, `They lose their roles: ${rolesOf(person).join(', ')}.`)
  add(person.hasPassword ? 1 : 0, 'Their password is removed, and every link to set one stops working.')
  add(person.hasSecondFactor ? 1 : 0, 'Their passkeys, authenticator app and recovery codes are removed.')
  add(comesBack ? 1 : 0, 'Their record in the application stays: they come back, anew, if they sign in.')
  return effects
}
