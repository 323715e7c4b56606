/** The gate as faces, jobs and watchers see it. `perform.ts` is its one path. */

import type { RequestOrigin } from '../audit/event.ts'
import type { AdminError } from '../errors.ts'
import type { Principal } from '../identity/principal.ts'
import type { Askable } from '../model/filter-place.ts'
import type { Inaccessible } from '../model/hook.ts'
import type { Model, Values } from '../model/model.ts'
import type { Policy } from '../policy/policy.ts'
import type { Action } from './action.ts'
import type { Call } from './call.ts'
import type { Outcome } from './outcome.ts'

export interface Gate {
  /** Every model by name, Castellan's own included. */
  readonly models: ReadonlyMap<string, Model>
  readonly policy: Policy
  perform(call: Call): Promise<Outcome>
  /**
   * Asks the application's hooks, once for the principal of a request: what is said below of models that have any
   * follows their answers, and refuses everything of such a model before.
   */
  settle(principal: Principal, origin: RequestOrigin): Promise<void>
  /** What the application itself refuses although the policy could permit it; null: nothing. */
  refusal(principal: Principal, action: string, address: string): AdminError | null
  /** What the application starts an empty form with, by field name. */
  startingValues(principal: Principal, model: string, origin: RequestOrigin): Promise<Values>
  /** What a visitor gets whom `isAccessible` of the model refuses; null: what every refusal gets. */
  inaccessible(principal: Principal, model: string, origin: RequestOrigin): Promise<Inaccessible | null>
  /** Whether any rule could permit it: for menus and buttons. Records nothing, decides nothing. */
  isPossible(principal: Principal, action: string, address: string): boolean
  /** Field names the principal could give a value with `create` or `update`, on some record. */
  writable(principal: Principal, model: string, verb: 'create' | 'update', address: string): readonly string[]
  /** Field names the principal may read with `read` or `list`, on some record; masked ones among them. */
  readable(principal: Principal, model: string, address: string): readonly string[]
  /** Field names the principal may sort and search a list by; those of `Model.list.filters` among them it may filter by. */
  queryable(principal: Principal, model: string, address: string): readonly string[]
  /** What the principal may filter lists by, of any model and behind its relations. */
  askable(principal: Principal, address: string): Askable
  /** The actions of a model: the built-in and the declared. */
  actionsOf(model: string): readonly Action[]
}
