/**
 * Agents, which act for people: making one for oneself, shown once, and revoking
 * one. Nobody makes one for somebody else, and no agent and no service makes any.
 */

import { z } from 'zod'
import { AdminError } from '../errors.ts'
import { type Action, defineAction } from '../gate/action.ts'
import { listAction } from '../gate/record/list.ts'
import type { NewAgentResult } from '../gate/standing.ts'
import type { Principal } from '../identity/principal.ts'
import { readInput } from './input.ts'
import type { ActionParts } from './parts.ts'
import { changed, secret } from './person.ts'

const MODEL = 'castellan.agents'
const DAY_MS = 86_400_000

const NewAgent = z.strictObject({
  name: z.string(),
  actions: z.array(z.string()),
  days: z.number({ error: 'must be a number of days' }).int('must be a whole number of days'),
})
const Nothing = z.strictObject({})

export function agentActions(parts: ActionParts): readonly Action[] {
  return [listAction(MODEL, 'agent.list'), create(parts), revoke(parts)] as readonly Action[]
}

function create({ identity }: ActionParts): Action<z.infer<typeof NewAgent>, NewAgentResult> {
  return defineAction<z.infer<typeof NewAgent>, NewAgentResult>({
    verb: 'create',
    model: MODEL,
    label: 'Make an agent',
    on: 'model',
    access: 'write',
    kind: 'agent.create',
    parse: (raw) => readInput(`${MODEL}.create`, NewAgent, raw),
    async run({ name, actions, days }, { connection, principal, report, now, afterCommit }) {
      const expiresAt = now + days * DAY_MS
      const made = await atDays(() =>
        identity.agents.create(connection, personBehind(principal), { name, actions, expiresAt }),
      )
      report.target(made.id, name.trim())
      report.change(
        changed('name', null, name.trim()),
        changed('actions', null, actions.join(', ')),
        changed('expires_at', null, new Date(expiresAt).toISOString()),
        secret('token'),
      )
      report.count({ affected: 1 })
      afterCommit(async () => identity.letters.announce())
      return { ...made, expiresAt: new Date(expiresAt).toISOString() }
    },
  })
}

/** @throws AdminError `denied` for whoever is no person in a session. */
function personBehind({ subject, sessionId }: Principal): string {
  if (subject.kind === 'person' && sessionId !== null) return subject.id
  throw new AdminError('denied', `${MODEL}.create refused: only people make agents, each for themselves.`)
}

/** What is wrong with the instant is wrong with the number of days that was typed. */
async function atDays<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof AdminError) || !error.fields?.['expiresAt']) throw error
    const { expiresAt, ...others } = error.fields
    throw new AdminError(error.code, error.message.replace('expiresAt', 'days'), {
      fields: { ...others, days: expiresAt },
      cause: error,
    })
  }
}

function revoke({ identity }: ActionParts): Action<Record<string, never>, null> {
  return defineAction<Record<string, never>, null>({
    verb: 'revoke',
    model: MODEL,
    label: 'Revoke',
    on: 'record',
    access: 'write',
    kind: 'agent.revoke',
    parse: (raw) => readInput(`${MODEL}.revoke`, Nothing, raw),
    async run(_input, { connection, target, report, now }) {
      const id = target?.encodedKey ?? ''
      if (!(await identity.agents.revoke(connection, id))) {
        throw new AdminError('conflict', 'This agent was revoked already.')
      }
      report.change(changed('revoked_at', null, new Date(now).toISOString()))
      report.count({ affected: 1 })
      return null
    },
  })
}
