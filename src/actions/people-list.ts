/** Reading people: their records as the policy shows them, and what each of them holds. */

import { type Action, defineAction, type RunContext } from '../gate/action.ts'
import { listAction } from '../gate/record/list.ts'
import { type ReadInput, readAction } from '../gate/record/read.ts'
import type { ListInput } from '../gate/records.ts'
import type { PeopleList, PersonRead, Standing } from '../gate/standing.ts'
import type { Identity, Person } from '../identity/identity.ts'
import { grantableRoles } from '../policy/grantable.ts'
import type { ActionParts } from './parts.ts'

const MODEL = 'castellan.people'

export function peopleReading({ identity, policy }: ActionParts): readonly Action[] {
  const list = listAction(MODEL, 'person.list')
  const read = readAction(MODEL, 'person.list')
  return [
    defineAction<ListInput, PeopleList>({
      ...list,
      async run(input, context) {
        const found = await list.run(input, context)
        return {
          ...found,
          standing: await standingOf(identity, context, new Set(found.records.map(({ key }) => key))),
        }
      },
    }),
    defineAction<ReadInput, PersonRead>({
      ...read,
      async run(input, context) {
        const found = await read.run(input, context)
        const { key } = found.record
        const standing = await standingOf(identity, context, new Set([key]))
        return {
          ...found,
          standing: standing[key ?? ''] ?? NOTHING,
          grantable: grantableRoles(policy, context.principal.subject.roles),
        }
      },
    }),
  ] as readonly Action[]
}

const NOTHING: Standing = { roles: [], hasSecondFactor: false, hasPassword: false, waitingSince: null }

async function standingOf(
  identity: Identity,
  { connection }: RunContext,
  ids: ReadonlySet<string | null>,
): Promise<Readonly<Record<string, Standing>>> {
  const people = await identity.people.list(connection)
  return Object.fromEntries(
    people.filter(({ id }) => ids.has(id)).map((person) => [person.id, standing(person)]),
  )
}

function standing({ roles, hasSecondFactor, hasPassword, waitingSince }: Person): Standing {
  const since = waitingSince === null ? null : new Date(waitingSince).toISOString()
  return { roles, hasSecondFactor, hasPassword, waitingSince: since }
}
