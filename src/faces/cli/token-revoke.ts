/** `castellan token revoke`: ends a service token; its next request is refused. */

import { asSystem } from './act.ts'
import { type Command, EXIT } from './command.ts'
import { needed } from './given.ts'
import { WHERE } from './installation.ts'

export const tokenRevoke: Command = {
  name: 'token revoke',
  summary: 'Revoke a service token.',
  description: 'The next request with it is refused, in every process.',
  options: { name: { value: 'NAME', help: 'The name or the id of the token.' }, ...WHERE },
  async run(given, workshop) {
    const name = needed(given, 'name', 'NAME')
    await asSystem(tokenRevoke, given, workshop, (act) => act('castellan.tokens.revoke', { token: name }))
    workshop.terminal.tell(`The token "${name}" is revoked.`)
    return EXIT.done
  },
}
