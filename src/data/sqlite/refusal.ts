/**
 * Why SQLite refused a change, as a refusal at the fields it is about.
 *
 * The kind is told by the extended result code (https://www.sqlite.org/rescode.html).
 * Which constraint it was, SQLite says in its message only: there the message is
 * compared with what it would be for each constraint of the model, and shown to nobody.
 */

import type { Connection } from '../../database/database.ts'
import { sqliteCodeOf } from '../../database/sqlite/fault.ts'
import { AdminError } from '../../errors.ts'
import type { Field, Key, Model, Relation } from '../../model/model.ts'
import { EVERYTHING } from '../../model/predicate.ts'
import type { Attempt, Reader } from '../data-source.ts'
import { NOT_THERE, refusedAt, takenProblem } from '../refusal-words.ts'
import { type Dialect, mustField } from '../sql/dialect.ts'
import { readerOver } from '../sql/read.ts'
import type { Check } from './ddl.ts'

const CODE = {
  tooBig: 18,
  mismatch: 20,
  check: 275,
  foreignKey: 787,
  notNull: 1299,
  primaryKey: 1555,
  trigger: 1811,
  unique: 2067,
  rowId: 2579,
  dataType: 3091,
} as const

/** What the adapter knows beside the model that was changed. */
export interface Surroundings {
  readonly dialect: Dialect
  /** The models of the source, by name. */
  readonly models: ReadonlyMap<string, Model>
  /** The CHECK constraints of the model's table. */
  readonly checks: readonly Check[]
}

export async function refusalOf(
  connection: Connection,
  error: unknown,
  attempt: Attempt,
  surroundings: Surroundings,
): Promise<unknown> {
  const code = sqliteCodeOf(error)
  const message = error instanceof Error ? error.message : ''
  switch (code) {
    case CODE.unique:
    case CODE.primaryKey:
    case CODE.rowId:
      return taken(attempt, takenFields(attempt, message), error)
    case CODE.notNull:
      return refusedAt(
        attempt,
        fieldsNamed(attempt, message, 'NOT NULL constraint failed: '),
        'must have a value',
        error,
      )
    case CODE.check:
      return refusedAt(
        attempt,
        checkedFields(attempt, message, surroundings.checks),
        'breaks a rule of the database',
        error,
      )
    case CODE.foreignKey:
      return await unrelated(connection, attempt, surroundings, error)
    case CODE.dataType:
    case CODE.mismatch:
      return refusedAt(
        attempt,
        fieldsEnding(attempt, message),
        'is not of the type that the column takes',
        error,
      )
    case CODE.trigger:
      return refusedAt(attempt, [], 'breaks a rule of the database', error)
    case CODE.tooBig:
      return new AdminError(
        'too-large',
        `${attempt.model.label}: a value is larger than the database takes.`,
        {
          cause: error,
        },
      )
    default:
      return error
  }
}

/**
 * A deferred foreign key is only checked at the end of the transaction, and SQLite does not say which it was: what the
 * transaction wrote is looked up, now that all of it is undone.
 * @param attempts What the transaction tried, in its order.
 */
export async function refusalOfCommit(
  connection: Connection,
  error: unknown,
  attempts: readonly Attempt[],
  surroundings: Surroundings,
): Promise<unknown> {
  const made = new Set(attempts.flatMap(({ kind, model }) => (kind === 'insert' ? [model.name] : [])))
  for (const attempt of attempts.toReversed()) {
    const relations = attempt.kind === 'remove' ? [] : attempt.model.relations
    for (const relation of relations.filter(({ target }) => !made.has(target))) {
      if (await leadsNowhere(connection, attempt, relation, surroundings)) {
        return refusedAt(attempt, relation.from, NOT_THERE, error)
      }
    }
  }
  const removed = attempts.findLast(({ kind }) => kind === 'remove')
  if (removed) return stillReferred(removed.model, error)
  return new AdminError('conflict', 'The change would leave a record that refers to nothing.', {
    cause: error,
  })
}

