/** What every face is given: the gate, identity, and how this installation presents itself. */

import type { Clock } from '../clock.ts'
import type { Gate } from '../gate/gate.ts'
import type { Identity } from '../identity/identity.ts'
import type { Replacements } from './own-component.ts'
import type { OwnPages } from './own-page.ts'

export interface House {
  readonly gate: Gate
  readonly identity: Identity
  readonly settings: Settings
  /** What the application adds to the pages; absent: nothing. */
  readonly own?: OwnPages
  /** What the application puts in place of our pages of signing in; absent: nothing. */
  readonly replaced?: Replacements
  /** What "3 min ago" is counted from. */
  readonly clock: Clock
}

export interface Settings {
  readonly title: string
  /** `/admin`; empty at the root of a host. */
  readonly basePath: string
  /** The origin that people use; null: the host that a request names. */
  readonly publicUrl: string | null
  /** What the badge beside the brand says; null in production. */
  readonly environment: string | null
  readonly isDebug: boolean
  readonly cookieName: string
  readonly version: string
  /** Where an address is, as far as the operator has written it down; null: nowhere that is known. */
  placeOf(address: string | null): string | null
}
