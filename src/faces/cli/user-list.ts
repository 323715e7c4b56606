/** `castellan user list`: who may sign in. */

import type { Person } from '../../identity/identity.ts'
import { act } from './act.ts'
import { type Command, EXIT } from './command.ts'
import { WHERE } from './installation.ts'
import { instantText, tableOf } from './table.ts'

export const userList: Command = {
  name: 'user list',
  summary: 'List the people.',
  description: 'One line a person: e-mail, name, roles, second factor, when last seen.',
  options: { json: { help: 'Print JSON.' }, ...WHERE },
  async run(given, workshop) {
    const people = await act<readonly Person[]>(userList, given, workshop, {
      action: 'castellan.people.list',
      input: {},
    })
    const rows = people.map((person) => [
      person.email,
      person.name,
      person.roles.map(({ role }) => role).join(','),
      person.isActive ? 'active' : 'deactivated',
      person.hasSecondFactor ? 'yes' : 'no',
      instantText(person.lastSeenAt),
    ])
    const heading = ['EMAIL', 'NAME', 'ROLES', 'STATE', 'SECOND FACTOR', 'LAST SEEN']
    workshop.terminal.print(given.has('json') ? JSON.stringify(people) : tableOf([heading, ...rows]))
    return EXIT.done
  },
}
