/** Every action beyond the six that all models have. The gate asks these first, so one may stand before a general one. */

import type { Action } from '../gate/action.ts'
import { activity } from './activity.ts'
import { agentActions } from './agents.ts'
import { auditActions } from './audit.ts'
import { fieldActions } from './fields.ts'
import { history } from './history.ts'
import { hostPasswordActions } from './host-password.ts'
import { keyActions } from './keys.ts'
import type { ActionParts } from './parts.ts'
import { peopleActions } from './people.ts'
import { policyActions } from './policy.ts'
import { reveal } from './reveal.ts'
import { sessionActions } from './sessions.ts'
import { tokenActions } from './tokens.ts'
import { revertAction } from './undo/revert.ts'

export function builtInActions(parts: ActionParts): readonly Action[] {
  return [
    ...peopleActions(parts),
    ...sessionActions(parts),
    ...tokenActions(parts),
    ...agentActions(parts),
    ...keyActions(parts),
    ...policyActions(parts),
    ...fieldActions(parts),
    ...auditActions(parts),
    activity,
    ...hostPasswordActions(parts),
    history,
    reveal,
    revertAction(parts),
  ] as readonly Action[]
}
