/** Inserts, updates and removals of one record or of several, each within the row scope. */

import { type RawBuilder, sql } from 'kysely'
import type { Connection } from '../../database/database.ts'
import { AdminError } from '../../errors.ts'
import { type Field, type Key, type Model, relationOf, type Value, type Values } from '../../model/model.ts'
import type { Predicate } from '../../model/predicate.ts'
import type { Attempt, ChangeManyQuery, ChangeQuery, Transaction } from '../data-source.ts'
import { compile, placeOf } from './compile.ts'
import { conjunction, type Dialect, type EncodedColumn, mustField, tableOf } from './dialect.ts'
import { matchingOne, readerOver } from './read.ts'

/** Turns what the engine threw into a refusal at the right fields; what is none comes back as it was. */
export type Refusal = (connection: Connection, error: unknown, attempt: Attempt) => Promise<unknown>

export function transactionOver(connection: Connection, dialect: Dialect, refusal: Refusal): Transaction {
  async function attempted<T>(attempt: Attempt, work: () => Promise<T>): Promise<T> {
    mustBeWritable(attempt)
    try {
      return await work()
    } catch (error) {
      throw await refusal(connection, error, attempt)
    }
  }

  /** @param key Where it is one record alone. */
  function updateAll(query: ChangeManyQuery & { readonly values: Values }, key?: Key): Promise<number> {
    const { model, values } = query
    return attempted({ kind: 'update', model, values, ...(key && { key }) }, () =>
      update(connection, dialect, query),
    )
  }

  function removeMany(query: ChangeManyQuery): Promise<number> {
    return attempted({ kind: 'remove', model: query.model, values: {} }, () =>
      remove(connection, dialect, query),
    )
  }

  return {
    ...readerOver(connection, dialect),
    explain: (error, attempt) => refusal(connection, error, attempt),
    insert: ({ model, values }) =>
      attempted({ kind: 'insert', model, values }, () => insert(connection, dialect, model, values)),
    update: ({ key, ...query }) => updateAll({ ...query, keys: [key] }, key),
    remove: ({ key, ...query }) => removeMany({ ...query, keys: [key] }),
    updateMany: (query) => updateAll(query),
    removeMany,
  }
}

/** The same transaction, which puts down what it is asked to change: what is refused at its end names no statement. */
export function noting(attempts: Attempt[], transaction: Transaction): Transaction {
  return {
    ...transaction,
    insert(change) {
      attempts.push({ kind: 'insert', ...change })
      return transaction.insert(change)
    },
    update(change) {
      const { model, values, key } = change
      attempts.push({ kind: 'update', model, values, key })
      return transaction.update(change)
    },
    remove(change) {
      attempts.push({ kind: 'remove', model: change.model, values: {} })
      return transaction.remove(change)
    },
    updateMany(change) {
      attempts.push({ kind: 'update', model: change.model, values: change.values })
      return transaction.updateMany(change)
    },
    removeMany(change) {
      attempts.push({ kind: 'remove', model: change.model, values: {} })
      return transaction.removeMany(change)
    },
  }
}

/** @throws AdminError `denied` where the source lets nobody do it. */
export function mustBeWritable({ kind, model }: Attempt): void {
  const { writable } = model
  const isAllowed = { insert: writable.create, update: writable.update, remove: writable.delete }[kind]
  if (!isAllowed) throw new AdminError('denied', writable.reason ?? `${model.labelPlural} can only be read.`)
}

async function insert(connection: Connection, dialect: Dialect, model: Model, values: Values): Promise<Key> {
  const row = await dialect.insert(connection, model, encoded(dialect, model, values, numberedKey(model)))
  if (!row) throw swallowed(model)
  return (model.key ?? []).map((name) => {
    const field = mustField(model, name)
    return dialect.codec(model, field).decode(row[field.column] ?? null)
  })
}

/** A trigger may leave an insert out without a word; what is not there must not be recorded as made. */
function swallowed(model: Model): AdminError {
  const name = model.label.toLowerCase()
  return new AdminError(
    'conflict',
    `The database did not take the new ${name}: a trigger of its own left it out.`,
  )
}

