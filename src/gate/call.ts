/** What a face hands to the gate: who asks for which action, on what, with which input. */

import type { RequestOrigin } from '../audit/event.ts'
import type { Principal } from '../identity/principal.ts'

export interface Call {
  readonly principal: Principal
  /** `orders.update`. */
  readonly action: string
  /** The record's key as it stands in an address (`model/key.ts`); absent for an action on the model. */
  readonly key?: string
  /** The records that an action on several is about; absent: `key` says which, if any. */
  readonly selection?: Selection
  readonly input: unknown
  readonly reason?: string
  readonly ticket?: string
  /** From a `confirmation-required` outcome. */
  readonly confirmation?: string
  /** The version the caller saw; a differing one is a `conflict`. */
  readonly ifVersion?: string
  readonly origin: RequestOrigin
  /** Aborted when nobody waits for the answer any more: a read is then given up, a change is not. */
  readonly signal?: AbortSignal
}

/** Which records: those named one by one, or all that a list shows, over all of its pages. */
export type Selection =
  | { readonly kind: 'keys'; readonly keys: readonly string[] }
  /** A scope that a list has sealed for this action (`ListInput.scope`). */
  | { readonly kind: 'matching'; readonly scope: string }
