/**
 * How a call begins: its action is found, what the policy grants and the hooks
 * leave of it is asked, and its input is parsed, with nothing of any record known.
 */

import type { EventDraft } from '../audit/event.ts'
import { AdminError } from '../errors.ts'
import type { Model } from '../model/model.ts'
import { isAllowed } from '../model/refined.ts'
import type { Access, Decision } from '../policy/policy.ts'
import type { Action, ParseContext } from './action.ts'
import type { Attempt } from './attempt.ts'
import type { Call } from './call.ts'
import { createGrant, type Grant, narrowed } from './grant.ts'
import { type Asked, type Asking, askHooks, hasHooks, prepareValues, refusedBy } from './hooks.ts'
import type { Parts, Source } from './parts.ts'

/** Everything that stays the same from the first step of a call to the last. */
export interface Performance extends ParseContext {
  readonly parts: Parts
  readonly call: Call
  readonly action: Action
  readonly source: Source
  readonly input: unknown
  /** The part of the input that its caller answers for. */
  readonly typed: unknown
  readonly attempt: Attempt
  readonly asking: Asking
  readonly now: number
  readonly afterCommit: (() => Promise<void>)[]
  /** Fields of the target that `run` wrote without its input naming them. */
  readonly written: Set<string>
  /** The events of what was done within it, where they can't commit with the change. */
  readonly withinDrafts: WithinDraft[]
  /** Confirmations that were used up apart from the transaction: a transaction that is run again finds them here. */
  readonly usedUp: Set<string>
}
/** An event of what was done within another call, and those of its records, which name it. */
export interface WithinDraft {
  readonly draft: EventDraft
  records(event: string): readonly EventDraft[]
}

/** The action of that full name, where its model has it. */
export function find(parts: Parts, name: string): { model: Model | null; action: Action | null } {
  const model = parts.models.get(modelNameOf(name)) ?? null
  if (!model) return { model, action: null }
  const verb = name.slice(model.name.length + 1)
  const isOwn = model.name.startsWith('castellan.')
  const action = parts.actions.find(
    (one) =>
      one.verb === verb &&
      (one.model === model.name || (one.model === '*' && !isOwn)) &&
      (one.appliesTo?.(model) ?? true) &&
      isAllowed(model, verb),
  )
  return { model, action: action ?? null }
}

export function modelNameOf(action: string): string {
  return action.slice(0, Math.max(0, action.lastIndexOf('.')))
}

export function unknownAction(name: string): AdminError {
  return new AdminError('not-found', `There is no action "${name}".`)
}

/**
 * Finds out what the policy grants at all and what of it the application leaves, and parses the input, with
 * nothing of any record known.
 */
export async function begin(
  parts: Parts,
  call: Call,
  model: Model,
  action: Action,
  attempt: Attempt,
  now: number,
): Promise<Performance> {
  const source = parts.sources.get(model.source)
  if (!source) throw new TypeError(`The model ${model.name} has no data source ${model.source}.`)
  const granted = createGrant(parts.policy, call.principal, {
    now,
    address: call.origin.address,
    networks: parts.networksOf(call.origin.address),
    assurance: call.principal.authentication.assurance,
  })
  const access = granted.access(call.action)
  attempt.rules = access.rules
  if (!access.isPossible) {
    // A model of which nothing may be read may not be known of either.
    const isKnown = ['list', 'read'].some((verb) => granted.access(`${model.name}.${verb}`).isPossible)
    throw isKnown ? denied(call.action, granted.decide(call.action, null)) : unknownAction(call.action)
  }
  const asking = { principal: call.principal, origin: call.origin, now }
  const narrowing = await askHooks(parts, asking, reachedFrom(parts, model))
  const refusal = narrowing.refusal(call.action)
  if (refusal) throw refusedBy(call.action, refusal)
  const grant = narrowed(granted, (name) => narrowing.refusal(name) !== null)
  mustNameItsRecords(call, action)
  const parsing = parsingFor(parts, call, model, access, grant, asking)
  const input = await action.parse(call.input, parsing)
  const typed = action.typed ? action.typed(input, model) : input
  return {
    ...parsing,
    parts,
    call,
    action,
    source,
    input,
    typed,
    attempt,
    asking,
    now,
    ...nothingYet(),
  }
}

export function parsingFor(
  parts: Parts,
  call: Call,
  model: Model,
  access: Access,
  grant: Grant,
  asking: Asking,
): ParseContext {
  return {
    model,
    models: parts.models,
    principal: call.principal,
    access,
    grant,
    prepare: (verb, values) => prepareValues(asking, model, { verb, key: call.key ?? null }, values),
  }
}

/**
 * The models whose hooks have a say in a call: its own, and those that its records lead to. The log speaks of
 * all of them.
 */
function reachedFrom({ models }: Parts, model: Model): readonly Asked[] {
  const reached =
    model.name === 'castellan.audit'
      ? [...models.values()]
      : model.relations.flatMap(({ target }) => models.get(target) ?? [])
  const others = new Set(reached.filter((other) => other !== model && hasHooks(other)))
  return [{ model, isWhole: true }, ...[...others].map((other) => ({ model: other, isWhole: false }))]
}

/** An action of the application on no record takes none; what is done to several is told which, and to one which one. */
function mustNameItsRecords({ action: name, key, selection }: Call, action: Action): void {
  const refused = (field: string, problem: string): AdminError =>
    new AdminError('invalid-input', `${name}: check ${field}.`, { fields: { [field]: [problem] } })
  const member = selection?.kind === 'matching' ? 'scope' : 'keys'
  if (action.on === 'records') {
    if (!selection) throw refused('keys', 'is needed: the keys of the records, or a "scope" of their list')
    if (key !== undefined) throw refused('key', 'must be left out beside the keys')
    return
  }
  if (action.own && action.on === 'model' && key !== undefined) {
    throw refused('key', 'must be left out: the action is not about one record')
  }
  if (!selection) return
  if (!action.several) throw refused(member, 'must be left out: the action is not done to several records')
  if (key !== undefined) throw refused('key', `must be left out beside "${member}"`)
}

function nothingYet(): Pick<Performance, 'afterCommit' | 'written' | 'withinDrafts' | 'usedUp'> {
  return { afterCommit: [], written: new Set(), withinDrafts: [], usedUp: new Set() }
}

export function denied(action: string, decision: Decision): AdminError {
  const reason = decision.effect === 'deny' ? decision.reason : 'no rule permits it'
  return new AdminError('denied', `${action} refused: ${reason}.`, { rules: decision.rules })
}
