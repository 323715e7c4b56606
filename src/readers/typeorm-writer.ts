/** Writes records through TypeORM's entities, in a transaction that it did not begin. */

import type { DataSource, EntityManager, EntityMetadata, ObjectLiteral } from 'typeorm'
import type { ModelOverlay, OrmSession, OrmValues, OrmWriter } from '../data/overlay.ts'

export function typeormWriter(dataSource: DataSource): OrmWriter {
  return { over: (client) => sessionOver(dataSource, managerOver(dataSource, client)) }
}

/**
 * A query runner takes the connection that it has for the one it asked for, and a depth of one for a transaction
 * that somebody began: what subscribers begin within it are savepoints.
 */
function managerOver(dataSource: DataSource, client: unknown): EntityManager {
  const runner = Object.assign(dataSource.createQueryRunner(), {
    databaseConnection: client,
    isTransactionActive: true,
    transactionDepth: 1,
  })
  return dataSource.createEntityManager(runner)
}

function sessionOver(dataSource: DataSource, manager: EntityManager): OrmSession {
  return {
    async insert(overlay, values) {
      const entity = entityOf(dataSource, overlay)
      const record = entity.create(manager.queryRunner)
      assign(entity, record, values)
      await manager.save(entity.target, record, { transaction: false })
      return Object.fromEntries(
        entity.columns.map((column) => [column.databaseName, column.getEntityValue(record)]),
      )
    },
    async update(overlay, key, values) {
      const entity = entityOf(dataSource, overlay)
      const record = await found(manager, entity, key)
      assign(entity, record, values)
      await manager.save(entity.target, record, { transaction: false })
    },
    async remove(overlay, key) {
      const entity = entityOf(dataSource, overlay)
      const record = await found(manager, entity, key)
      await manager.remove(entity.target, record, { transaction: false })
    },
  }
}

function entityOf({ entityMetadatas }: DataSource, { schema, table }: ModelOverlay): EntityMetadata {
  const entity = entityMetadatas.find((one) => one.tableName === table && (one.schema ?? null) === schema)
  if (!entity) throw new TypeError(`TypeORM has no entity of the table "${table}".`)
  return entity
}

function assign(entity: EntityMetadata, record: ObjectLiteral, values: OrmValues): void {
  for (const column of entity.columns) {
    if (!(column.databaseName in values)) continue
    const value = values[column.databaseName]
    const { relationMetadata } = column
    // a foreign key without a property of its own is set by the record behind it, and taken by none
    if (column.isVirtual && relationMetadata)
      relationMetadata.setEntityValue(record, value === null ? null : {})
    if (!column.isVirtual || value !== null) column.setEntityValue(record, value)
  }
}

async function found(manager: EntityManager, entity: EntityMetadata, key: OrmValues): Promise<ObjectLiteral> {
  const where: ObjectLiteral = {}
  for (const column of entity.primaryColumns) column.setEntityValue(where, key[column.databaseName])
  const record = await manager.findOne(entity.target, { where, withDeleted: true, loadEagerRelations: false })
  if (!record) throw new TypeError(`TypeORM does not find the ${entity.name} that is locked for it.`)
  return record
}
