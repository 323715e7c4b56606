/**
 * Sessions: reading them like any other records, and ending one, or all of the person it belongs to.
 * The very next request with one that was ended is refused.
 */

import { z } from 'zod'
import { AdminError } from '../errors.ts'
import { type Action, defineAction, type RunContext } from '../gate/action.ts'
import { listAction } from '../gate/record/list.ts'
import { readAction } from '../gate/record/read.ts'
import type { Session } from '../identity/identity.ts'
import { readInput } from './input.ts'
import type { ActionParts } from './parts.ts'

const MODEL = 'castellan.sessions'
const Nothing = z.strictObject({})

export interface EndedSessions {
  readonly ended: number
}

export function sessionActions({ identity }: ActionParts): readonly Action[] {
  return [
    listAction(MODEL, 'session.list'),
    readAction(MODEL, 'session.list'),
    defineAction<Record<string, never>, EndedSessions>({
      verb: 'end',
      model: MODEL,
      label: 'End the session',
      on: 'record',
      access: 'write',
      kind: 'session.end',
      parse: (raw) => readInput(`${MODEL}.end`, Nothing, raw),
      async run(_input, context) {
        const key = keyOf(context)
        const isLive = await identity.sessions.end(context.connection, key, `by ${context.principal.name}`)
        return told(context, isLive ? 1 : 0)
      },
    }),
    defineAction<Record<string, never>, EndedSessions>({
      verb: 'end-all',
      model: MODEL,
      label: 'End all sessions of this person',
      on: 'record',
      access: 'write',
      kind: 'session.end',
      parse: (raw) => readInput(`${MODEL}.end-all`, Nothing, raw),
      async run(_input, context) {
        const { connection, principal } = context
        const session = await sessionOf(identity, context)
        // Whoever ends their own goes on with the one they ask from.
        const except = session.personId === principal.subject.id ? principal.sessionId : null
        const ended = await identity.sessions.endAll(
          connection,
          session.personId,
          `by ${principal.name}`,
          except,
        )
        return told(context, ended)
      },
    }),
  ] as readonly Action[]
}

function told({ report }: RunContext, ended: number): EndedSessions {
  report.count({ affected: ended })
  report.detail({ ended })
  return { ended }
}

function keyOf({ target }: RunContext): string {
  if (!target) throw new TypeError('Ending a session needs one.')
  return target.encodedKey
}

async function sessionOf(identity: ActionParts['identity'], context: RunContext): Promise<Session> {
  const key = keyOf(context)
  const session = (await identity.sessions.list(context.connection, null)).find(({ id }) => id === key)
  if (!session) throw new AdminError('not-found', 'That session is not there any more.')
  return session
}