async function update(
  connection: Connection,
  dialect: Dialect,
  query: ChangeManyQuery & { readonly values: Values },
): Promise<number> {
  const condition = await changeable(connection, dialect, query)
  const columns = encoded(dialect, query.model, query.values)
  if (!condition) return 0
  if (columns.length === 0) return (await locked(connection, dialect, query)).length
  const set = columns.map(({ field, raw }) => sql`${sql.id(field.column)} = ${raw}`)
  const { numAffectedRows } = await sql`UPDATE ${tableOf(query.model, 't')} SET ${sql.join(set)}
    WHERE ${condition}`.execute(connection)
  return Number(numAffectedRows ?? 0n)
}

async function remove(connection: Connection, dialect: Dialect, query: ChangeManyQuery): Promise<number> {
  const condition = await changeable(connection, dialect, query)
  if (!condition) return 0
  const { numAffectedRows } = await sql`${dialect.deleteFrom(query.model, 't')}
    WHERE ${condition}`.execute(connection)
  return Number(numAffectedRows ?? 0n)
}

/** The condition of a change; null: not every key is a record within the scope. */
async function changeable(
  connection: Connection,
  dialect: Dialect,
  query: ChangeManyQuery,
): Promise<RawBuilder<boolean> | null> {
  const place = placeOf(dialect, query)
  const match = mustKey(query.model)
  if (query.keys.length === 0 || query.keys.some((key) => key.length !== match.length)) return null
  const isRecord = matchingOne(place, match, query.keys)
  if (!dialect.isBlindToItself || !looksAtItself(query.scope, query)) {
    return conjunction([isRecord, compile(query.scope, place)])
  }
  // locked, they stay within the scope as far as their own values decide that
  const found = await locked(connection, dialect, query)
  return found.length === query.keys.length ? isRecord : null
}

function locked(
  connection: Connection,
  dialect: Dialect,
  query: ChangeManyQuery,
): Promise<readonly Values[]> {
  return readerOver(connection, dialect).getMany({
    ...query,
    match: mustKey(query.model),
    fields: [],
    limit: query.keys.length,
    isLocked: true,
  })
}

function mustKey({ name, key }: Model): readonly string[] {
  if (!key) throw new TypeError(`The records of "${name}" have no key.`)
  return key
}

/** Whether a condition looks at the table of the records that it is about, by a relation. */
function looksAtItself(
  predicate: Predicate,
  { model, models }: Pick<ChangeQuery, 'model' | 'models'>,
): boolean {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.of.some((part) => looksAtItself(part, { model, models }))
    case 'not':
      return looksAtItself(predicate.of, { model, models })
    case 'related': {
      const target = models.get(relationOf(model, predicate.relation)?.target ?? '')
      return target?.table === model.table && target.schema === model.schema
    }
    default:
      return false
  }
}

/** A key that the source numbers by itself can be given to a record that had it before; nobody types it. */
function numberedKey({ key }: Model): ReadonlySet<string> {
  return new Set(key)
}

/**
 * @param writable Fields that can be written although the source fills them in by itself.
 * @throws AdminError `invalid-input` with every field that can't be written so.
 */
function encoded(
  dialect: Dialect,
  model: Model,
  values: Values,
  writable: ReadonlySet<string> = new Set(),
): readonly EncodedColumn[] {
  const problems: Record<string, readonly string[]> = Object.create(null)
  const columns = Object.entries(values).map(([name, value]) => {
    const field = mustField(model, name)
    const isWritable = !field.generated || writable.has(name)
    return { field, raw: encodedOne(dialect, model, { field, isWritable }, value, problems) }
  })
  const names = Object.keys(problems)
  if (names.length > 0) {
    throw new AdminError('invalid-input', `${model.label}: check ${names.join(', ')}.`, { fields: problems })
  }
  return columns
}

function encodedOne(
  dialect: Dialect,
  model: Model,
  { field, isWritable }: { readonly field: Field; readonly isWritable: boolean },
  value: Value,
  problems: Record<string, readonly string[]>,
): unknown {
  if (!isWritable || field.type === 'opaque' || field.element?.type === 'opaque') {
    problems[field.name] = ['is not a field that can be written here']
    return null
  }
  try {
    return dialect.codec(model, field).encode(value)
  } catch (error) {
    if (!(error instanceof AdminError)) throw error
    Object.assign(problems, error.fields)
    return null
  }
}
