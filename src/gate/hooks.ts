/**
 * The code that an application's models bring, asked by the gate.
 *
 * It narrows what the policy grants and never widens it: the policy is asked
 * first, and a hook only where it would permit. Anything but `true` refuses; so
 * do an error, a wait that takes too long, and a hook that was never asked.
 */

import type { RequestOrigin } from '../audit/event.ts'
import { timeLimit } from '../database/time-limit.ts'
import { AdminError } from '../errors.ts'
import type { Principal } from '../identity/principal.ts'
import {
  type HookContext,
  type Inaccessible,
  isOfThisHost,
  type PermissionHookName,
  type PrepareContext,
} from '../model/hook.ts'
import type { Model, Value, Values } from '../model/model.ts'
import { isAllowed } from '../model/refined.ts'
import { splitAction } from '../policy/action-pattern.ts'
import { contextOf } from './current-context.ts'
import type { Parts } from './parts.ts'

/** A hook may take this long. One inside of a transaction holds the record that it is asked about. */
const LIMIT_MS = 5_000

type HookName = 'isAccessible' | PermissionHookName

/** Which hooks narrow a verb, beside `isAccessible`, which narrows all of them. */
const HOOKS_OF: Readonly<Record<string, readonly PermissionHookName[]>> = {
  create: ['hasAddPermission'],
  import: ['hasAddPermission', 'hasChangePermission'],
  update: ['hasChangePermission'],
  revert: ['hasChangePermission'],
  delete: ['hasDeletePermission'],
  restore: ['hasDeletePermission'],
  purge: ['hasDeletePermission'],
  export: ['hasExportPermission'],
}

export interface Refusal {
  readonly model: string
  /** Null: the options of the model do not allow the action. */
  readonly hook: HookName | null
}

/** What hooks have answered for one principal, before any record is known. */
export interface Narrowing {
  /** Why an action (`orders.update`) is refused whatever the policy says; null: it is not. */
  refusal(action: string): Refusal | null
}

/** Who asks, from where and when. */
export interface Asking {
  readonly principal: Principal
  readonly origin: RequestOrigin
  readonly now: number
}

type HookParts = Pick<Parts, 'models' | 'onHookError'>

/** A model and which of its hooks are asked; `isAccessible` alone where nothing of it is done but reading. */
export interface Asked {
  readonly model: Model
  readonly isWhole: boolean
}

/** Nothing was asked yet: every action that has a hook is refused. */
export function unasked(parts: HookParts): Narrowing {
  return narrowingOf(parts, new Map())
}

/** Asks the hooks of these models, each named once, all at the same time; models without any cost nothing. */
export async function askHooks(
  parts: HookParts,
  asking: Asking,
  asked: readonly Asked[],
): Promise<Narrowing> {
  const answers = new Map<string, ReadonlySet<HookName>>()
  await Promise.all(
    asked
      .filter(({ model }) => hasHooks(model))
      .map(async ({ model, isWhole }) => {
        answers.set(model.name, new Set(await permittedBy(parts, asking, model, isWhole)))
      }),
  )
  return narrowingOf(parts, answers)
}

export function hasHooks({ refined }: Model): boolean {
  return refined !== undefined && Object.keys(refined.hooks).length > 0
}

/** The hooks that have said yes. */
async function permittedBy(
  parts: HookParts,
  asking: Asking,
  model: Model,
  isWhole: boolean,
): Promise<readonly HookName[]> {
  const hooks = model.refined?.hooks ?? {}
  const context = hookContext(asking, model)
  const isThere = hooks.isAccessible
    ? await isYes(parts, asking, model, 'isAccessible', hooks.isAccessible, context)
    : true
  if (!isThere) return []
  const names = isWhole ? declared(model) : []
  const answers = await Promise.all(
    names.map(async (name) => {
      const permission = Object.freeze({ ...context, record: null })
      const hook = hooks[name]
      return hook && (await isYes(parts, asking, model, name, hook, permission)) ? [name] : []
    }),
  )
  return ['isAccessible', ...answers.flat()]
}

function declared(model: Model): readonly PermissionHookName[] {
  const hooks = model.refined?.hooks ?? {}
  return [...new Set(Object.values(HOOKS_OF).flat())].filter((name) => hooks[name] !== undefined)
}

function narrowingOf({ models }: HookParts, answers: ReadonlyMap<string, ReadonlySet<HookName>>): Narrowing {
  return {
    refusal(action) {
      const { model: name, verb } = splitAction(action)
      const model = models.get(name)
      if (!model?.refined) return null
      if (!isAllowed(model, verb)) return { model: name, hook: null }
      const { hooks } = model.refined
      const permitted = answers.get(name)
      const hook = hooksOf(verb).find((one) => hooks[one] !== undefined && !permitted?.has(one))
      return hook ? { model: name, hook } : null
    },
  }
}

