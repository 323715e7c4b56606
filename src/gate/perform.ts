/**
 * The one path: find action → parse input → open transaction → load target →
 * decide → obligations → run → check the new record → append event → commit.
 *
 * A change and its event commit together. A refusal, a failure or an unmet
 * obligation rolls back; then its event commits alone before the answer leaves.
 * There is no flag that skips a step.
 */

import type { Reader, Transaction } from '../data/data-source.ts'
import type { Connection } from '../database/database.ts'
import { isOutcomeUnknown } from '../database/outcome.ts'
import { AdminError } from '../errors.ts'
import { decodeKey } from '../model/key.ts'
import type { Values } from '../model/model.ts'
import { EVERYTHING } from '../model/predicate.ts'
import type { BegunCall, NestedCall } from './action.ts'
import {
  beginAttempt,
  doneDraft,
  endingDraft,
  recordDrafts,
  rewind,
  severityOf,
  startedDraft,
} from './attempt.ts'
import { begin, denied, find, modelNameOf, type Performance, unknownAction } from './begin.ts'
import type { Call } from './call.ts'
import { askToConfirm, meetObligations, type Obliged, planOf, Unconfirmed, Unmet } from './evidence.ts'
import type { Outcome } from './outcome.ts'
import type { Parts } from './parts.ts'
import type { RecordInput } from './record/input.ts'
import { createRecord } from './record/write.ts'
import {
  type Allowed,
  contextFor,
  mustBePermittedOn,
  mustGrantWritten,
  obligedFor,
  type Running,
  withOwn,
} from './running.ts'
import { stepOfSeveral } from './several.ts'
import { loadTarget } from './target.ts'
import { resourcesOf } from './view.ts'

/**
 * Performs one call, or says what is needed first.
 * @throws AdminError of every code that `run`, the policy or the data source has.
 */
export async function perform(parts: Parts, call: Call): Promise<Outcome> {
  const { model, action } = find(parts, call.action)
  const attempt = beginAttempt(call, action, model?.name ?? modelNameOf(call.action), parts.policy.version)
  const now = parts.clock()
  let finish: Finish
  try {
    if (!model || !action) throw unknownAction(call.action)
    const performance = await begin(parts, call, model, action, attempt, now)
    finish = action.access === 'read' ? await read(performance) : await write(performance)
  } catch (error) {
    // it may stand after all: with no end to its beginning the log says so
    if (attempt.startedEvent !== null && isOutcomeUnknown(error)) throw error
    // what was done is rolled back; the attempt is recorded on its own, or nobody gets an answer
    await parts.audit.appendAlone(endingDraft(attempt, error))
    if (!(error instanceof Unmet)) throw error
    return error instanceof Unconfirmed ? askToConfirm(parts, error.wanted, now) : error.next
  }
  // From here on the change stands: what fails now is a fault, and no attempt that failed.
  return await finish()
}

/** What is left to do once the attempt is over. */
type Finish = () => Promise<Outcome>

async function read(performance: Performance): Promise<Finish> {
  const { parts, call, action, source, attempt, input, access } = performance
  if (action.changesElsewhere) attempt.startedEvent = await parts.audit.appendAlone(startedDraft(attempt))
  const begun = { rules: attempt.rules, target: attempt.target }
  const result = await source.dataSource.read(
    (reader) => {
      startOver(performance, begun)
      return step(performance, reader, null, source.sharesStore ? reader.connection : parts.store.now)
    },
    {
      ...(isShown(performance) && { timeoutMs: SHOWN_WITHIN_MS }),
      ...(call.signal && { signal: call.signal }),
      ...(action.isLoose?.(input, access) && { snapshot: 'each' }),
    },
  )
  const draft = doneDraft(attempt)
  const event = action.isFolded
    ? await parts.audit.appendRead(
        draft,
        `${draft.action}\n${attempt.target?.key ?? ''}\n${action.sameness?.(input) ?? ''}`,
      )
    : await parts.audit.appendAlone(draft)
  return () => finished(performance, result, event)
}

/** Longer than this nobody looks at a page that does not come; the database is told to stop. */
const SHOWN_WITHIN_MS = 10_000

/** Records of the application that somebody waits to see; what its own actions and the log compute may take longer. */
function isShown({ action, model }: Performance): boolean {
  return action.own === undefined && !model.name.startsWith('castellan.')
}

