import { sql } from 'kysely'
import { createMysqlSource } from '../../src/data/mysql/source.ts'
import type { Database } from '../../src/database/database.ts'
import { openMysql } from '../../src/database/mysql/mysql.ts'
import type { Value } from '../../src/model/model.ts'
import {
  describeDataSource,
  type Kind,
  type OpenedSource,
  type Vocabulary,
} from '../../src/testing/conformance.ts'
import { createTestDatabase } from '../servers.ts'

/** What a TIMESTAMP holds: four bytes of seconds since 1970. */
const FIRST_INSTANT = '1970-01-01T00:00:01Z'
const LAST_INSTANT = '2038-01-19T03:14:07.999999Z'

const vocabulary: Vocabulary = {
  identityKey: 'BIGINT PRIMARY KEY AUTO_INCREMENT',
  integer: 'BIGINT',
  float: 'DOUBLE',
  boolean: 'BOOLEAN',
  text: 'LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin',
  varchar: (length) => `VARCHAR(${length}) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin`,
  decimal: (precision, scale) => `DECIMAL(${precision}, ${scale})`,
  uuid: 'UUID',
  date: 'DATE',
  time: 'TIME(6)',
  timestamp: 'DATETIME(6)',
  timestamptz: 'TIMESTAMP(6) NULL',
  json: 'JSON',
  bytes: 'LONGBLOB',
  nullsAre: 'lowest',
  cannotHold,
}

function cannotHold(kind: Kind, value: Value): boolean {
  if (value === null) return false
  if (kind === 'float') return !Number.isFinite(value)
  if (kind === 'timestamptz') return String(value) < FIRST_INSTANT || String(value) > LAST_INSTANT
  return kind === 'decimal' && value === '0.00000000001'
}

async function open(asEngine: (database: Database) => Database): Promise<OpenedSource> {
  const made = await createTestDatabase('mariadb')
  const database = await openMysql({ url: made.url })
  return {
    source: createMysqlSource({ id: 'main', database: asEngine(database), tables: 'application' }),
    vocabulary,
    async execute(statements) {
      for (const statement of statements) {
        await database.write((connection) => sql.raw(statement).execute(connection))
      }
    },
    slowly: (connection) => sql`SELECT SLEEP(60)`.execute(connection),
    async close() {
      await database.close()
      await made.drop()
    },
  }
}

describeDataSource('MariaDB', () => open((database) => database))

// there is no MySQL here: the statements that are written for it, which MariaDB understands as well
describeDataSource('MariaDB, in the words for MySQL', () =>
  open((database) => ({ ...database, engine: 'mysql' })),
)
