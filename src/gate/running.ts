/**
 * A call that has begun, inside its snapshot or transaction: what `run` is
 * handed, what the call has to bring, and what is checked for one record as for several.
 */

import type { Reader, Transaction } from '../data/data-source.ts'
import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import type { Values } from '../model/model.ts'
import { NOT_WRITABLE } from '../model/parse.ts'
import { stricter } from '../policy/obligation.ts'
import type { Decision } from '../policy/policy.ts'
import type { Action, BegunCall, NestedCall, RunContext } from './action.ts'
import { reportTo } from './attempt.ts'
import { type Performance, parsingFor } from './begin.ts'
import { recordsBeside } from './beside.ts'
import type { Obliged } from './evidence.ts'
import { createRecords, type GatewayOptions } from './gateway.ts'
import { refusalOn, refusedBy } from './hooks.ts'

export type Allowed = Extract<Decision, { effect: 'allow' }>

export interface Running {
  readonly performance: Performance
  readonly reader: Reader
  /** Null where the action only reads. */
  readonly transaction: Transaction | null
  /** Our own tables, as the call sees them. */
  readonly connection: Connection
  /** What the whole call has to bring, of which this is a part; null: this is the whole. */
  readonly within: Obliged | null
  begun(
    outer: Performance,
    inner: NestedCall,
    reader: Reader,
    transaction: Transaction | null,
    within: Obliged,
  ): Promise<BegunCall>
}

/** @param about As `Obliged.about`. */
export function obligedFor(
  { performance, transaction, connection, within }: Running,
  about: string | null,
): Obliged {
  if (within) return within
  const { parts, call, typed, now, source, usedUp } = performance
  return {
    parts,
    call,
    about,
    input: typed,
    now,
    connection,
    plan: null,
    isTransaction: transaction !== null && source.sharesStore,
    met: new Set(),
    usedUp,
  }
}

export function gatewayOptions({ performance, reader, transaction }: Running): GatewayOptions {
  const { parts, model, access, grant, asking, now } = performance
  return {
    ...parts,
    reader,
    transaction,
    model,
    access,
    grant,
    now,
    isRefusedOn: async (verb, record) => (await refusalOn(parts, asking, model, verb, record)) !== null,
  }
}

export function contextFor(
  running: Running,
  obliged: Obliged,
  about: Pick<RunContext, 'target' | 'targets'>,
): RunContext {
  const { performance, reader, transaction, connection } = running
  const { parts, call, model, grant, access, attempt, asking } = performance
  return {
    ...parsingFor(parts, call, model, access, grant, asking),
    ...about,
    origin: call.origin,
    now: performance.now,
    records: createRecords(gatewayOptions(running)),
    connection,
    report: reportTo(attempt),
    reason: call.reason ?? null,
    ticket: call.ticket ?? null,
    ownActions: parts.actions.filter((one) => one.own && one.model === model.name),
    nested: async (inner) => (await running.begun(performance, inner, reader, transaction, obliged)).done(),
    begun: (inner) => running.begun(performance, inner, reader, transaction, obliged),
    beside: (name, keys, verbs) => recordsBeside(running, name, keys, verbs),
    wrote: (fields) => {
      for (const name of fields) performance.written.add(name)
    },
    afterCommit: (work) => {
      performance.afterCommit.push(work)
    },
  }
}

/** What the application itself says of this very record. */
export async function mustBePermittedOn(
  { parts, call, action, model, asking }: Performance,
  record: () => Promise<Values>,
): Promise<void> {
  const refusal = await refusalOn(parts, asking, model, action.verb, record)
  if (refusal) throw refusedBy(call.action, refusal)
}

/** What the rules oblige to, and what the action itself does. */
export function withOwn({ obligations }: Action, decision: Allowed): Allowed {
  return obligations ? { ...decision, obligations: stricter(decision.obligations, obligations) } : decision
}

/** A field that isn't granted on each of the records is refused in the words of a field that doesn't exist. */
export function mustGrantWritten(
  { action, call, typed, written }: Performance,
  decisions: readonly Allowed[],
): void {
  const names = [...(action.writes?.(typed) ?? []), ...written]
  const refused = names.filter((name) => decisions.some(({ fields }) => !fields.has(name)))
  if (refused.length === 0) return
  const problems = Object.fromEntries(refused.map((name) => [name, [NOT_WRITABLE]]))
  throw new AdminError('invalid-input', `${call.action}: check ${refused.join(', ')}.`, { fields: problems })
}