async function write(performance: Performance): Promise<Finish> {
  const { parts, source, attempt } = performance
  if (!source.sharesStore) return writeElsewhere(performance)
  const { result, event } = await transacted(performance, async (transaction) => {
    const result = await step(performance, transaction, transaction, transaction.connection)
    const event = await parts.audit.append(transaction.connection, doneDraft(attempt))
    await parts.audit.appendAll(transaction.connection, recordDrafts(attempt, event))
    return { result, event }
  })
  return () => finished(performance, result, event)
}

/**
 * The record that is changed is locked as it is loaded, so nothing stricter is needed for the application's own;
 * Castellan's people and sessions change under rules that span records. The database may run it again from its start.
 */
function transacted<T>(performance: Performance, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  const { model, source, attempt } = performance
  const begun = { rules: attempt.rules, target: attempt.target }
  return source.dataSource.transaction(
    (transaction) => {
      startOver(performance, begun)
      return work(transaction)
    },
    { isolation: model.name.startsWith('castellan.') ? 'serializable' : 'read-committed' },
  )
}

/** Nothing of a run that the database did not let end is kept. */
function startOver(
  { attempt, afterCommit, withinDrafts, written }: Performance,
  begun: Pick<Performance['attempt'], 'rules' | 'target'>,
): void {
  rewind(attempt, begun)
  afterCommit.length = 0
  withinDrafts.length = 0
  written.clear()
}

/** Two databases cannot commit as one: `started` before, `done` after; a `started` alone means outcome unknown. */
async function writeElsewhere(performance: Performance): Promise<Finish> {
  const { parts, attempt } = performance
  attempt.startedEvent = await parts.audit.appendAlone(startedDraft(attempt))
  const result = await transacted(performance, (transaction) =>
    step(performance, transaction, transaction, parts.store.now),
  )
  return async () => {
    return finished(performance, result, await recordDone(performance))
  }
}

/** @throws AdminError `internal` when the store can't be written: the change stands, and the log does not say so. */
async function recordDone({ parts, call, attempt, withinDrafts }: Performance): Promise<string> {
  try {
    for (const { draft, records } of withinDrafts) {
      const within = await parts.audit.appendAlone(draft)
      await parts.audit.appendAllAlone(records(within))
    }
    const event = await parts.audit.appendAlone(doneDraft(attempt))
    await parts.audit.appendAllAlone(recordDrafts(attempt, event))
    return event
  } catch (error) {
    throw new AdminError(
      'internal',
      `${call.action} is done, and could not be recorded: the log shows its outcome as unknown.`,
      { cause: error },
    )
  }
}

async function finished(performance: Performance, result: unknown, event: string | null): Promise<Outcome> {
  if (event !== null && severityOf(performance.attempt) === 'high')
    await performance.parts.audit.sealed(event)
  for (const work of performance.afterCommit) await work()
  return { kind: 'done', result, event: event === null ? null : { id: event } }
}

/** What happens inside the transaction: load, decide, obligations, run, post-image. */
async function step(
  performance: Performance,
  reader: Reader,
  transaction: Transaction | null,
  connection: Connection,
  within: Obliged | null = null,
): Promise<unknown> {
  const { call, action, grant, typed, attempt } = performance
  const running: Running = { performance, reader, transaction, connection, within, begun }
  if (call.selection) return stepOfSeveral(running, call.selection)
  const target = action.on === 'record' ? await loadTarget(performance, reader, transaction !== null) : null
  const decision = grant.decide(call.action, target?.resource ?? null)
  if (decision.effect === 'deny') throw denied(call.action, decision)
  attempt.rules = decision.rules

  const obliged = obligedFor(running, call.key ?? null)
  const context = contextFor(running, obliged, { target, targets: [] })
  if (target) {
    mustGrantWritten(performance, [decision])
    await mustBePermittedOn(performance, () => context.records.stored(target.key))
  }
  // Made before anything changes: an obligation that only the new record has is asked with the same plan.
  if (!within && mayAskToConfirm(performance)) obliged.plan = await planOf(action, typed, context)
  await meetObligations(obliged, withOwn(action, decision))
  const result = await action.run(performance.input, context)
  const after = transaction && (await decideOnPostImage(performance, transaction))
  if (after) await meetObligations(obliged, withOwn(action, after))
  return result
}

/** What is done within it may be what the rules of other models ask a confirmation for. */
function mayAskToConfirm({ access, action, input }: Performance): boolean {
  const asksItself = action.own !== undefined || action.obligations?.confirm === true
  return access.mayAskToConfirm || asksItself || (action.nests?.(input) ?? false)
}

