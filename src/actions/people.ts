/**
 * What one principal does to people: adding, activating, and giving and taking
 * roles. Identity does it in the gate's transaction; here stands
 * what may be asked and what the audit event says.
 */

import { z } from 'zod'
import type { Change } from '../audit/event.ts'
import { AdminError } from '../errors.ts'
import { type Action, defineAction, type RunContext } from '../gate/action.ts'
import type { Person, PersonInput } from '../identity/identity.ts'
import type { Principal } from '../identity/principal.ts'
import { changing } from './changing.ts'
import { mustBeAnother, mustGrant, mustHold } from './granting.ts'
import { Expiry, readInput } from './input.ts'
import { inviting } from './inviting.ts'
import type { ActionParts } from './parts.ts'
import { peopleReading } from './people-list.ts'
import {
  Attributes,
  attributesText,
  by,
  changed,
  differing,
  personOf,
  Role,
  rolesOf,
  rolesText,
  secret,
  until,
} from './person.ts'

const MODEL = 'castellan.people'

const NewPerson = z.strictObject({
  name: z.string(),
  email: z.string(),
  roles: z.array(Role).default([]),
  attributes: Attributes.default({}),
  password: z.string().optional(),
  withTotp: z.boolean().default(false),
})
const Nothing = z.strictObject({})
const GivenRole = z.strictObject({ role: Role, expiresAt: Expiry })
const TakenRole = z.strictObject({ role: Role })

export interface NewPersonResult {
  readonly id: string
  /** `otpauth://…`, shown once; null unless it was asked for. */
  readonly totpUri: string | null
}

export function peopleActions(parts: ActionParts): readonly Action[] {
  return [
    ...peopleReading(parts),
    create(parts),
    ...inviting(parts),
    ...changing(parts),
    ...switching(parts),
    ...roles(parts),
  ] as readonly Action[]
}

function create({ identity, policy }: ActionParts): Action<PersonInput, NewPersonResult> {
  return defineAction<PersonInput, NewPersonResult>({
    verb: 'create',
    model: MODEL,
    label: 'Add a person',
    on: 'model',
    access: 'write',
    kind: 'person.create',
    async parse(raw, { principal }) {
      const { password, ...input } = readInput(`${MODEL}.create`, NewPerson, raw)
      mustNotChoose(principal, { password, withTotp: input.withTotp })
      if (password === undefined) return input
      // here, since a look-up among leaked ones may take its time and a transaction must not
      const problems = await identity.passwordProblems(password, input)
      if (problems.length > 0) {
        throw new AdminError('invalid-input', `${MODEL}.create: check password.`, {
          fields: { password: problems },
        })
      }
      return { ...input, password }
    },
    async run(input, { connection, principal, report }) {
      mustGrant(policy, principal, `${MODEL}.create`, { given: input.roles, held: [], field: 'roles' })
      const made = await identity.people.create(connection, input)
      const person = await identity.people.find(connection, made.id)
      if (!person) throw new TypeError('A person who was just added is not there.')
      report.target(person.id, person.name)
      report.change(
        changed('name', null, person.name),
        changed('email', null, person.email),
        changed('is_active', null, String(person.isActive)),
        changed('roles', null, rolesText(person)),
        changed('attributes', null, attributesText(person)),
        ...(input.password === undefined ? [] : [secret('password')]),
        ...(made.totpUri === null ? [] : [secret('totp')]),
      )
      report.count({ affected: 1 })
      return made
    },
  })
}

/**
 * Nobody knows what somebody else signs in with: a person is invited and chooses it. The system may, for the first one
 * of an installation without a browser; and it reads the password from whoever types it.
 */
function mustNotChoose(
  { subject }: Principal,
  { password, withTotp }: { readonly password: string | undefined; readonly withTotp: boolean },
): void {
  if (subject.kind === 'system') return
  const fields = {
    ...(password !== undefined && { password: ['is chosen by the person alone: invite them'] }),
    ...(withTotp && { withTotp: ['is set up by the person alone: invite them'] }),
  }
  if (Object.keys(fields).length === 0) return
  throw new AdminError('invalid-input', `${MODEL}.create: nobody chooses what somebody else signs in with.`, {
    fields,
  })
}

