/** `castellan token list`: the services that hold a token. */

import type { ServiceToken } from '../../identity/identity.ts'
import { act } from './act.ts'
import { type Command, EXIT } from './command.ts'
import { WHERE } from './installation.ts'
import { instantText, tableOf } from './table.ts'

export const tokenList: Command = {
  name: 'token list',
  summary: 'List the service tokens.',
  description: 'One line a token; the tokens themselves are stored nowhere.',
  options: { json: { help: 'Print JSON.' }, ...WHERE },
  async run(given, workshop) {
    const tokens = await act<readonly ServiceToken[]>(tokenList, given, workshop, {
      action: 'castellan.tokens.list',
      input: {},
    })
    const rows = tokens.map((token) => [
      token.name,
      token.roles.join(','),
      token.actions?.join(',') ?? 'all of the roles',
      stateOf(token, workshop.clock()),
      instantText(token.lastUsedAt),
    ])
    const heading = ['NAME', 'ROLES', 'ACTIONS', 'STATE', 'LAST USED']
    workshop.terminal.print(given.has('json') ? JSON.stringify(tokens) : tableOf([heading, ...rows]))
    return EXIT.done
  },
}

function stateOf({ revokedAt, expiresAt }: ServiceToken, now: number): string {
  if (revokedAt !== null) return `revoked ${instantText(revokedAt)}`
  if (expiresAt !== null && expiresAt <= now) return `expired ${instantText(expiresAt)}`
  return expiresAt === null ? 'live' : `live until ${instantText(expiresAt)}`
}
