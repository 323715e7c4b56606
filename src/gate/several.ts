/**
 * The step of a call on several records: all of them are found and locked in
 * the order of their keys, each is decided on as it is in the transaction, what
 * the rules oblige to is asked once for the whole, and one that is refused or
 * gone leaves all of them as they were.
 *
 * @see docs/decisions/0036-several-records-at-once.md
 */

import { createHash } from 'node:crypto'
import { AdminError } from '../errors.ts'
import { decodeKey, encodeKey } from '../model/key.ts'
import { type Key, keyOf, type Model, type Values } from '../model/model.ts'
import { EVERYTHING } from '../model/predicate.ts'
import { NO_OBLIGATIONS, stricter } from '../policy/obligation.ts'
import type { Decision, Obligations, Resource } from '../policy/policy.ts'
import { BULK } from '../policy/verbs.ts'
import type { Several } from './action.ts'
import { denied, type Performance } from './begin.ts'
import type { Selection } from './call.ts'
import { chunksOf } from './chunk.ts'
import { meetObligations } from './evidence.ts'
import { keysMatching } from './gateway.ts'
import { refusalOn, refusedBy } from './hooks.ts'
import { parseListInput, shapeOf } from './record/list.ts'
import type { Target } from './records.ts'
import {
  type Allowed,
  contextFor,
  gatewayOptions,
  mustGrantWritten,
  obligedFor,
  type Running,
} from './running.ts'
import { MOST_AT_ONCE, MOST_WITHOUT_RIGHT, openScope } from './scope.ts'
import { loadTargets } from './targets.ts'
import { mergedLooks, resourcesOf } from './view.ts'

export async function stepOfSeveral(running: Running, selection: Selection): Promise<unknown> {
  const { performance, reader, transaction } = running
  const { typed, input, attempt } = performance
  const several = severalOf(performance)
  const isLocked = transaction !== null
  const chosen = await chosenKeys(running, selection)
  mustBeFew(performance, chosen.keys.length)
  const verbs = verbsFor(performance, chosen.keys.length)
  const looksAt = mergedLooks(verbs.map((name) => performance.grant.access(name).looksAt))
  const shows = several.shows ? several.shows(typed) : null
  const targets = await loadTargets({ ...performance, looksAt, shows }, reader, chosen.keys, isLocked)
  await chosen.mustStillBe(targets)
  attempt.counts = { matched: targets.length }

  const before = decideOnEach(
    performance,
    verbs,
    targets.map(({ resource, view }) => ({ resource, title: view.title })),
  )
  attempt.rules = rulesOf(before)
  mustGrantWritten(performance, before)
  const obliged = obligedFor(running, digestOf(targets))
  const context = contextFor(running, obliged, { target: null, targets })
  await mustBePermittedOnEach(performance, targets, (keys) => context.records.storedMany(keys))
  // within another call what was planned, shown and confirmed is the whole of that
  if (!running.within) obliged.plan = await several.plan(typed, context)
  await meetObligations(obliged, together(several.obligations, before))
  const result = await several.run(input, context)
  if (!transaction) return result
  const after = await decideOnEachAfter(running, verbs, targets)
  mustGrantWritten(performance, after)
  attempt.rules = [...new Set([...attempt.rules, ...rulesOf(after)])]
  await meetObligations(obliged, together(several.obligations, after))
  return result
}

interface OfSeveral extends Omit<Several, 'kind' | 'shows'> {
  /** Absent: everything that may be read. */
  readonly shows?: Several['shows']
  readonly obligations: Obligations
}

/** What is built in is shown with its count before it is done; an action of the application says itself whether it is. */
function severalOf({ action, call }: Performance): OfSeveral {
  const own = action.obligations ?? NO_OBLIGATIONS
  if (action.several) return { ...action.several, obligations: { ...own, confirm: true } }
  if (action.on !== 'records') throw new TypeError(`${call.action} is not done to several records.`)
  return {
    plan: async (input, context) =>
      (await action.plan?.(input, context)) ?? { sentence: `${action.label}.`, effects: [], changes: [] },
    run: (input, context) => action.run(input, context),
    obligations: own,
  }
}

