/** `castellan token revoke`: ends a service token; its next request is refused. */

import { act } from './act.ts'
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
    await act(tokenRevoke, given, workshop, { action: 'castellan.tokens.revoke', key: name, input: {} })
    workshop.terminal.tell(`The token "${name}" is revoked.`)
    return EXIT.done
  },
}