/** The actions that let someone in or keep them out. */
function switching({ identity, policy }: ActionParts): readonly Action<Record<string, never>, null>[] {
  const action = (
    verb: 'activate' | 'deactivate' | 'reset-credentials',
    label: string,
    sentence: (person: Person) => string,
    run: (context: RunContext, person: Person) => Promise<readonly Change[]>,
  ) =>
    defineAction<Record<string, never>, null>({
      verb,
      model: MODEL,
      label,
      on: 'record',
      access: 'write',
      kind: `person.${verb}`,
      parse: (raw) => readInput(`${MODEL}.${verb}`, Nothing, raw),
      async plan(_input, context) {
        return { sentence: sentence(await personOf(identity, context)), effects: [], changes: [] }
      },
      async run(_input, context) {
        const person = await personOf(identity, context)
        // Letting someone back in gives them their roles anew; keeping them out gives nobody anything.
        if (verb !== 'deactivate') mustHold(policy, context.principal, `${MODEL}.${verb}`, rolesOf(person))
        context.report.change(...(await run(context, person)))
        context.report.count({ affected: 1 })
        context.afterCommit(async () => identity.letters.announce())
        return null
      },
    })
  return [
    action(
      'activate',
      'Activate',
      ({ name, waitingSince }) => `Let ${name} sign in${waitingSince === null ? ' again' : ''}.`,
      async ({ connection, principal }, person) => {
        await identity.people.setActive(connection, person.id, true, by(principal.name))
        return differing([changed('is_active', String(person.isActive), 'true')])
      },
    ),
    action(
      'deactivate',
      'Deactivate',
      ({ name }) => `Keep ${name} out and end every session of theirs.`,
      async ({ connection, principal }, person) => {
        await identity.people.setActive(connection, person.id, false, by(principal.name))
        return differing([changed('is_active', String(person.isActive), 'false')])
      },
    ),
    action(
      'reset-credentials',
      'Reset second factor',
      ({ name }) => `Remove the second factor of ${name} and end every session of theirs.`,
      async ({ connection, principal }, person) => {
        await identity.people.resetSecondFactor(connection, person.id, by(principal.name))
        return [secret('totp')]
      },
    ),
  ]
}

function roles({ identity, policy }: ActionParts): readonly Action[] {
  return [
    defineAction<z.infer<typeof GivenRole>, null>({
      verb: 'grant-role',
      model: MODEL,
      label: 'Grant a role',
      on: 'record',
      access: 'write',
      kind: 'role.grant',
      parse: (raw) => readInput(`${MODEL}.grant-role`, GivenRole, raw),
      async plan(input, context) {
        const { name } = await personOf(identity, context)
        return {
          sentence: `Give ${name} the role "${input.role}"${until(input.expiresAt)}.`,
          effects: [],
          changes: [],
        }
      },
      async run({ role, expiresAt }, context) {
        const { connection, principal, report } = context
        const before = await personOf(identity, context)
        mustBeAnother(principal, `${MODEL}.grant-role`, before.id, 'roles')
        const held = rolesOf(before)
        mustGrant(policy, principal, `${MODEL}.grant-role`, { given: [role], held, field: 'role' })
        await identity.people.grantRole(connection, before.id, { role, expiresAt })
        report.change(changed('roles', rolesText(before), rolesText(await personOf(identity, context))))
        report.detail({ role })
        return null
      },
    }),
    defineAction<z.infer<typeof TakenRole>, null>({
      verb: 'revoke-role',
      model: MODEL,
      label: 'Revoke a role',
      on: 'record',
      access: 'write',
      kind: 'role.revoke',
      parse: (raw) => readInput(`${MODEL}.revoke-role`, TakenRole, raw),
      async plan(input, context) {
        const { name } = await personOf(identity, context)
        return { sentence: `Take the role "${input.role}" from ${name}.`, effects: [], changes: [] }
      },
      async run({ role }, context) {
        const { connection, principal, report } = context
        const before = await personOf(identity, context)
        mustBeAnother(principal, `${MODEL}.revoke-role`, before.id, 'roles')
        if (!rolesOf(before).includes(role)) throw notHeld(role)
        mustHold(policy, principal, `${MODEL}.revoke-role`, [role])
        await identity.people.revokeRole(connection, before.id, role)
        report.change(changed('roles', rolesText(before), rolesText(await personOf(identity, context))))
        report.detail({ role })
        return null
      },
    }),
  ] as readonly Action[]
}

function notHeld(role: string): AdminError {
  return new AdminError('invalid-input', `${MODEL}.revoke-role: check role.`, {
    fields: { role: [`"${role}" is no role of this person`] },
  })
}
