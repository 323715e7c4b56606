/**
 * Events by HTTP: a portion is one POST, and only an answer of the 200s counts.
 *
 * A portion that is sent again has the same `Idempotency-Key`. Redirects are not
 * followed: what an operator names is where events go, and nowhere else.
 */

import { FORMAT, type FormatName } from '../format/format.ts'
import type { LeavingEvent } from '../format/leaving.ts'
import type { SinkOption } from './option.ts'
import type { Sink } from './sink.ts'

export function httpSink({ name, to, format = 'jsonl', headers = {} }: SinkOption): Sink {
  return {
    name,
    async send(events, signal) {
      const { text, mediaType } = bodyOf(events, format)
      const response = await fetch(to, {
        method: 'POST',
        headers: {
          ...headers,
          'content-type': mediaType,
          'idempotency-key': `${name}-${events.at(0)?.sequence}-${events.at(-1)?.sequence}`,
        },
        body: text,
        redirect: 'manual',
        signal,
      })
      // nothing of the answer is of use, and its connection is
      await response.body?.cancel()
      if (!response.ok) throw new HttpRefusal(response.status)
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
