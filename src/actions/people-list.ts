/** Reading people: their records as the policy shows them, and what each of them holds. */

import { type Action, defineAction, type RunContext } from '../gate/action.ts'
import { listAction } from '../gate/record/list.ts'
import { type ReadInput, readAction } from '../gate/record/read.ts'
import type { ListInput } from '../gate/records.ts'
import type { PeopleList, PersonRead, Standing } from '../gate/standing.ts'
import type { Identity, PersonStanding } from '../identity/identity.ts'
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
          standing: await standingsOf(
            identity,
            context,
            found.records.flatMap(({ key }) => key ?? []),
          ),
        }
      },
    }),
    defineAction<ReadInput, PersonRead>({
      ...read,
      async run(input, context) {
        const found = await read.run(input, context)
        const key = found.record.key ?? ''
        const standings = await standingsOf(identity, context, [key])
        return {
          ...found,
          standing: standings[key] ?? NOTHING,
          grantable: grantableRoles(policy, context.principal.subject.roles),
        }
      },
    }),
  ] as readonly Action[]
}

const NOTHING: Standing = { roles: [], hasSecondFactor: false, hasPassword: false, waitingSince: null }

/** Of those people alone, however many there are. */
async function standingsOf(
  identity: Identity,
  { connection }: RunContext,
  ids: readonly string[],
): Promise<Readonly<Record<string, Standing>>> {
  const standings = await identity.people.standings(connection, ids)
  return Object.fromEntries(Array.from(standings, ([id, one]) => [id, standing(one)]))
}

function standing({ waitingSince, ...held }: PersonStanding): Standing {
  return { ...held, waitingSince: waitingSince === null ? null : new Date(waitingSince).toISOString() }
}