export function isCommitRefused(error: unknown): boolean {
  return sqliteCodeOf(error) === CODE.foreignKey
}

function taken(attempt: Attempt, names: readonly string[], cause: unknown): AdminError {
  return refusedAt(attempt, names, takenProblem(names), cause)
}

/** The fields of the unique constraint whose columns the message lists. */
function takenFields({ model }: Attempt, message: string): readonly string[] {
  const sets = [...model.uniques, ...(model.key ? [model.key] : [])]
  const failed = sets.find(
    (names) =>
      message ===
      `UNIQUE constraint failed: ${columnList(
        model.table,
        names.map((name) => mustField(model, name)),
      )}`,
  )
  return failed ?? []
}

function columnList(table: string, fields: readonly Field[]): string {
  return fields.map(({ column }) => `${table}.${column}`).join(', ')
}

function fieldsNamed({ model }: Attempt, message: string, prefix: string): readonly string[] {
  return model.fields
    .filter((field) => message === prefix + columnList(model.table, [field]))
    .map(({ name }) => name)
}

function fieldsEnding({ model }: Attempt, message: string): readonly string[] {
  return model.fields
    .filter((field) => message.endsWith(` ${columnList(model.table, [field])}`))
    .map(({ name }) => name)
}

/** Of the fields that the failed check mentions, those that were written. */
function checkedFields(
  { model, values }: Attempt,
  message: string,
  checks: readonly Check[],
): readonly string[] {
  const plain = (text: string): string => text.replace(/\s+/g, '')
  const failed = checks.find(({ label }) => plain(message) === plain(`CHECK constraint failed: ${label}`))
  const mentioned = model.fields
    .filter(({ column }) => failed?.columns.includes(column))
    .map(({ name }) => name)
  const written = mentioned.filter((name) => name in values)
  return written.length > 0 ? written : mentioned
}

/** SQLite does not say which foreign key it was: each that was written is looked up. */
async function unrelated(
  connection: Connection,
  attempt: Attempt,
  surroundings: Surroundings,
  cause: unknown,
): Promise<AdminError> {
  const { model, kind } = attempt
  for (const relation of kind === 'remove' ? [] : model.relations) {
    if (await leadsNowhere(connection, attempt, relation, surroundings)) {
      return refusedAt(attempt, relation.from, NOT_THERE, cause)
    }
  }
  return stillReferred(model, cause)
}

function stillReferred(model: Model, cause: unknown): AdminError {
  const sentence = `Other records refer to this ${model.label.toLowerCase()}. Change or delete those first.`
  return new AdminError('conflict', sentence, { cause })
}

async function leadsNowhere(
  connection: Connection,
  attempt: Attempt,
  relation: Relation,
  { dialect, models }: Surroundings,
): Promise<boolean> {
  const isWritten = relation.kind === 'one' && relation.from.some((name) => name in attempt.values)
  const target = models.get(relation.target)
  if (!isWritten || !target) return false
  const reader = readerOver(connection, dialect)
  const key = await keyBehind(reader, attempt, relation, models)
  if (key.length < relation.from.length) return false
  const found = await reader.getMany({
    model: target,
    models,
    scope: EVERYTHING,
    match: relation.to,
    keys: [key],
    fields: [],
    limit: 1,
  })
  return found.length === 0
}

/** A key of several fields may be written in part: the rest is as it was. */
async function keyBehind(
  reader: Reader,
  { model, values, key }: Attempt,
  { from }: Relation,
  models: ReadonlyMap<string, Model>,
): Promise<Key> {
  const kept = from.filter((name) => !(name in values))
  const before =
    key && kept.length > 0 ? await reader.get({ model, models, scope: EVERYTHING, key, fields: kept }) : null
  return from.flatMap((name) => values[name] ?? before?.[name] ?? [])
}
