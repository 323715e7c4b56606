/** The sinks of an installation, for as long as it runs: each at its own pace, none of them keeps the process alive. */

import type { Clock } from '../../clock.ts'
import type { Database } from '../../database/database.ts'
import { bySystem } from '../by-system.ts'
import type { EventDraft } from '../event.ts'
import type { AuditLog } from '../log.ts'
import { codeOf, type DeliveryParts, deliver, type SinkNews } from './deliver.ts'
import type { Sink } from './sink.ts'

export interface RunSinksParts {
  readonly database: Database
  readonly clock: Clock
  readonly randomBytes: (size: number) => Uint8Array
  readonly audit: Pick<AuditLog, 'appendAlone'>
  /** Codes and names; never an address or what a receiver said. */
  readonly log: {
    warn(details: Readonly<Record<string, string | number>>, message: string): void
    error(details: Readonly<Record<string, string | number>>, message: string): void
  }
}

export interface RunningSinks {
  /** Behind the portions that are on their way. */
  close(): Promise<void>
}

const EVERY_MS = 1_000

export function runSinks(sinks: readonly Sink[], parts: RunSinksParts): RunningSinks {
  let isClosed = false
  const running = new Map<string, Promise<void>>()
  const delivery: DeliveryParts = { ...parts, tell: (news) => tell(parts, news) }

  async function empty(sink: Sink): Promise<void> {
    try {
      while (!isClosed && (await deliver(delivery, sink)) === 'delivered');
    } catch (error) {
      // the store itself: told to whoever needs it, and tried again
      parts.log.warn({ sink: sink.name, code: codeOf(error) }, 'A sink of the audit log could not be served.')
    } finally {
      running.delete(sink.name)
    }
  }

  function tick(): void {
    for (const sink of sinks) if (!running.has(sink.name)) running.set(sink.name, empty(sink))
  }

  const timer = sinks.length > 0 ? setInterval(tick, EVERY_MS).unref() : null
  return {
    async close() {
      isClosed = true
      if (timer) clearInterval(timer)
      await Promise.all(running.values())
    },
  }
}

async function tell(parts: RunSinksParts, news: SinkNews): Promise<void> {
  const { sink, isBehind, code, attempts } = news
  const details = { sink, attempts, ...(code !== null && { code }) }
  if (isBehind) parts.log.error(details, 'A sink of the audit log is behind: its events wait in the log.')
  else parts.log.warn(details, 'A sink of the audit log takes events again.')
  await parts.audit.appendAlone(draftOf(parts, news))
}

function draftOf(parts: RunSinksParts, { sink, isBehind, code, attempts, since }: SinkNews): EventDraft {
  return {
    ...bySystem('sinks', parts),
    action: 'castellan.audit.deliver',
    kind: isBehind ? 'audit.sink-behind' : 'audit.sink-recovered',
    outcome: isBehind ? 'failed' : 'done',
    ...(code !== null && { code }),
    details: { sink, attempts, since },
  }
}