function hooksOf(verb: string): readonly HookName[] {
  return ['isAccessible', ...permissionHooksOf(verb)]
}

function permissionHooksOf(verb: string): readonly PermissionHookName[] {
  return Object.hasOwn(HOOKS_OF, verb) ? (HOOKS_OF[verb] ?? []) : []
}

/**
 * Asks once more, about one record; null where no hook refuses it.
 * @param record What is stored of it; read only where a hook wants to know.
 */
export async function refusalOn(
  parts: HookParts,
  asking: Asking,
  model: Model,
  verb: string,
  record: () => Promise<Values>,
): Promise<Refusal | null> {
  const hooks = model.refined?.hooks ?? {}
  const names = permissionHooksOf(verb).filter((name) => hooks[name] !== undefined)
  if (names.length === 0) return null
  const context = Object.freeze({ ...hookContext(asking, model), record: Object.freeze(await record()) })
  for (const name of names) {
    const hook = hooks[name]
    if (hook && !(await isYes(parts, asking, model, name, hook, context)))
      return { model: model.name, hook: name }
  }
  return null
}

/** What the application makes of values that are to be written; the same where it has no `prepare`. @throws whatever it throws. */
export async function prepareValues(
  asking: Asking,
  model: Model,
  place: Pick<PrepareContext, 'verb' | 'key'>,
  values: Values,
): Promise<unknown> {
  const prepare = model.refined?.hooks.prepare
  if (!prepare) return values
  const context = Object.freeze({ ...hookContext(asking, model), ...place })
  const prepared = await limited(`prepare of ${model.name}`, async () =>
    prepare(Object.freeze({ ...values }), context),
  )
  if (typeof prepared === 'object' && prepared !== null) return prepared
  throw new TypeError(`prepare of ${model.name} must answer the fields by name.`)
}

/** What the application starts a new record with; what fails or does not fit is left out and told. */
export async function startingValues(
  parts: HookParts,
  asking: Asking,
  model: Model,
): Promise<Readonly<Record<string, Value>>> {
  const defaults = [...(model.refined?.create.defaults ?? [])]
  const context = hookContext(asking, model)
  const found = await Promise.all(
    defaults.map(async ([name, given]): Promise<readonly [string, Value][]> => {
      if (typeof given !== 'function') return [[name, given]]
      try {
        return [[name, await limited(`The default of ${model.name}.${name}`, async () => given(context))]]
      } catch (error) {
        parts.onHookError?.(error, { requestId: asking.origin.id })
        return []
      }
    }),
  )
  return Object.fromEntries(found.flat())
}

/** What a visitor gets whom `isAccessible` refuses; null: the model does not say, or its hook failed. */
export async function inaccessibleAnswer(
  parts: HookParts,
  asking: Asking,
  model: Model,
): Promise<Inaccessible | null> {
  const hook = model.refined?.hooks.inaccessible
  if (!hook) return null
  try {
    const answer = await limited(`inaccessible of ${model.name}`, async () =>
      hook(hookContext(asking, model)),
    )
    if (answer instanceof Response || isOfThisHost(answer.redirect)) return answer
    throw new TypeError(`inaccessible of ${model.name} may send a visitor to a path of this host alone.`)
  } catch (error) {
    parts.onHookError?.(error, { requestId: asking.origin.id })
    return null
  }
}

/** Thrown where `isAccessible` refuses, so that a face may answer as the application wants. */
export class ModelInaccessible extends AdminError {
  readonly model: string

  constructor(action: string, model: string) {
    super('denied', `${action} refused: "${model}" is not accessible to you.`)
    this.model = model
  }
}

/** A refusal as it is thrown. */
export function refusedBy(action: string, { model, hook }: Refusal): AdminError {
  if (hook === 'isAccessible') return new ModelInaccessible(action, model)
  if (hook === null) return new AdminError('not-found', `There is no action "${action}".`)
  return new AdminError('denied', `${action} refused: ${hook} of "${model}" does not permit it.`)
}

function hookContext({ principal, origin, now }: Asking, model: Model): HookContext {
  return Object.freeze({ ...contextOf(principal, origin), model: model.name, now })
}

/** Anything but `true` is a no, and an error is told to whoever runs the application. */
async function isYes<Context>(
  parts: HookParts,
  { origin }: Asking,
  model: Model,
  name: HookName,
  hook: (context: Context) => boolean | Promise<boolean>,
  context: Context,
): Promise<boolean> {
  try {
    return (await limited(`${name} of ${model.name}`, async () => hook(context))) === true
  } catch (error) {
    parts.onHookError?.(error, { requestId: origin.id })
    return false
  }
}

async function limited<T>(what: string, work: () => Promise<T>): Promise<T> {
  const limit = timeLimit(what, LIMIT_MS)
  try {
    return await limit.within(work())
  } finally {
    limit.end()
  }
}