interface Chosen {
  /** As in addresses, in one order for everybody. */
  readonly keys: readonly string[]
  /** Once they are locked. @throws AdminError `conflict` where the list shows others by now. */
  mustStillBe(targets: readonly Target[]): Promise<void>
}

async function chosenKeys(running: Running, selection: Selection): Promise<Chosen> {
  if (selection.kind === 'keys') {
    return { keys: [...new Set(selection.keys)].sort(), mustStillBe: async () => {} }
  }
  const { performance } = running
  const { parts, call, model, action, grant, now, attempt } = performance
  const of = { model: model.name, verb: action.verb, principal: call.principal }
  const { list, count } = openScope(parts.identity, of, selection.scope, now)
  const access = grant.access(`${model.name}.list`)
  const input = parseListInput(list, { ...performance, access })
  attempt.details = {
    ...attempt.details,
    ...(input.search && { search: input.search }),
    ...(input.filters.length > 0 && {
      filter: input.filters.map(shapeOf).join(' '),
    }),
    ...(input.trash === 'only' && { trash: 'only' }),
  }
  const find = async (): Promise<readonly string[]> => {
    const keys = await keysMatching(gatewayOptions(running), input, MOST_AT_ONCE)
    return keys.map((key) => encodeKey(model, key)).sort()
  }
  const keys = await find()
  mustBeAsMany(performance, count, keys.length)
  return {
    keys,
    // those that were waited for may have been changed by whoever held them
    async mustStillBe() {
      const now = await find()
      mustBeAsMany(performance, count, now.length)
      if (now.some((key, index) => key !== keys[index])) throw moved(performance)
    },
  }
}

function mustBeAsMany({ model, call }: Performance, count: number, found: number): void {
  if (found === count || found > MOST_AT_ONCE) return
  const many = model.labelPlural.toLowerCase()
  const now =
    found === 0 ? 'none does now' : `${found.toLocaleString('en-US')} ${found === 1 ? 'does' : 'do'} now`
  throw new AdminError(
    'conflict',
    `${call.action}: ${count.toLocaleString('en-US')} of the ${many} matched when they were chosen, and ${now}. Nothing was done; look at the list and choose again.`,
  )
}

function moved({ model, call }: Performance): AdminError {
  return new AdminError(
    'conflict',
    `${call.action}: other ${model.labelPlural.toLowerCase()} match by now than when they were chosen. Nothing was done; look at the list and choose again.`,
  )
}

function mustBeFew({ call, model }: Performance, count: number): void {
  const problem =
    count === 0
      ? 'names no records'
      : `names more than ${MOST_AT_ONCE.toLocaleString('en-US')} ${model.labelPlural.toLowerCase()}, which is the most for one action; choose fewer`
  if (count > 0 && count <= MOST_AT_ONCE) return
  const name = call.selection?.kind === 'matching' ? 'scope' : 'keys'
  throw new AdminError('invalid-input', `${call.action}: the selection ${problem}.`, {
    fields: { [name]: [problem] },
  })
}

/** What each record is decided on: the action itself, and for many the right to do it to many. */
function verbsFor({ call, model, action, grant }: Performance, count: number): readonly string[] {
  if (count <= MOST_WITHOUT_RIGHT) return [call.action]
  const many = `${model.name}.${BULK}${action.verb}`
  if (grant.access(many).isPossible) return [call.action, many]
  throw new AdminError(
    'denied',
    `${call.action} refused: more than ${MOST_WITHOUT_RIGHT} records at once take the right to ${many}, which no rule gives you. Choose fewer.`,
  )
}

/** All of them, or none: the refusal says of how many, and names those that its reader can see. */
function decideOnEach(
  performance: Performance,
  verbs: readonly string[],
  targets: readonly { readonly resource: Resource; readonly title: string }[],
): readonly Allowed[] {
  const { grant } = performance
  const allowed: Allowed[] = []
  const refused: { readonly title: string; readonly decision: Decision; readonly verb: string }[] = []
  for (const { resource, title } of targets) {
    const decisions = verbs.map((verb) => ({ verb, decision: grant.decide(verb, resource) }))
    const no = decisions.find(({ decision }) => decision.effect === 'deny')
    if (no) refused.push({ title, ...no })
    else allowed.push(...decisions.flatMap(({ decision }) => (decision.effect === 'allow' ? [decision] : [])))
  }
  const [first] = refused
  if (!first) return allowed
  if (targets.length === 1) throw denied(first.verb, first.decision)
  throw refusedOn(
    performance,
    refused.map(({ title }) => title),
    targets.length,
    first,
  )
}

