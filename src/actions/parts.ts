/** What the built-in actions are put together from. Made once, by `admin.ts`. */

import type { AuditLog } from '../audit/log.ts'
import type { Identity } from '../identity/identity.ts'
import type { Policy } from '../policy/policy.ts'

export interface ActionParts {
  readonly identity: Identity
  readonly policy: Policy
  readonly audit: Pick<AuditLog, 'find'>
}
