/**
 * Events by HTTP: a portion is one POST, and only an answer of the 200s counts.
 *
 * A portion that is sent again has the same `Idempotency-Key`. What an operator
 * names is where events go, and nowhere else: the address is checked when it is
 * connected to, and redirects are not followed.
 */

import { FORMAT, type FormatName } from '../format/format.ts'
import type { LeavingEvent } from '../format/leaving.ts'
import { requestOutside } from '../outbound.ts'
import { isOnThisMachine, type SinkOption } from './option.ts'
import type { Sink } from './sink.ts'

const THIS_MACHINE: readonly string[] = ['127.0.0.0/8', '::1']

export function httpSink({
  name,
  to,
  format = 'jsonl',
  headers = {},
  allowedNetworks,
  ca,
}: SinkOption): Sink {
  const url = new URL(to)
  const networks = isOnThisMachine(url) ? THIS_MACHINE : allowedNetworks
  return {
    name,
    async send(events, signal) {
      const { text, mediaType } = bodyOf(events, format)
      const { status } = await requestOutside(
        {
          url,
          method: 'POST',
          headers: {
            ...headers,
            'content-type': mediaType,
            'idempotency-key': `${name}-${events.at(0)?.sequence}-${events.at(-1)?.sequence}`,
          },
          body: Buffer.from(text),
        },
        {
          signal,
          ...(networks !== undefined && { allowedNetworks: networks }),
          ...(ca !== undefined && { ca }),
        },
      )
      if (status < 200 || status > 299) throw new HttpRefusal(status)
    },
  }
}

/** An answer other than those of the 200s. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal'
  readonly code: string

  constructor(status: number) {
    super(`The receiver answered ${status}.`)
    this.code = String(status)
  }
}

function bodyOf(
  events: readonly LeavingEvent[],
  format: FormatName,
): { readonly text: string; readonly mediaType: string } {
  const { line, lineEnd, mediaType } = FORMAT[format]
  const lines = events.map((event) => line(event))
  if (format !== 'otel') return { text: lines.map((one) => `${one}${lineEnd}`).join(''), mediaType }
  // OTLP takes one request of many: each line is one of one
  const logs = lines.map((one) => one.slice('{"resourceLogs":['.length, -']}'.length))
  return { text: `{"resourceLogs":[${logs.join(',')}]}`, mediaType: 'application/json' }
}
