/** What events have in common that no call and no sign-in stands behind: what the installation does by itself. */

import type { Clock } from '../clock.ts'
import type { EventDraft } from './event.ts'

export interface SystemPorts {
  readonly clock: Clock
  readonly randomBytes: (size: number) => Uint8Array
}

/** @param id Which part of it: `start`, `schedule`, `sinks`. */
export function bySystem(
  id: string,
  { clock, randomBytes }: SystemPorts,
): Omit<EventDraft, 'action' | 'kind' | 'outcome'> {
  return {
    principal: {
      kind: 'system',
      id,
      label: `system (${id})`,
      roles: [],
      authentication: { methods: ['system'], assurance: 1, at: new Date(clock()).toISOString() },
    },
    session: null,
    request: {
      id: Buffer.from(randomBytes(16)).toString('hex'),
      traceparent: null,
      address: '',
      addressChain: [],
      userAgent: null,
      method: id.toUpperCase(),
      route: id,
    },
    target: null,
    policy: { version: '', rules: [] },
  }
}
