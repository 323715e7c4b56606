/** `castellan user list`: who may sign in. */

import type { PeopleList } from '../../gate/standing.ts'
import { asSystem, everyPage } from './act.ts'
import { type Command, EXIT } from './command.ts'
import { WHERE } from './installation.ts'
import { instantText, tableOf, textOf } from './table.ts'

export interface Listed {
  readonly id: string | null
  readonly email: string
  readonly name: string
  readonly roles: readonly string[]
  readonly isActive: boolean
  readonly hasSecondFactor: boolean
  readonly lastSeenAt: string | null
}

export const userList: Command = {
  name: 'user list',
  summary: 'List the people.',
  description: 'One line a person: e-mail, name, roles, state, second factor, when last seen.',
  options: { json: { help: 'Print JSON.' }, ...WHERE },
  async run(given, workshop) {
    const pages = await asSystem(userList, given, workshop, (act) =>
      everyPage<PeopleList>(act, 'castellan.people.list'),
    )
    const people = pages.flatMap(peopleOf)
    const rows = people.map((person) => [
      person.email,
      person.name,
      person.roles.join(','),
      person.isActive ? 'active' : 'deactivated',
      person.hasSecondFactor ? 'yes' : 'no',
      instantText(person.lastSeenAt),
    ])
    const heading = ['EMAIL', 'NAME', 'ROLES', 'STATE', 'SECOND FACTOR', 'LAST SEEN']
    workshop.terminal.print(given.has('json') ? JSON.stringify(people) : tableOf([heading, ...rows]))
    return EXIT.done
  },
}

export function peopleOf({ records, standing }: PeopleList): readonly Listed[] {
  return records.map(({ key, values }) => ({
    id: key,
    email: textOf(values['email']) ?? '',
    name: textOf(values['name']) ?? '',
    roles: standing[key ?? '']?.roles.map(({ role }) => role) ?? [],
    isActive: values['is_active'] === true,
    hasSecondFactor: standing[key ?? '']?.hasSecondFactor ?? false,
    lastSeenAt: textOf(values['last_seen_at']),
  }))
}
