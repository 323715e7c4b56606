/**
 * Sessions: reading them like any other records, and ending one, or all of the person it belongs to.
 * The very next request with one that was ended is refused.
 */

import { z } from 'zod'
import { AdminError } from '../errors.ts'
import { type Action, defineAction, type RunContext, type Several } from '../gate/action.ts'
import type { Plan } from '../gate/outcome.ts'
import { listAction } from '../gate/record/list.ts'
import { readAction } from '../gate/record/read.ts'
import type { Target } from '../gate/records.ts'
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
      several: severalEnded(identity),
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

/** Whoever ends several, their own among them, goes on with the one they ask from. */
function severalEnded({ sessions }: ActionParts['identity']): Several<Record<string, never>> {
  const others = ({ targets, principal }: RunContext): readonly Target[] =>
    targets.filter(({ encodedKey }) => encodedKey !== principal.sessionId)
  return {
    kind: 'session.end',
    shows: () => ['person_id', 'address'],
    async plan(_input, context): Promise<Plan> {
      const ended = others(context)
      const isOneKept = ended.length < context.targets.length
      const people = new Set(ended.map(({ view }) => view.values['person_id']))
      const sentence = `End ${counted(ended.length, 'session', 'sessions')} of ${counted(people.size, 'person', 'people')}.`
      return {
        sentence: isOneKept ? `${ended.length === 0 ? 'None ends.' : sentence} ${KEPT}` : sentence,
        effects: [],
        changes: [],
        selected: { count: ended.length, titles: ended.slice(0, NAMED).map(nameOf) },
      }
    },
    async run(_input, context) {
      let ended = 0
      for (const target of others(context)) {
        const isLive = await sessions.end(
          context.connection,
          target.encodedKey,
          `by ${context.principal.name}`,
        )
        if (isLive) ended += 1
        context.report.changeOf(target, [])
      }
      return told(context, ended)
    },
  }
}

const KEPT = 'The one that you ask from goes on.'
/** So many are named in a plan. */
const NAMED = 5

function counted(count: number, one: string, other: string): string {
  return `${count} ${count === 1 ? one : other}`
}

/** "Ana Duarte, 203.0.113.7" */
function nameOf({ view }: Target): string {
  const address = view.values['address']
  const parts = [view.related['person']?.title, typeof address === 'string' ? address : null]
  return parts.filter((part) => typeof part === 'string').join(', ') || view.title
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
