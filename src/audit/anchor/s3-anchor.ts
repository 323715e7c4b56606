/**
 * An object for each checkpoint in a bucket of S3, or of a store that speaks its
 * protocol, under a lock that nobody lifts before its time (object lock, compliance
 * mode). The bucket must have been made with object lock.
 */

import { createHash } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import { type OutboundAnswer, type OutboundOptions, requestOutside } from '../outbound.ts'
import { type Anchor, AnchorFault } from './anchor.ts'
import { type AwsCredentials, signAws } from './aws-signature.ts'

export interface S3Anchor {
  /** `https://s3.eu-central-1.amazonaws.com`: the bucket stands in the path. */
  readonly endpoint: URL
  readonly bucket: string
  /** What the names of the objects begin with. */
  readonly prefix: string
  readonly retainDays: number
  readonly credentials: AwsCredentials
  readonly clock: Clock
  readonly outbound: OutboundOptions
}

const DAY_MS = 86_400_000

export function s3Anchor(options: S3Anchor): Anchor {
  const { endpoint, bucket, retainDays, clock } = options
  return {
    label: `s3 ${endpoint.host}/${bucket}`,
    async keep({ checkpoint: { number, note } }) {
      const body = Buffer.from(note)
      const answer = await send(options, 'PUT', number, body, {
        'content-type': 'text/plain; charset=utf-8',
        // a lock needs a checksum beside it
        'x-amz-checksum-sha256': createHash('sha256').update(body).digest('base64'),
        'x-amz-object-lock-mode': 'COMPLIANCE',
        'x-amz-object-lock-retain-until-date': new Date(clock() + retainDays * DAY_MS).toISOString(),
      })
      mustBeOk(answer)
      return note
    },
    async read(last) {
      if (!last) return null
      const answer = await send(options, 'GET', last.number, new Uint8Array(), {})
      mustBeOk(answer)
      if (answer.body === last.note) return answer.body
      throw new AnchorFault('altered', `It holds something else as checkpoint ${last.number}.`, {
        isAltered: true,
      })
    },
  }
}

function send(
  { endpoint, bucket, prefix, credentials, clock, outbound }: S3Anchor,
  method: 'GET' | 'PUT',
  number: number,
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
): Promise<OutboundAnswer> {
  // in the order of their numbers wherever names are listed
  const name = `${prefix}checkpoint-${String(number).padStart(12, '0')}.txt`
  const url = new URL(`/${bucket}/${name}`, endpoint)
  const signed = signAws({ method, url, headers, body, at: clock(), service: 's3' }, credentials)
  return requestOutside({ url, method, headers: signed, body }, outbound)
}

function mustBeOk({ status }: OutboundAnswer): void {
  if (status < 200 || status > 299) throw new AnchorFault(`status-${status}`, `It answered with ${status}.`)
}
