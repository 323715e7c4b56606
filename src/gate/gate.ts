/** The gate as faces, jobs and watchers see it. `perform.ts` is its one path. */

import type { Principal } from '../identity/principal.ts'
import type { Model } from '../model/model.ts'
import type { Policy } from '../policy/policy.ts'
import type { Action } from './action.ts'
import type { Call } from './call.ts'
import type { Outcome } from './outcome.ts'

export interface Gate {
  /** Every model by name, Castellan's own included. */
  readonly models: ReadonlyMap<string, Model>
  readonly policy: Policy
  perform(call: Call): Promise<Outcome>
  /** Whether any rule could permit it: for menus and buttons. Records nothing, decides nothing. */
  isPossible(principal: Principal, action: string, address: string): boolean
  /** Field names the principal could write with `create` or `update`, on some record. */
  writable(principal: Principal, model: string, verb: 'create' | 'update', address: string): readonly string[]
  /** Field names the principal may read with `read` or `list`, on some record; masked ones among them. */
  readable(principal: Principal, model: string, address: string): readonly string[]
  /** Field names the principal may sort and search a list by; those of `Model.list.filters` among them it may filter by. */
  queryable(principal: Principal, model: string, address: string): readonly string[]
  /** The actions of a model: the built-in and the declared. */
  actionsOf(model: string): readonly Action[]
}
