/** Writes records through Sequelize's models, in a transaction that it did not begin. */

import { type Model, type ModelStatic, type Sequelize, Transaction, ValidationError } from 'sequelize'
import { OrmRefusal } from '../data/orm-writes.ts'
import type { ModelOverlay, OrmSession, OrmValues, OrmWriter } from '../data/overlay.ts'
import { columnOf, placeOf } from './sequelize-place.ts'

type AnyModel = ModelStatic<Model>

export function sequelizeWriter(sequelize: Sequelize): OrmWriter {
  return { over: (client) => sessionOver(sequelize, client) }
}

function sessionOver(sequelize: Sequelize, client: unknown): OrmSession {
  const transaction = new Transaction(sequelize, {})
  // what `prepareEnvironment` would set after it has begun one by itself
  Object.assign(transaction, { connection: client })

  return {
    insert: (overlay, values) =>
      explained(modelOf(sequelize, overlay), async (model) => {
        const made = await model.create(byAttribute(model, values), { transaction })
        return byColumn(model, made)
      }),
    update: (overlay, key, values) =>
      explained(modelOf(sequelize, overlay), async (model) => {
        const record = await found(model, key, transaction)
        await record.update(byAttribute(model, values), { transaction })
      }),
    remove: (overlay, key) =>
      explained(modelOf(sequelize, overlay), async (model) => {
        const record = await found(model, key, transaction)
        await record.destroy({ transaction, force: true })
      }),
    async committed() {
      for (const hook of afterCommitOf(transaction)) await hook(transaction)
    },
  }
}

function modelOf(sequelize: Sequelize, { schema, table }: ModelOverlay): AnyModel {
  const model = Object.values(sequelize.models).find((one) => {
    const place = placeOf(one)
    return place.table === table && place.schema === schema
  })
  if (!model) throw new TypeError(`Sequelize has no model of the table "${table}".`)
  return model
}

async function found(model: AnyModel, key: OrmValues, transaction: Transaction): Promise<Model> {
  const where = byAttribute(model, key)
  const record = await model.unscoped().findOne({ where, transaction, paranoid: false })
  if (!record)
    throw new TypeError(`Sequelize does not find the record of ${model.name} that is locked for it.`)
  return record
}

async function explained<T>(model: AnyModel, work: (model: AnyModel) => Promise<T>): Promise<T> {
  try {
    return await work(model)
  } catch (error) {
    // what the database itself refused comes as one, too, and says so
    if (!(error instanceof ValidationError) || 'original' in error) throw error
    const problems = Map.groupBy(error.errors, ({ path }) => columnOf(model, path ?? ''))
    throw new OrmRefusal(
      Object.fromEntries(
        [...problems].map(([column, those]) => [
          column,
          those.map(({ message }) => `is refused: ${message}`),
        ]),
      ),
      error,
    )
  }
}

function byAttribute(model: AnyModel, values: OrmValues): Record<string, unknown> {
  return Object.fromEntries(
    Object.keys(model.getAttributes()).flatMap((name) => {
      const column = columnOf(model, name)
      return column in values ? [[name, values[column]]] : []
    }),
  )
}

function byColumn(model: AnyModel, record: Model): OrmValues {
  return Object.fromEntries(
    Object.keys(model.getAttributes()).map((name) => [columnOf(model, name), record.getDataValue(name)]),
  )
}

/** What hooks have asked for by `transaction.afterCommit`. */
function afterCommitOf(transaction: Transaction): readonly ((transaction: Transaction) => unknown)[] {
  const hooks = '_afterCommitHooks' in transaction ? transaction._afterCommitHooks : []
  return Array.isArray(hooks) ? hooks.filter((one) => typeof one === 'function') : []
}