/** So many are named. */
const NAMED = 5

function refusedOn(
  { model }: Performance,
  titles: readonly string[],
  count: number,
  { verb, decision }: { readonly verb: string; readonly decision: Decision },
): AdminError {
  const named = titles.slice(0, NAMED).join(', ')
  const more = titles.length > NAMED ? ` and ${titles.length - NAMED} more` : ''
  const reason = decision.effect === 'deny' ? decision.reason : 'no rule permits it'
  return new AdminError(
    'denied',
    `${verb} refused on ${titles.length} of ${count} ${model.labelPlural.toLowerCase()}: ${reason}. Nothing was done. Leave out ${named}${more}.`,
    { rules: decision.rules },
  )
}

async function mustBePermittedOnEach(
  { parts, call, action, model, asking }: Performance,
  targets: readonly Target[],
  read: (keys: readonly Key[]) => Promise<readonly Values[]>,
): Promise<void> {
  // read once, and only where a hook wants to know
  let stored: Promise<readonly Values[]> | null = null
  const record = async (index: number): Promise<Values> => {
    stored ??= read(targets.map(({ key }) => key))
    return (await stored)[index] ?? {}
  }
  const refusals = await Promise.all(
    targets.map((_, index) => refusalOn(parts, asking, model, action.verb, () => record(index))),
  )
  const refusal = refusals.find((one) => one !== null)
  if (refusal) throw refusedBy(call.action, refusal)
}

/** The records as they now are must still be those that the policy lets this principal do this to. */
async function decideOnEachAfter(
  { performance, reader }: Running,
  verbs: readonly string[],
  targets: readonly Target[],
): Promise<readonly Allowed[]> {
  const { parts, model, grant, attempt } = performance
  const looksAt = mergedLooks(verbs.map((name) => grant.access(name).looksAt))
  const titles = new Map<string, string>()
  for (const { encodedKey, view } of targets) {
    titles.set(attempt.records.get(encodedKey)?.key ?? encodedKey, view.title)
  }
  const match = model.key ?? []
  const fields = [...new Set([...match, ...looksAt.fields])]
  const keys = [...titles.keys()].flatMap((text) => {
    const key = decodeKey(model, text)
    return key ? [key] : []
  })
  const now: { readonly resource: Resource; readonly title: string }[] = []
  for (const chunk of chunksOf(keys)) {
    const rows = await reader.getMany({
      model,
      models: parts.models,
      scope: EVERYTHING,
      match,
      keys: chunk,
      fields,
      limit: chunk.length,
    })
    const resources = await resourcesOf({ reader, models: parts.models, grant }, model, looksAt, rows)
    for (const resource of resources) {
      now.push({ resource, title: titles.get(encodedIn(model, resource.values)) ?? '' })
    }
  }
  return decideOnEach(performance, verbs, now)
}

function encodedIn(model: Model, values: Values): string {
  return encodeKey(model, keyOf(model, values) ?? [])
}

/** What is confirmed for these records is confirmed for no others. */
function digestOf(targets: readonly Target[]): string {
  const keys = JSON.stringify(targets.map(({ encodedKey }) => encodedKey))
  return createHash('sha256').update(keys).digest('hex')
}

function rulesOf(decisions: readonly Allowed[]): readonly string[] {
  return [...new Set(decisions.flatMap(({ rules }) => rules))]
}

/** Asked once for the whole: the strictest of what any of the records obliges to. */
function together(
  own: Obligations,
  decisions: readonly Allowed[],
): { readonly obligations: Obligations; readonly rules: readonly string[] } {
  // the same rules oblige to the same, however many records they hold for
  const different = new Map(decisions.map(({ rules, obligations }) => [rules.join(' '), obligations]))
  return { obligations: [...different.values()].reduce(stricter, own), rules: rulesOf(decisions) }
}
