/** What can be said of one event by itself: its bytes, the hashes recorded for it, and its columns. */

import { AdminError } from '../errors.ts'
import type { AuditEvent } from './event.ts'
import type { FoundColumns, LoggedEvent } from './log-reader.ts'
import { PROJECTED, parseEvent, projectionOf } from './stored-event.ts'
import { isSame, leafHash } from './tree.ts'

export interface CheckedEvent {
  readonly leaf: Uint8Array
  /** Null when the bytes are no event. */
  readonly event: AuditEvent | null
  /** What is wrong with it, as the end of a sentence; null when nothing is. */
  readonly fault: string | null
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function checkEvent(logged: LoggedEvent): CheckedEvent {
  const leaf = leafHash(logged.bytes)
  if (logged.recorded.some((hash) => !isSame(hash, leaf))) {
    return { leaf, event: null, fault: 'its bytes do not hash to what was recorded when it was written' }
  }
  const event = eventIn(logged.bytes)
  if (!event) return { leaf, event, fault: 'its bytes are not the canonical JSON of an event' }
  const column = logged.columns && differingColumn(event, logged.columns)
  return { leaf, event, fault: column && `the column ${column} does not say what the event says` }
}

function eventIn(bytes: Uint8Array): AuditEvent | null {
  try {
    return parseEvent(UTF8.decode(bytes))
  } catch (error) {
    // TypeError: the bytes are no UTF-8.
    if (error instanceof TypeError) return null
    throw new AdminError('internal', 'An audit event could not be read.', { cause: error })
  }
}

function differingColumn(event: AuditEvent, columns: FoundColumns): string | null {
  const expected = projectionOf(event)
  for (const name of PROJECTED) {
    const [value, found] = [expected[name], columns[name]]
    // The schema's outline is all that parsing has checked: what is missing agrees with nothing.
    if (value === undefined) return name
    const isEqual = typeof value === 'number' ? Number(found) === value : found === value
    if (!isEqual) return name
  }
  return null
}
