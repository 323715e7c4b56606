/** What the built-in actions are put together from. Made once, by `admin.ts`. */

import type { AnchorsRead } from '../audit/anchor/read-anchors.ts'
import type { AuditLog } from '../audit/log.ts'
import type { RunContext } from '../gate/action.ts'
import type { Identity } from '../identity/identity.ts'
import type { Sensitivity } from '../model/model.ts'
import type { Policy } from '../policy/policy.ts'

export interface ActionParts {
  readonly identity: Identity
  readonly policy: Policy
  readonly audit: Pick<AuditLog, 'find' | 'unsealed'>
  /** What the anchors of the log hold, asked of them now. */
  readAnchors(connection: RunContext['connection']): Promise<AnchorsRead>
  readonly fields: KnownFields
}

/** What is known of the columns of the application. */
export interface KnownFields {
  /** Every column of a model that was ever seen. */
  find(connection: RunContext['connection'], model: string): Promise<readonly KnownField[]>
  /** @returns how many there are of that id: 1 or 0. */
  decide(
    connection: RunContext['connection'],
    id: string,
    decision: { readonly sensitivity: Sensitivity; readonly by: string; readonly at: string },
  ): Promise<number>
}

export interface KnownField {
  readonly id: string
  /** The name of its column. */
  readonly field: string
  readonly guess: Sensitivity
  /** Null: it waits. */
  readonly sensitivity: Sensitivity | null
}