/** @param within What the whole call has to bring: nothing that is asked of a part of it is left out. */
async function begun(
  outer: Performance,
  { model: modelName, verb, key, keys, ifVersion, input, also, told }: NestedCall,
  reader: Reader,
  transaction: Transaction | null,
  within: Obliged,
): Promise<BegunCall> {
  const { parts, call, now } = outer
  const name = `${modelName}.${verb}`
  const { model, action } = find(parts, name)
  if (model && (model.source !== outer.model.source || model.name.startsWith('castellan.'))) {
    throw new TypeError(`${call.action} reaches ${name}, which is not in the same database.`)
  }
  const { key: _, ifVersion: __, selection: ___, ...asked } = call
  const innerCall: Call = {
    ...asked,
    action: name,
    input,
    ...(key !== undefined && { key }),
    ...(keys && { selection: { kind: 'keys' as const, keys } }),
    ...(ifVersion !== undefined && { ifVersion }),
  }
  const attempt = beginAttempt(innerCall, action, modelName, parts.policy.version, told)
  if (!model || !action) throw unknownAction(name)
  const asBegun = await begin(parts, innerCall, model, action, attempt, now)
  const inner = also ? withAlso(asBegun, also) : asBegun
  const writing = action.access === 'write' ? transaction : null
  if (action.access === 'write' && !writing) throw new TypeError(`${call.action} may not change anything.`)
  return { done: () => doneWithin(outer, inner, reader, writing, within) }
}

/** What nobody types stands beside what was parsed, and is no part of what the caller answers for. */
function withAlso(performance: Performance, also: Values): Performance {
  if (performance.action !== createRecord) throw new TypeError('Only a new record gets more than is typed.')
  // what `createRecord` has parsed
  const input = performance.input as RecordInput
  return { ...performance, input: { ...input, values: { ...also, ...input.values } } }
}

async function doneWithin(
  outer: Performance,
  inner: Performance,
  reader: Reader,
  writing: Transaction | null,
  within: Obliged,
): Promise<unknown> {
  const result = await step(inner, reader, writing, within.connection, within)
  outer.afterCommit.push(...inner.afterCommit)
  if (!writing) return result
  const draft = doneDraft(inner.attempt)
  const withinKey = outer.attempt.target?.key ?? null
  const details = {
    ...draft.details,
    ...inner.attempt.told(inner.attempt.target?.key ?? null),
    within: outer.call.action,
    ...(withinKey !== null && { withinKey }),
  }
  const told = { ...draft, details }
  if (within.isTransaction) {
    const event = await outer.parts.audit.append(within.connection, told)
    await outer.parts.audit.appendAll(within.connection, recordDrafts(inner.attempt, event))
  } else {
    const records = (event: string) => recordDrafts(inner.attempt, event)
    outer.withinDrafts.push(...inner.withinDrafts, { draft: told, records })
  }
  return result
}

/** The record as it now is must still be one that the policy lets this principal do this to; null when it is gone. */
async function decideOnPostImage(
  performance: Performance,
  transaction: Transaction,
): Promise<Allowed | null> {
  const { parts, call, model, grant, access, attempt } = performance
  const encodedKey = attempt.target?.key
  if (!encodedKey) return mustNeedNoRecord(performance)
  const key = decodeKey(model, encodedKey)
  if (!key) return null
  const fields = [...new Set([...(model.key ?? []), ...access.looksAt.fields])]
  const values = await transaction.get({ model, models: parts.models, scope: EVERYTHING, key, fields })
  if (!values) return null
  const [resource] = await resourcesOf(
    { reader: transaction, models: parts.models, grant },
    model,
    access.looksAt,
    [values],
  )
  const decision = grant.decide(call.action, resource ?? null)
  if (decision.effect === 'deny') throw denied(call.action, decision)
  mustGrantWritten(performance, [decision])
  attempt.rules = [...new Set([...attempt.rules, ...decision.rules])]
  return decision
}

/** A record without a key cannot be found again, so no rule that depends on the record can be held to. */
function mustNeedNoRecord({ call, model, action, access }: Performance): null {
  const isSame = access.fieldsEverywhere.size === access.fieldsSomewhere.size
  if (action.verb !== 'create' || model.key !== null || (access.scope === EVERYTHING && isSame)) return null
  throw new AdminError(
    'denied',
    `${call.action} refused: ${model.labelPlural.toLowerCase()} have no key, so the conditions of its rules cannot be checked.`,
    { rules: access.rules },
  )
}
