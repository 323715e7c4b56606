/** `castellan token list`: the services that hold a token. */

import type { TokenList } from '../../gate/standing.ts'
import { asSystem, everyPage } from './act.ts'
import { type Command, EXIT } from './command.ts'
import { WHERE } from './installation.ts'
import { instantText, tableOf, textOf } from './table.ts'

interface Listed {
  readonly id: string | null
  readonly name: string
  readonly roles: readonly string[]
  readonly actions: readonly string[] | null
  readonly expiresAt: string | null
  readonly revokedAt: string | null
  readonly lastUsedAt: string | null
}

export const tokenList: Command = {
  name: 'token list',
  summary: 'List the service tokens.',
  description: 'One line a token; the tokens themselves are stored nowhere.',
  options: { json: { help: 'Print JSON.' }, ...WHERE },
  async run(given, workshop) {
    const pages = await asSystem(tokenList, given, workshop, (act) =>
      everyPage<TokenList>(act, 'castellan.tokens.list'),
    )
    const tokens = pages.flatMap(tokensOf)
    const now = new Date(workshop.clock()).toISOString()
    const rows = tokens.map((token) => [
      token.name,
      token.roles.join(','),
      token.actions?.join(',') ?? 'all of the roles',
      stateOf(token, now),
      instantText(token.lastUsedAt),
    ])
    const heading = ['NAME', 'ROLES', 'ACTIONS', 'STATE', 'LAST USED']
    workshop.terminal.print(given.has('json') ? JSON.stringify(tokens) : tableOf([heading, ...rows]))
    return EXIT.done
  },
}

function tokensOf({ records, roles }: TokenList): readonly Listed[] {
  return records.map(({ key, values }) => ({
    id: key,
    name: textOf(values['name']) ?? '',
    roles: roles[key ?? ''] ?? [],
    actions: patternsOf(textOf(values['actions'])),
    expiresAt: textOf(values['expires_at']),
    revokedAt: textOf(values['revoked_at']),
    lastUsedAt: textOf(values['last_used_at']),
  }))
}

function patternsOf(json: string | null): readonly string[] | null {
  const parsed: unknown = json === null ? null : JSON.parse(json)
  return Array.isArray(parsed) ? parsed.map(String) : null
}

/** Instants are RFC 3339 in UTC, so they compare as text. */
function stateOf({ revokedAt, expiresAt }: Listed, now: string): string {
  if (revokedAt !== null) return `revoked ${instantText(revokedAt)}`
  if (expiresAt === null) return 'live'
  return `${expiresAt <= now ? 'expired' : 'live until'} ${instantText(expiresAt)}`
}
