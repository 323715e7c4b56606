/**
 * Putting records back as they were: after one event with all that belongs to
 * it, after everything a session did, or as one record was at some event.
 *
 * It is planned first, and what has changed since is left alone unless whoever
 * asks says otherwise. Each record is then changed by the very action that they
 * would do it by themselves: found, granted, decided, obliged and recorded as such.
 *
 * @see docs/decisions/0052-undoing-is-asking-again.md
 */

import { z } from 'zod'
import { type Changes, changesOfEvent, changesOfSession, changesSince } from '../../audit/undoable.ts'
import { AdminError } from '../../errors.ts'
import { type Action, type Beside, defineAction, type RunContext } from '../../gate/action.ts'
import type { Reverted } from '../../gate/reverted.ts'
import { MOST_AT_ONCE, MOST_WITHOUT_RIGHT } from '../../gate/scope.ts'
import { EVERYTHING } from '../../model/predicate.ts'
import { NO_OBLIGATIONS } from '../../policy/obligation.ts'
import { BULK } from '../../policy/verbs.ts'
import { readInput } from '../input.ts'
import type { ActionParts } from '../parts.ts'
import { type Assessed, assess, PUTTING_BACK } from './assess.ts'
import { type Net, netChanges, takenBy } from './net.ts'
import { type Undoing, undoingOf } from './plan.ts'

/** One event and all that belongs to it; everything of a session; or one record as it was after an event. */
export type RevertInput = (
  | { readonly event: string }
  | { readonly session: string; readonly principal: string }
  | { readonly record: string; readonly version: string }
) & {
  /** Of what has changed since: it stays as it is, or is put back all the same. */
  readonly conflicts: 'leave' | 'overwrite'
}

const eventId = z.string().regex(/^[0-9a-f]{32}$/, 'must be the id of an event: 32 hex digits')
const conflicts = z.enum(['leave', 'overwrite']).default('leave')

const Input: z.ZodType<RevertInput> = z.union([
  z.strictObject({ event: eventId, conflicts }),
  z.strictObject({
    session: z.string().regex(/^[0-9a-f]{64}$/, 'must be the hash of a session: 64 hex digits'),
    principal: z.string().min(1).max(500),
    conflicts,
  }),
  z.strictObject({ record: z.string().min(1).max(2000), version: eventId, conflicts }),
])

type RevertParts = Pick<ActionParts, 'audit'>

export function revertAction(parts: RevertParts): Action<RevertInput, Reverted> {
  return defineAction<RevertInput, Reverted>({
    verb: 'revert',
    model: '*',
    label: 'Undo',
    on: 'model',
    access: 'write',
    kind: 'record.revert',
    obligations: { ...NO_OBLIGATIONS, confirm: true },
    appliesTo: ({ key }) => key !== null,
    nests: () => true,
    parse: (raw, { model }) => readInput(`${model.name}.revert`, Input, raw),
    plan: async (input, context) => (await undoing(parts, input, context)).plan,
    async run(input, context) {
      const { calls, undone, left, impossible } = await undoing(parts, input, context)
      if (undone === 0) throw nothingLeft(context)
      mustHaveRight(context, calls)
      for (const call of calls) await context.nested(call)
      context.report.count({ matched: undone + left + impossible, affected: undone })
      context.report.detail(detailsOf(input))
      return { undone, left, impossible }
    },
  })
}

async function undoing(parts: RevertParts, input: RevertInput, context: RunContext): Promise<Undoing> {
  const found = await changes(parts, input, context)
  const all = await assessed(parts, found, context)
  // of what is out of reach nothing is said, not even that it is there
  if (all.length === 0 && found.events.length > 0) throw noEvent(nameOf(input))
  const taken = found.wholes.map(takenBy)
  return undoingOf(all, { isOverwriting: input.conflicts === 'overwrite', taken }, context)
}

async function assessed(
  parts: RevertParts,
  { events, isMore }: Changes,
  context: RunContext,
): Promise<readonly Assessed[]> {
  const here = new Map([...context.models].filter(([, { source }]) => source === context.model.source))
  const nets = netChanges(events, here, await parts.audit.unsealed(context.connection, events))
  if (isMore || nets.length > MOST_AT_ONCE) throw tooMany(context)
  const there = await loaded(context, nets)
  const known = nets.filter((net) => there.has(placeOf(net)) || readsAll(context, net))
  const found = known.map((net) => assess(net, there.get(placeOf(net)), context.grant))
  return fitting(context, found)
}

