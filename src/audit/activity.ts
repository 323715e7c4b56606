/**
 * How much was done, by whom, on what and when: counts over the newest events of
 * a period, found by the index over their time.
 *
 * Bounded: at most so many events are looked at, and the answer says whether
 * those were all.
 */

import { sql } from 'kysely'
import type { Connection } from '../database/database.ts'
import { inStore } from '../store/tables.ts'
import { microsecondText } from './compose.ts'
import { parseEvent } from './stored-event.ts'

export interface Counts {
  readonly events: number
  /** Refused and failed. */
  readonly refused: number
  /** Events after which a record is another one. */
  readonly changes: number
}

export interface ActivityOf extends Counts {
  readonly label: string
}

export interface Activity {
  readonly total: Counts
  /** False: there are more than were looked at, and the counts are of the newest. */
  readonly isWhole: boolean
  /** By hour, UTC: `2026-11-21T10`. In order; hours in which nothing was done are left out. */
  readonly hours: readonly (Counts & { readonly hour: string })[]
  readonly people: readonly (ActivityOf & { readonly id: string; readonly roles: readonly string[] })[]
  /** By role, as each of those people held it when they were seen last. */
  readonly roles: readonly ActivityOf[]
  readonly models: readonly ActivityOf[]
}

/** So many events are looked at. */
export const MOST_COUNTED = 50_000
/** So many people and models are told one by one. */
const MOST_TOLD = 20
/** So many people are looked at for their roles. */
const MOST_PEOPLE = 500

/** @param since UTC, milliseconds since the epoch. */
export async function activitySince(connection: Connection, since: number): Promise<Activity> {
  const [hours, people, models] = [
    await hoursOf(connection, since),
    await peopleOf(connection, since),
    await modelsOf(connection, since),
  ]
  const total = hours.reduce<Counts>(added, NOTHING)
  return {
    total,
    isWhole: total.events < MOST_COUNTED,
    hours,
    people: people.slice(0, MOST_TOLD),
    roles: byRole(people),
    models: models.slice(0, MOST_TOLD),
  }
}

const NOTHING: Counts = { events: 0, refused: 0, changes: 0 }

function added(one: Counts, other: Counts): Counts {
  return {
    events: one.events + other.events,
    refused: one.refused + other.refused,
    changes: one.changes + other.changes,
  }
}

/** The newest events of the period, as a table to count in. */
function newest(connection: Connection, since: number) {
  return inStore(connection)
    .selectFrom((within) =>
      within
        .selectFrom('castellan_audit_event')
        .select(['entry', 'occurred_at', 'principal_id', 'model', 'outcome', 'is_change'])
        .where('occurred_at', '>=', microsecondText(since))
        .orderBy('occurred_at', 'desc')
        .limit(MOST_COUNTED)
        .as('e'),
    )
    .select([
      sql<number | bigint>`count(*)`.as('events'),
      sql<number | bigint>`sum(case when e.outcome in ('refused', 'failed') then 1 else 0 end)`.as('refused'),
      sql<number | bigint>`sum(case when e.is_change then 1 else 0 end)`.as('changes'),
    ])
}

interface Counted {
  readonly events: number | bigint
  readonly refused: number | bigint
  readonly changes: number | bigint
}

function countsOf({ events, refused, changes }: Counted): Counts {
  return { events: Number(events), refused: Number(refused), changes: Number(changes) }
}

async function hoursOf(connection: Connection, since: number): Promise<Activity['hours']> {
  const hour = sql<string>`substr(cast(e.occurred_at as char(27)), 1, 13)`
  const rows = await newest(connection, since).select(hour.as('hour')).groupBy(hour).orderBy(hour).execute()
  return rows.map((row) => ({ hour: row.hour, ...countsOf(row) }))
}

async function modelsOf(connection: Connection, since: number): Promise<readonly ActivityOf[]> {
  const rows = await newest(connection, since)
    .select('e.model')
    .groupBy('e.model')
    .orderBy('events', 'desc')
    .orderBy('e.model')
    .limit(MOST_TOLD)
    .execute()
  return rows.map((row) => ({ label: row.model ?? '', ...countsOf(row) }))
}

async function peopleOf(connection: Connection, since: number): Promise<Activity['people']> {
  const rows = await newest(connection, since)
    .select(['e.principal_id', sql<number | bigint>`max(e.entry)`.as('last')])
    .groupBy('e.principal_id')
    .orderBy('events', 'desc')
    .orderBy('e.principal_id')
    .limit(MOST_PEOPLE)
    .execute()
  if (rows.length === 0) return []
  const seen = await inStore(connection)
    .selectFrom('castellan_audit_event')
    .select(['principal_id', 'principal_label', 'event'])
    .where(
      'entry',
      'in',
      rows.map(({ last }) => last),
    )
    .execute()
  const known = new Map(seen.map((row) => [row.principal_id, row]))
  return rows.map((row) => {
    const last = known.get(row.principal_id)
    const event = last ? parseEvent(last.event) : null
    return {
      id: row.principal_id,
      label: last?.principal_label ?? row.principal_id,
      roles: event?.principal.roles ?? [],
      ...countsOf(row),
    }
  })
}

function byRole(people: Activity['people']): readonly ActivityOf[] {
  const roles = new Map<string, Counts>()
  for (const person of people) {
    for (const role of person.roles) roles.set(role, added(roles.get(role) ?? NOTHING, person))
  }
  return [...roles]
    .map(([label, counts]) => ({ label, ...counts }))
    .toSorted((a, b) => b.events - a.events || a.label.localeCompare(b.label))
    .slice(0, MOST_TOLD)
}
