/** What the gate is put together from. Made once, by `admin.ts`. */

import type { AuditLog } from '../audit/log.ts'
import type { Clock } from '../clock.ts'
import type { DataSource } from '../data/data-source.ts'
import type { Database } from '../database/database.ts'
import type { Identity } from '../identity/identity.ts'
import type { Model } from '../model/model.ts'
import type { Policy } from '../policy/policy.ts'
import type { Action } from './action.ts'

export interface Parts {
  /** Every model by name, Castellan's own included. */
  readonly models: ReadonlyMap<string, Model>
  /** By id, as `Model.source` names them. */
  readonly sources: ReadonlyMap<string, Source>
  /** Where our own tables are. */
  readonly store: Database
  readonly actions: readonly Action[]
  readonly policy: Policy
  readonly audit: AuditLog
  readonly identity: Identity
  readonly clock: Clock
  /** The names of the configured networks that an address belongs to. */
  networksOf(address: string): readonly string[]
  /** Told when a hook of the application fails; the request goes on as if it had said no. */
  onHookError?(error: unknown, context: { readonly requestId: string }): void
}

export interface Source {
  readonly dataSource: DataSource
  /** Whether its transactions reach our own tables too, so that a change and its event commit together. */
  readonly sharesStore: boolean
}