/** @throws AdminError `not-found`, in the same words for an event that is not there and one that is none of this model's. */
async function changes({ audit }: RevertParts, input: RevertInput, context: RunContext): Promise<Changes> {
  const { connection, model } = context
  const limit = MOST_AT_ONCE
  if ('session' in input) {
    const { session, principal } = input
    return changesOfSession(connection, { session, principal, limit })
  }
  if ('version' in input) {
    const since = await changesSince(connection, {
      model: model.name,
      key: input.record,
      event: input.version,
      limit,
    })
    if (!since) throw noEvent(input.version)
    return since
  }
  const found = await audit.find(input.event)
  if (!found || found.event.target?.model !== model.name) throw noEvent(input.event)
  return changesOfEvent(connection, found.event)
}

async function loaded(context: RunContext, nets: readonly Net[]): Promise<ReadonlyMap<string, Beside>> {
  const there = new Map<string, Beside>()
  for (const [model, of] of Map.groupBy(nets, (net) => net.model)) {
    const keys = of.map(({ key }) => key)
    const found = await context.beside(model.name, keys, PUTTING_BACK)
    for (const [key, beside] of found) there.set(`${model.name} ${key}`, beside)
  }
  return there
}

/** Whoever reads only some of the records can't be told of one that it is gone: it may be one of the others. */
function readsAll({ grant }: RunContext, { model }: Net): boolean {
  return grant.access(`${model.name}.read`).scope === EVERYTHING
}

function placeOf({ model, key }: Net): string {
  return `${model.name} ${key}`
}

/** What the application does not take any more, or not from them, is found before anything is done. */
async function fitting(context: RunContext, all: readonly Assessed[]): Promise<readonly Assessed[]> {
  const known = new Map<string, string | null>()
  const fitted: Assessed[] = []
  for (const one of all) {
    const refusal = await refusalOfSteps(context, one, known)
    fitted.push(refusal === null ? one : { ...one, steps: [], changes: [], conflicts: [], left: [], refusal })
  }
  return fitted
}

/** @param known What was found out of the same change of another record. */
async function refusalOfSteps(
  context: RunContext,
  { net, steps }: Assessed,
  known: Map<string, string | null>,
): Promise<string | null> {
  for (const { model, verb, key, values, also } of steps) {
    const isNew = verb === 'create'
    const name = isNew ? placeOf(net) : JSON.stringify([model, verb, values])
    const input = verb === 'update' || isNew ? { values } : null
    const call = { model, verb, input, ...(key !== null && { key }), ...(isNew && { also }) }
    const before = known.get(name)
    const refusal = before === undefined ? await refusalOf(context, call) : before
    known.set(name, refusal)
    if (refusal !== null) return refusal
  }
  return null
}

async function refusalOf(
  context: RunContext,
  call: Parameters<RunContext['begun']>[0],
): Promise<string | null> {
  try {
    await context.begun(call)
    return null
  } catch (error) {
    if (!(error instanceof AdminError) || error.code === 'internal') throw error
    const problems = Object.entries(error.fields ?? {}).map(([name, found]) => `${name} ${found.join(', ')}`)
    return problems.length > 0 ? problems.join('; ') : error.message
  }
}

/** More than 100 records at once take the right to do it to many, as they do without undoing. */
function mustHaveRight({ grant, model: own }: RunContext, calls: Undoing['calls']): void {
  for (const { model, verb, keys = [] } of calls) {
    const many = `${model}.${BULK}${verb}`
    if (keys.length <= MOST_WITHOUT_RIGHT || grant.access(many).isPossible) continue
    throw new AdminError(
      'denied',
      `${own.name}.revert refused: more than ${MOST_WITHOUT_RIGHT} records at once take the right to ${many}, which no rule gives you.`,
    )
  }
}

function detailsOf(input: RevertInput): Readonly<Record<string, string>> {
  if ('session' in input) return { undoesSession: input.session }
  return 'version' in input ? { restores: input.version, record: input.record } : { undoes: input.event }
}

function nameOf(input: RevertInput): string {
  if ('session' in input) return input.session
  return 'version' in input ? input.version : input.event
}

function noEvent(id: string): AdminError {
  return new AdminError('not-found', `No event "${id}".`)
}

function nothingLeft({ model }: RunContext): AdminError {
  return new AdminError('conflict', `${model.name}.revert: nothing of it is left to be undone.`)
}

function tooMany({ model }: RunContext): AdminError {
  return new AdminError(
    'too-large',
    `${model.name}.revert: it changed more than ${MOST_AT_ONCE.toLocaleString('en-US')} records, which is the most for one action. Undo its parts one by one.`,
  )
}
