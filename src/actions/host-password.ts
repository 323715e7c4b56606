/** Setting the password of somebody else, where the application keeps people and takes new passwords. */

import { z } from 'zod'
import { AdminError } from '../errors.ts'
import { type Action, defineAction } from '../gate/action.ts'
import type { OwnResult } from '../gate/own-action.ts'
import { mustHold } from './granting.ts'
import { formOf, readOwnInput } from './own-input.ts'
import type { ActionParts } from './parts.ts'

/** The verb, on the model whose records people are. */
export const CHANGE_PASSWORD = 'change-password'

const STEP_UP_MS = 5 * 60_000

const Input = z.strictObject({
  password: z
    .string()
    .max(1024)
    .meta({ title: 'New password', description: 'At least 15 characters.', sensitivity: 'secret' }),
})

/**
 * It only reads here: the change is the application's own, outside of any transaction of ours, which would
 * hold the very record that the application is going to change.
 */
export function hostPasswordActions({ identity, policy }: ActionParts): readonly Action[] {
  const { host } = identity
  if (!host?.canChangePassword) return []
  const name = `${host.model}.${CHANGE_PASSWORD}`
  const form = formOf(Input, () => null)
  return [
    defineAction<unknown, OwnResult>({
      verb: CHANGE_PASSWORD,
      model: host.model,
      label: 'Change password',
      on: 'record',
      access: 'read',
      changesElsewhere: true,
      kind: 'identity.password',
      obligations: { confirm: false, reason: false, tickets: [], stepUpWithinMs: STEP_UP_MS, approvals: 0 },
      own: {
        ...form,
        description: 'Ends every session of theirs here.',
        icon: 'key-round',
        isDangerous: false,
        isAccessible: async () => true,
      },
      parse: (raw) => readOwnInput(name, Input, ['password'], raw),
      async run(input, { principal, target, report }) {
        if (!target) throw new TypeError(`${name} needs a record.`)
        const person = await identity.host?.personOf(target.encodedKey)
        if (person && person.id === principal.subject.id) throw ownPassword(name)
        // Whoever sets a password can be that person, so far as no second factor keeps them out.
        mustHold(policy, principal, name, (await identity.host?.rolesOf(target.encodedKey)) ?? [])
        const { password } = Input.parse(input)
        const ended = (await identity.host?.setPassword(target.encodedKey, password)) ?? 0
        report.change({ field: 'password', sensitivity: 'secret', before: null, after: null })
        report.count({ affected: 1 })
        report.detail({ endedSessions: ended })
        return { message: 'Password changed. Every session of theirs was ended.' }
      },
    }) as Action,
  ] as readonly Action[]
}

function ownPassword(name: string): AdminError {
  return new AdminError(
    'denied',
    `${name} refused: your own password is changed on your profile, with the one you have now.`,
  )
}
