/**
 * Changes through the application's own ORM, so that its hooks run: inside the
 * transaction of the gate and on its connection, so that change and audit event
 * commit together or not at all.
 *
 * Which record may be changed is still decided by SQL of our own: it is read
 * and locked within the row scope before the ORM is told of it, and the gate
 * reads what has become of it afterwards. See docs/decisions/0031-writing-through-an-orm.md.
 */

import { clientOf } from '../database/driver-client.ts'
import { AdminError } from '../errors.ts'
import { type Field, fieldOf, type Key, type Model, type Value, type Values } from '../model/model.ts'
import { asValue } from './code-values.ts'
import type { Attempt, ChangeQuery, DataSource, Transaction } from './data-source.ts'
import type { ModelOverlay, OrmSession, OrmValues, OrmWriter } from './overlay.ts'
import { mustBeWritable } from './sql/change.ts'

/** What an ORM's own validators say against a change. */
export class OrmRefusal extends Error {
  /** Continuing the name of the field, by column. */
  readonly problems: Readonly<Record<string, readonly string[]>>

  constructor(problems: Readonly<Record<string, readonly string[]>>, cause: unknown) {
    super('The models of the application refuse the change.', { cause })
    this.problems = problems
  }
}

/**
 * The same source, which changes records of models with code of their own through the application's ORM.
 * @param overlayOf What the application says of a model; undefined: nothing.
 */
export function withOrmWrites(
  source: DataSource,
  overlayOf: (model: Model) => ModelOverlay | undefined,
  writer: OrmWriter,
): DataSource {
  return {
    ...source,
    async transaction(work, options) {
      let session: OrmSession | null = null
      const result = await source.transaction((transaction) => {
        session = null
        return work(
          writing(transaction, overlayOf, () => {
            session ??= writer.over(clientIn(transaction))
            return session
          }),
        )
      }, options)
      await afterCommit(session)
      return result
    },
  }
}

/** What runs behind the commit can't undo it: it fails for whoever runs the application, and not for the change. */
async function afterCommit(session: OrmSession | null): Promise<void> {
  try {
    await session?.committed?.()
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error))
  }
}

function clientIn({ connection }: Transaction): unknown {
  const client = clientOf(connection)
  if (client === null) throw new TypeError('There is no transaction here that an ORM could share.')
  return client
}

/** Whether a change by SQL would pass code by. */
export function runsCode({ codeOnWrite, fields }: ModelOverlay): boolean {
  return codeOnWrite.length > 0 || fields.some(({ makes }) => makes !== undefined)
}

function writing(
  transaction: Transaction,
  overlayOf: (model: Model) => ModelOverlay | undefined,
  session: () => OrmSession,
): Transaction {
  function throughOrm(model: Model): ModelOverlay | null {
    const overlay = overlayOf(model)
    return overlay && runsCode(overlay) ? overlay : null
  }

  async function attempted<T>(attempt: Attempt, work: () => Promise<T>): Promise<T> {
    mustBeWritable(attempt)
    try {
      return await work()
    } catch (error) {
      if (error instanceof OrmRefusal) throw refusedBy(attempt.model, error)
      throw await transaction.explain(driverError(error), attempt)
    }
  }

  const one: Pick<Transaction, 'insert' | 'update' | 'remove'> = {
    insert(change) {
      const { model, values } = change
      const overlay = throughOrm(model)
      if (!overlay) return transaction.insert(change)
      return attempted({ kind: 'insert', model, values }, async () =>
        keyFrom(model, await session().insert(overlay, forOrm(model, values))),
      )
    },
    update(query) {
      const { model, values } = query
      const overlay = throughOrm(model)
      if (!overlay) return transaction.update(query)
      return attempted({ kind: 'update', model, values }, async () => {
        mustKeepKey(query)
        if (!(await isWithin(transaction, query))) return 0
        if (Object.keys(values).length > 0) {
          await session().update(overlay, keyForOrm(query), forOrm(model, values))
        }
        return 1
      })
    },
    remove(query) {
      const { model } = query
      const overlay = throughOrm(model)
      if (!overlay) return transaction.remove(query)
      return attempted({ kind: 'remove', model, values: {} }, async () => {
        if (!(await isWithin(transaction, query))) return 0
        await session().remove(overlay, keyForOrm(query))
        return 1
      })
    },
  }
  return {
    ...transaction,
    ...one,
    // the code of the application is about one record
    updateMany: ({ keys, ...query }) =>
      throughOrm(query.model)
        ? each(keys, (key) => one.update({ ...query, key }))
        : transaction.updateMany({ ...query, keys }),
    removeMany: ({ keys, ...query }) =>
      throughOrm(query.model)
        ? each(keys, (key) => one.remove({ ...query, key }))
        : transaction.removeMany({ ...query, keys }),
  }
}

