/**
 * Letting people set their own password: inviting somebody, having them choose
 * a new one, and turning away who registered. Whoever does it never learns a
 * password; a link is answered once, or sent to its person alone.
 */

import { z } from 'zod'
import { type Action, defineAction } from '../gate/action.ts'
import type { InvitedResult } from '../gate/standing.ts'
import { mustBeAnother, mustGrant, mustHold } from './granting.ts'
import { readInput } from './input.ts'
import type { ActionParts } from './parts.ts'
import { Attributes, attributesText, changed, personOf, Role, rolesOf, rolesText, secret } from './person.ts'

const MODEL = 'castellan.people'

const By = z.enum(['mail', 'link'], { error: 'must be "mail" or "link"' })
const Invitation = z.strictObject({
  name: z.string(),
  email: z.string(),
  roles: z.array(Role).default([]),
  attributes: Attributes.default({}),
  by: By.default('link'),
})
const Renewal = z.strictObject({ by: By.default('link') })
const Nothing = z.strictObject({})

export function inviting(parts: ActionParts): readonly Action[] {
  return [invite(parts), renewPassword(parts), reject(parts)] as readonly Action[]
}

function invite({ identity, policy }: ActionParts): Action<z.infer<typeof Invitation>, InvitedResult> {
  return defineAction<z.infer<typeof Invitation>, InvitedResult>({
    verb: 'invite',
    model: MODEL,
    label: 'Invite a person',
    on: 'model',
    access: 'write',
    kind: 'person.invite',
    parse: (raw) => readInput(`${MODEL}.invite`, Invitation, raw),
    async run({ by, ...input }, { connection, principal, report, afterCommit }) {
      mustGrant(policy, principal, `${MODEL}.invite`, { given: input.roles, held: [], field: 'roles' })
      const made = await identity.people.invite(connection, input, { by, giver: principal.name })
      const person = await identity.people.find(connection, made.id)
      if (!person) throw new TypeError('A person who was just invited is not there.')
      report.target(person.id, person.name)
      report.change(
        changed('name', null, person.name),
        changed('email', null, person.email),
        changed('is_active', null, String(person.isActive)),
        changed('roles', null, rolesText(person)),
        changed('attributes', null, attributesText(person)),
      )
      report.detail({ by })
      report.count({ affected: 1 })
      afterCommit(async () => identity.letters.announce())
      return told(made)
    },
  })
}

function renewPassword({ identity, policy }: ActionParts): Action<z.infer<typeof Renewal>, InvitedResult> {
  return defineAction<z.infer<typeof Renewal>, InvitedResult>({
    verb: 'renew-password',
    model: MODEL,
    label: 'New password',
    on: 'record',
    access: 'write',
    kind: 'person.renew-password',
    parse: (raw) => readInput(`${MODEL}.renew-password`, Renewal, raw),
    async plan(_input, context) {
      const { name } = await personOf(identity, context)
      return {
        sentence: `Remove the password of ${name}, end every session of theirs, and have them choose another.`,
        effects: [],
        changes: [],
      }
    },
    async run({ by }, context) {
      const { connection, principal, report, afterCommit } = context
      const person = await personOf(identity, context)
      mustBeAnother(principal, `${MODEL}.renew-password`, person.id, 'password here, but on the profile')
      // whoever holds the link can be that person, so far as no second factor keeps them out
      mustHold(policy, principal, `${MODEL}.renew-password`, rolesOf(person))
      const way = { by, giver: principal.name }
      const made = await identity.people.renewPassword(connection, person.id, way)
      report.change(secret('password'))
      report.detail({ by })
      report.count({ affected: 1 })
      afterCommit(async () => identity.letters.announce())
      return told({ id: person.id, ...made })
    },
  })
}

function reject({ identity }: ActionParts): Action<Record<string, never>, null> {
  return defineAction<Record<string, never>, null>({
    verb: 'reject',
    model: MODEL,
    label: 'Turn away',
    on: 'record',
    access: 'write',
    kind: 'person.reject',
    parse: (raw) => readInput(`${MODEL}.reject`, Nothing, raw),
    async plan(_input, context) {
      const { name } = await personOf(identity, context)
      return { sentence: `Turn ${name} away, and forget that they asked.`, effects: [], changes: [] }
    },
    async run(_input, context) {
      const person = await personOf(identity, context)
      await identity.people.reject(context.connection, person.id)
      context.report.change(changed('email', person.email, null))
      context.report.count({ affected: 1 })
      return null
    },
  })
}

type Made = Awaited<ReturnType<ActionParts['identity']['people']['invite']>>

const PATHS = { invitation: '/invitation', password: '/reset-password' } as const

function told({ id, token, purpose, expiresAt }: Made): InvitedResult {
  const link = token === null ? null : `${PATHS[purpose]}?token=${encodeURIComponent(token)}`
  return { id, link, expiresAt: new Date(expiresAt).toISOString() }
}
