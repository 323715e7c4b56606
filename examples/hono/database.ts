/** The workshop's connection to MariaDB, its tables and its first jobs. */

import { type Generated, Kysely, MysqlDialect, sql } from 'kysely'
import { createPool } from 'mysql2'

interface MechanicTable {
  id: Generated<number>
  name: string
  /** Typed at the shop's own terminal. */
  pin_hash: string
}

interface BicycleTable {
  id: Generated<number>
  label: string
  owner: string
}

interface JobTable {
  id: Generated<number>
  bicycle_id: number
  mechanic_id: number | null
  task: string
  status: Generated<'waiting' | 'in work' | 'done'>
  price: string
}

export interface Tables {
  mechanics: MechanicTable
  bicycles: BicycleTable
  jobs: JobTable
}

export const pool = createPool({ uri: process.env['DATABASE_URL'] ?? '', supportBigNumbers: true })
export const db = new Kysely<Tables>({ dialect: new MysqlDialect({ pool }) })

const TABLES = [
  sql`CREATE TABLE IF NOT EXISTS mechanics (
    id int AUTO_INCREMENT PRIMARY KEY, name varchar(80) NOT NULL, pin_hash varchar(64) NOT NULL)`,
  sql`CREATE TABLE IF NOT EXISTS bicycles (
    id int AUTO_INCREMENT PRIMARY KEY, label varchar(80) NOT NULL, owner varchar(80) NOT NULL)`,
  sql`CREATE TABLE IF NOT EXISTS jobs (
    id int AUTO_INCREMENT PRIMARY KEY, bicycle_id int NOT NULL, mechanic_id int, task varchar(200) NOT NULL,
    status enum('waiting', 'in work', 'done') NOT NULL DEFAULT 'waiting', price decimal(8, 2) NOT NULL,
    FOREIGN KEY (bicycle_id) REFERENCES bicycles (id), FOREIGN KEY (mechanic_id) REFERENCES mechanics (id))`,
]

/** Makes what is missing. @param pinHash Of the first mechanic. */
export async function prepare(pinHash: string): Promise<void> {
  for (const table of TABLES) await table.execute(db)
  const first = await db.selectFrom('mechanics').select('id').limit(1).executeTakeFirst()
  if (first) return
  await db
    .insertInto('mechanics')
    .values([
      { name: 'Rosa Pinto', pin_hash: pinHash },
      { name: 'Jun Sato', pin_hash: pinHash },
    ])
    .execute()
  await db
    .insertInto('bicycles')
    .values([
      { label: 'Red city bike', owner: 'Noor Haddad' },
      { label: 'Folding bike', owner: 'Liam Byrne' },
    ])
    .execute()
  await db
    .insertInto('jobs')
    .values([
      { bicycle_id: 1, mechanic_id: 1, task: 'True the front wheel', price: '25.00' },
      { bicycle_id: 2, mechanic_id: null, task: 'New brake pads', price: '38.50' },
    ])
    .execute()
}