/** One after another; how many of them were changed. */
async function each(keys: readonly Key[], change: (key: Key) => Promise<number>): Promise<number> {
  let changed = 0
  for (const key of keys) changed += await change(key)
  return changed
}

/** Nobody else changes it before the transaction ends. */
async function isWithin(transaction: Transaction, query: ChangeQuery): Promise<boolean> {
  const { model, models, scope, key } = query
  return (await transaction.get({ model, models, scope, key, fields: [], isLocked: true })) !== null
}

/** ORMs find a record by its key, and many of them make another one of a record whose key is another. */
function mustKeepKey({ model, key, values }: ChangeQuery & { readonly values: Values }): void {
  const changed = (model.key ?? []).filter((name, index) => name in values && values[name] !== key[index])
  if (changed.length === 0) return
  const problem = 'cannot be changed: the application writes this record, and knows it by its key'
  throw new AdminError('invalid-input', `${model.label}: check ${changed.join(', ')}.`, {
    fields: Object.fromEntries(changed.map((name) => [name, [problem]])),
  })
}

function refusedBy(model: Model, { problems, cause }: OrmRefusal): AdminError {
  const fields = Object.fromEntries(
    Object.entries(problems).map(([column, sentences]) => [
      model.fields.find((field) => field.column === column)?.name ?? column,
      sentences,
    ]),
  )
  return new AdminError('invalid-input', `${model.label}: check ${Object.keys(fields).join(', ')}.`, {
    fields,
    cause,
  })
}

/** ORMs put the error of the driver behind one of their own, each under a name of its own. */
function driverError(error: unknown): unknown {
  const seen = new Set<unknown>()
  for (let at: unknown = error; at instanceof Error && !seen.has(at); ) {
    seen.add(at)
    if ('severity' in at && 'code' in at && !('driverError' in at) && !('original' in at)) return at
    const inner = ['driverError', 'original', 'cause']
      .map((name): unknown => Reflect.get(at as object, name))
      .find((one) => one instanceof Error)
    at = inner
  }
  return error
}

function forOrm(model: Model, values: Values): OrmValues {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const field = fieldOf(model, name)
      return field ? [[field.column, ormValue(field, value)]] : []
    }),
  )
}

function keyForOrm({ model, key }: ChangeQuery): OrmValues {
  return forOrm(model, Object.fromEntries((model.key ?? []).map((name, index) => [name, key[index] ?? null])))
}

/** As an application holds such a value before it gives it to its ORM. */
function ormValue({ type }: Field, value: Value): unknown {
  if (value === null) return null
  if (type === 'timestamptz' && typeof value === 'string') return new Date(value)
  if (type === 'json' && typeof value === 'string') return JSON.parse(value)
  if (value instanceof Uint8Array) return Buffer.from(value)
  return typeof value === 'bigint' ? String(value) : value
}

function keyFrom(model: Model, made: OrmValues): Key {
  return (model.key ?? []).map((name) => {
    const field = fieldOf(model, name)
    const value = field && asValue(field, made[field.column])
    if (value === undefined || value === null)
      throw new TypeError(`The application told no ${name} of what it made.`)
    // most drivers give large numbers as text
    return field?.type === 'bigint' && typeof value === 'string' ? BigInt(value) : value
  })
}
