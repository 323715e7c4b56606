/**
 * A webhook that gets each checkpoint, signed as https://www.standardwebhooks.com
 * describes: HMAC-SHA256 over id, time and body, under a secret that both know.
 */

import { createHmac } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import { type OutboundOptions, requestOutside } from '../outbound.ts'
import { type Anchor, AnchorFault } from './anchor.ts'

export interface WebhookAnchor {
  readonly url: URL
  /** At least 24 bytes. */
  readonly secret: Uint8Array
  readonly clock: Clock
  readonly outbound: OutboundOptions
}

export function webhookAnchor({ url, secret, clock, outbound }: WebhookAnchor): Anchor {
  return {
    // neither path nor query: there may be a secret in them
    label: `webhook ${url.host}`,
    async keep({ checkpoint: { number, note } }) {
      const body = Buffer.from(note)
      const id = `checkpoint-${number}`
      const time = String(Math.floor(clock() / 1000))
      const headers = {
        'content-type': 'text/plain; charset=utf-8',
        'webhook-id': id,
        'webhook-timestamp': time,
        'webhook-signature': `v1,${webhookSignature(secret, id, time, body)}`,
      }
      const { status } = await requestOutside({ url, method: 'POST', headers, body }, outbound)
      if (status < 200 || status > 299)
        throw new AnchorFault(`status-${status}`, `It answered with ${status}.`)
      return note
    },
    read: async () => null,
  }
}

/** base64(HMAC-SHA256(secret, id.time.body)). */
export function webhookSignature(secret: Uint8Array, id: string, time: string, body: Uint8Array): string {
  return createHmac('sha256', secret).update(`${id}.${time}.`).update(body).digest('base64')
}
