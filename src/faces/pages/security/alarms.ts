/**
 * The alarms of the audit log that are not over: an anchor that keeps nothing, a
 * sink that is behind, events that nobody seals, a verification that found something.
 *
 * Read from the log as everything else, so whoever may not see those events sees no alarm.
 */

import type { AuditList } from '../../../gate/recorded.ts'
import { readPart } from '../ask.ts'
import { isPossible, type PageContext } from '../context.ts'
import { NEWEST_FIRST } from './audit-address.ts'
import type { EventView } from './event.ts'
import { type LogState, logState } from './log-state.ts'

export interface Alarm {
  readonly title: string
  /** What it means, without its code and its time. */
  readonly note: string
  readonly code: string
  /** RFC 3339. */
  readonly since: string
  /** Of the event that says so. */
  readonly id: string
}

type AlarmEvent = Pick<EventView, 'id' | 'kind' | 'outcome' | 'code' | 'occurredAt' | 'details'>

const KINDS = ['audit.alarm', 'audit.sink-behind', 'audit.sink-recovered']
/** One that began before so many others is found by `castellan doctor`. */
const MOST = 50
const VERIFICATION = 'verification'
const BACKLOG = 'backlog'
const VERIFICATION_WORDS = {
  title: 'The audit log did not verify',
  note: 'Verify it again to see from which event on.',
}

/** How the log itself is, as far as this reader may see. */
export interface LogCondition {
  /** Null: never verified. */
  readonly state: LogState | null
  /** The newest first. */
  readonly alarms: readonly Alarm[]
}

export async function logCondition(page: PageContext): Promise<LogCondition> {
  if (!isPossible(page, 'castellan.audit.list')) return { state: null, alarms: [] }
  const [state, events] = await Promise.all([logState(page), alarmEvents(page)])
  return { state, alarms: openAlarms(events, state) }
}

async function alarmEvents(page: PageContext): Promise<readonly EventView[]> {
  const list = await readPart<AuditList>(page, {
    action: 'castellan.audit.list',
    input: {
      filters: [{ field: 'kind', operator: 'in', value: KINDS }],
      sort: NEWEST_FIRST,
      limit: MOST,
    },
  })
  return list?.records.flatMap(({ key }) => list.events[key ?? '']?.event ?? []) ?? []
}

/**
 * What the last verification found is an alarm, whoever asked for it; a later one that finds nothing ends it.
 * @param events With the newest first.
 */
export function openAlarms(events: readonly AlarmEvent[], state: LogState | null): readonly Alarm[] {
  const open = unresolved(events)
  const failed = open.find((event) => nameOf(event) === VERIFICATION)
  if (failed) {
    const isOver = state?.result === 'verified' && state.at > failed.occurredAt
    return open.filter((event) => event !== failed || !isOver).map(alarmOf)
  }
  const alarms = open.map(alarmOf)
  if (state?.result !== 'tampered') return alarms
  const { id, result, at } = state
  return [{ ...VERIFICATION_WORDS, code: result, since: at, id }, ...alarms]
}

/** Of events with the newest first, those that began an alarm and that none after them has ended. */
export function unresolved<Found extends AlarmEvent>(events: readonly Found[]): readonly Found[] {
  const newest = new Map<string, Found>()
  for (const event of events) {
    const name = nameOf(event)
    if (!newest.has(name)) newest.set(name, event)
  }
  return [...newest.values()].filter(({ outcome }) => outcome !== 'done')
}

/** A sink and an anchor of one name are two. */
function nameOf({ kind, details }: AlarmEvent): string {
  return kind === 'audit.alarm' ? textOf(details['alarm']) : `sink ${textOf(details['sink'])}`
}

/** In the words of pages. */
export function alarmOf(event: AlarmEvent): Alarm {
  const { id, code, occurredAt, details } = event
  const since = textOf(details['since']) || occurredAt
  return { ...wordsOf(event), code: code ?? '', since, id }
}

function wordsOf(event: AlarmEvent): Pick<Alarm, 'title' | 'note'> {
  const name = nameOf(event)
  if (event.kind !== 'audit.alarm') {
    return {
      title: `The ${name} is behind`,
      note: 'Events wait in the log until it takes them. Nobody sees them there meanwhile.',
    }
  }
  if (name === BACKLOG) {
    return {
      title: 'Events are not sealed',
      note: 'They wait for a checkpoint, without which they prove nothing.',
    }
  }
  if (name === VERIFICATION) return VERIFICATION_WORDS
  return {
    title: `No checkpoints are kept at the ${name}`,
    note: 'A log that was cut off or rewritten since would not be noticed by it.',
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
