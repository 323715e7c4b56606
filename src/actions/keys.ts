/** Keys: which there are, moving rings on, and replacing one whose keys are not secret any more. */

import { z } from 'zod'
import { type Action, defineAction } from '../gate/action.ts'
import { listAction } from '../gate/record/list.ts'
import type { KeyPurpose, TurnedRing } from '../identity/identity.ts'
import { readInput } from './input.ts'
import type { ActionParts } from './parts.ts'

const MODEL = 'castellan.keys'

export interface RotatedKeys {
  readonly turned: readonly TurnedRing[]
}

export interface RevokedKeys extends TurnedRing {
  readonly endedSessions: number
  readonly sealedAnew: number
}

export function keyActions({ identity }: ActionParts): readonly Action[] {
  const Purpose = z.enum(identity.keys.purposes)
  const Rotation = z.strictObject({
    purposes: z.array(Purpose).min(1, 'must name at least one ring'),
    // of several processes that find a ring due at the same time, the second one finds that it is not any more
    olderThanDays: z.int().min(1).optional(),
  })
  const Revocation = z.strictObject({ purpose: Purpose })
  return [
    listAction(MODEL, 'key.list'),
    defineAction<z.infer<typeof Rotation>, RotatedKeys>({
      verb: 'rotate',
      model: MODEL,
      label: 'Rotate keys',
      on: 'model',
      access: 'write',
      kind: 'key.rotate',
      parse: (raw) => readInput(`${MODEL}.rotate`, Rotation, raw),
      async run({ purposes, olderThanDays }, { connection, report }) {
        const due =
          olderThanDays === undefined ? purposes : await identity.keys.due(connection, olderThanDays)
        const wanted = purposes.filter((purpose) => due.includes(purpose))
        const turned = await identity.keys.rotate(connection, wanted)
        report.detail(Object.fromEntries(turned.map(({ purpose, after }) => [purpose, after])))
        report.count({ affected: turned.length })
        return { turned }
      },
    }),
    defineAction<{ readonly purpose: KeyPurpose }, RevokedKeys>({
      verb: 'revoke',
      model: MODEL,
      label: 'Replace a ring of keys',
      on: 'model',
      access: 'write',
      kind: 'key.revoke',
      parse: (raw) => readInput(`${MODEL}.revoke`, Revocation, raw),
      async run({ purpose }, { connection, report }) {
        const revoked = await identity.keys.revoke(connection, purpose)
        const { before, after, endedSessions, sealedAnew } = revoked
        report.detail({ purpose, before, after, endedSessions, sealedAnew })
        report.count({ affected: 1 })
        return revoked
      },
    }),
  ] as readonly Action[]
}
