/**
 * What one principal does to people: adding, changing, activating, and giving
 * and taking roles. Identity does it in the gate's transaction; here stands
 * what may be asked and what the audit event says.
 */

import { z } from 'zod'
import type { Change } from '../audit/event.ts'
import { AdminError } from '../errors.ts'
import { type Action, defineAction, type RunContext } from '../gate/action.ts'
import type { Person, PersonInput } from '../identity/identity.ts'
import { mustBeAnother, mustGrant, mustHold } from './granting.ts'
import { Expiry, readInput } from './input.ts'
import type { ActionParts } from './parts.ts'
import { peopleReading } from './people-list.ts'

const MODEL = 'castellan.people'

const Attributes = z.record(z.string(), z.string())
const Role = z.string().min(1, 'must name a role')

const NewPerson = z.strictObject({
  name: z.string(),
  email: z.string(),
  roles: z.array(Role).default([]),
  attributes: Attributes.default({}),
  password: z.string().optional(),
  withTotp: z.boolean().default(false),
})
const ChangedPerson = z.strictObject({ name: z.string().optional(), attributes: Attributes.optional() })
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
    update(parts),
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
    parse(raw) {
      const { password, ...input } = readInput(`${MODEL}.create`, NewPerson, raw)
      return { ...input, ...(password !== undefined && { password }) }
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

interface PersonChange {
  readonly name?: string
  readonly attributes?: Readonly<Record<string, string>>
}

function update({ identity }: ActionParts): Action<PersonChange, null> {
  return defineAction<PersonChange, null>({
    verb: 'update',
    model: MODEL,
    label: 'Change',
    on: 'record',
    access: 'write',
    kind: 'person.update',
    parse(raw) {
      const { name, attributes } = readInput(`${MODEL}.update`, ChangedPerson, raw)
      return { ...(name !== undefined && { name }), ...(attributes && { attributes }) }
    },
    writes: (input) => Object.keys(input),
    async run(input, context) {
      const { connection, principal, report } = context
      const before = await personOf(identity, context)
      // Attributes say which records someone's rules reach, as roles do.
      if (input.attributes) mustBeAnother(principal, `${MODEL}.update`, before.id, 'attributes')
      await identity.people.update(connection, before.id, input)
      const after = await personOf(identity, context)
      report.target(after.id, after.name)
      report.change(
        ...differing([
          changed('name', before.name, after.name),
          changed('attributes', attributesText(before), attributesText(after)),
        ]),
      )
      report.count({ affected: 1 })
      return null
    },
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
        return null
      },
    })
  return [
    action(
      'activate',
      'Activate',
      ({ name }) => `Let ${name} sign in again.`,
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

async function personOf(
  identity: ActionParts['identity'],
  { connection, target }: RunContext,
): Promise<Person> {
  const person = target && (await identity.people.find(connection, target.encodedKey))
  if (!person) throw new AdminError('not-found', 'That person is not there any more.')
  return person
}

function notHeld(role: string): AdminError {
  return new AdminError('invalid-input', `${MODEL}.revoke-role: check role.`, {
    fields: { role: [`"${role}" is no role of this person`] },
  })
}

function by(name: string): string {
  return `by ${name}`
}

function until(expiresAt: number | null): string {
  return expiresAt === null ? '' : ` until ${new Date(expiresAt).toISOString()}`
}

function rolesOf(person: Person): readonly string[] {
  return person.roles.map(({ role }) => role)
}

function rolesText(person: Person): string | null {
  const texts = person.roles.map(({ role, expiresAt }) => `${role}${until(expiresAt)}`)
  return texts.length > 0 ? texts.join(', ') : null
}

function attributesText({ attributes }: Person): string | null {
  const names = Object.keys(attributes).sort()
  return names.length > 0 ? names.map((name) => `${name}: ${attributes[name]}`).join(', ') : null
}

function changed(field: string, before: string | null, after: string | null): Change {
  return { field, sensitivity: 'internal', before, after }
}

function secret(field: string): Change {
  return { field, sensitivity: 'secret', before: null, after: null }
}

function differing(changes: readonly Change[]): readonly Change[] {
  return changes.filter(({ before, after }) => before !== after)
}
