/**
 * The records that those of a page lead to, read in the statement that reads the page.
 *
 * Each is looked up by its key once the page is cut off, within a scope of its
 * own, so that it costs what a statement of its own would cost in the database,
 * and no way there and back.
 */

import { type RawBuilder, sql } from 'kysely'
import { type Field, fieldOf, type Model, type Values } from '../../model/model.ts'
import type { Led, ListQuery } from '../data-source.ts'
import { compile, type Place } from './compile.ts'
import { columnOf, conjunction, mustField, tableOf } from './dialect.ts'

type Row = Readonly<Record<string, unknown>>

/** What is read along with a page, and how. */
export interface Joined {
  readonly led: Led
  readonly place: Place
  /** What its columns begin with, so that no two names meet. */
  readonly prefix: string
}

/** Keys that compare in one way alone, whatever the tables declare: whole numbers with each other, and so on. */
const PLAIN: Readonly<Partial<Record<Field['type'], string>>> = {
  int: 'whole',
  bigint: 'whole',
  uuid: 'uuid',
}
/** The planner looks at a statement of more tables for longer than it saves. */
const MOST = 8

/** Those that the engine can read along: what they lead to has an index to be found by. */
export function joinedTo(place: Place, { led = [] }: ListQuery): readonly Joined[] {
  if (!place.dialect.joinsLaterally) return []
  return led
    .filter((one) => isLookedUp(place.model, one))
    .slice(0, MOST)
    .map((one, index) => ({
      led: one,
      place: { ...place, model: one.target, alias: `l${index}` },
      prefix: `l${index}_`,
    }))
}

function isLookedUp(model: Model, { relation: { from, to }, target }: Led): boolean {
  const isKey = [target.key ?? [], ...target.uniques].some(
    (names) => names.length === to.length && names.every((name) => to.includes(name)),
  )
  const isAlike = from.every((name, index) => {
    const [here, there] = [fieldOf(model, name), fieldOf(target, to[index] ?? '')]
    const kind = here && PLAIN[here.type]
    return kind !== undefined && kind === (there && PLAIN[there.type])
  })
  return target.kind === 'table' && isKey && isAlike
}

/** What the page has to select so that its records can be followed from it. */
export function waysFrom(place: Place, joined: readonly Joined[]): readonly RawBuilder<unknown>[] {
  return joined.flatMap(({ led, prefix }) =>
    led.relation.from.map(
      (name, index) =>
        sql`${columnOf(place.alias, mustField(place.model, name))} AS ${sql.id(`${prefix}k${index}`)}`,
    ),
  )
}

/** @param page The alias under which the page stands. */
export function joinOf(page: string, { led, place, prefix }: Joined): RawBuilder<unknown> {
  const { target, relation, fields, scope } = led
  const columns = fields.map((name, index) => {
    const field = mustField(target, name)
    const selected = place.dialect.codec(target, field).select(columnOf(place.alias, field))
    return sql`${selected} AS ${sql.id(`${prefix}f${index}`)}`
  })
  const isThere = relation.to.map(
    (name, index) =>
      sql<boolean>`${columnOf(place.alias, mustField(target, name))} = ${sql.id(page, `${prefix}k${index}`)}`,
  )
  return sql`LEFT JOIN LATERAL (SELECT ${sql.join(columns)} FROM ${tableOf(target, place.alias)} WHERE ${conjunction([...isThere, compile(scope, place)])} LIMIT 1)
    AS ${sql.id(place.alias)} ON TRUE`
}

/** The record that a row of the page leads to; null: there is none within the scope. */
export function joinedReader({ led, place, prefix }: Joined): (row: Row) => Values | null {
  const columns = led.fields.map((name, index) => ({
    name,
    column: `${prefix}f${index}`,
    codec: place.dialect.codec(led.target, mustField(led.target, name)),
  }))
  // what it was found by is NULL where nothing was
  const found = `${prefix}f${led.fields.indexOf(led.relation.to[0] ?? '')}`
  return (row) => {
    if ((row[found] ?? null) === null) return null
    return Object.fromEntries(
      columns.map(({ name, column, codec }) => [name, codec.decode(row[column] ?? null)]),
    )
  }
}
