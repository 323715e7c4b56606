/** Service tokens: making one, shown once, and revoking one by id or name. */

import { z } from 'zod'
import { AdminError } from '../errors.ts'
import { type Action, defineAction } from '../gate/action.ts'
import { listAction } from '../gate/record/list.ts'
import type { ListInput } from '../gate/records.ts'
import type { TokenList } from '../gate/standing.ts'
import { mustGrant } from './granting.ts'
import { Expiry, readInput } from './input.ts'
import type { ActionParts } from './parts.ts'

const MODEL = 'castellan.tokens'

const NewToken = z.strictObject({
  name: z.string(),
  roles: z.array(z.string()).min(1, 'must name at least one role'),
  actions: z.array(z.string()).nullable().default(null),
  expiresAt: Expiry,
})
const RevokedToken = z.strictObject({ token: z.string().min(1, 'must be the id or the name of a token') })

type NewTokenInput = z.infer<typeof NewToken>

export interface NewTokenResult {
  readonly id: string
  /** `cst_…`, shown once and stored only as a hash. */
  readonly token: string
}

export function tokenActions({ identity, policy }: ActionParts): readonly Action[] {
  const list = listAction(MODEL, 'token.list')
  return [
    defineAction<ListInput, TokenList>({
      ...list,
      async run(input, context) {
        const found = await list.run(input, context)
        const ids = found.records.flatMap(({ key }) => key ?? [])
        const held = await identity.tokens.roles(context.connection, ids)
        return { ...found, roles: Object.fromEntries(ids.map((id) => [id, held.get(id) ?? []])) }
      },
    }),
    defineAction<NewTokenInput, NewTokenResult>({
      verb: 'create',
      model: MODEL,
      label: 'Make a service token',
      on: 'model',
      access: 'write',
      kind: 'token.create',
      parse: (raw) => readInput(`${MODEL}.create`, NewToken, raw),
      async run(input, { connection, principal, report }) {
        mustGrant(policy, principal, `${MODEL}.create`, { given: input.roles, held: [], field: 'roles' })
        const made = await identity.tokens.create(connection, input)
        report.target(made.id, input.name)
        report.change(
          { field: 'name', sensitivity: 'internal', before: null, after: input.name },
          { field: 'roles', sensitivity: 'internal', before: null, after: input.roles.join(', ') },
          {
            field: 'actions',
            sensitivity: 'internal',
            before: null,
            after: input.actions?.join(', ') ?? null,
          },
          { field: 'token', sensitivity: 'secret', before: null, after: null },
        )
        report.count({ affected: 1 })
        return made
      },
    }),
    defineAction<z.infer<typeof RevokedToken>, { readonly id: string }>({
      verb: 'revoke',
      model: MODEL,
      label: 'Revoke',
      on: 'model',
      access: 'write',
      kind: 'token.revoke',
      parse: (raw) => readInput(`${MODEL}.revoke`, RevokedToken, raw),
      async run({ token: wanted }, { connection, report, now }) {
        const token = await identity.tokens.findLive(connection, wanted)
        if (!token || !(await identity.tokens.revoke(connection, token.id))) {
          throw new AdminError('not-found', `No live service token "${wanted}".`)
        }
        report.target(token.id, token.name)
        const after = new Date(now).toISOString()
        report.change({ field: 'revoked_at', sensitivity: 'internal', before: null, after })
        report.count({ affected: 1 })
        return { id: token.id }
      },
    }),
  ] as readonly Action[]
}
