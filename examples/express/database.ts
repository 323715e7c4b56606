/** The library's connection to PostgreSQL, its tables and its first books. */

import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { hashPassword } from './password.ts'
import * as schema from './schema.ts'

export const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'] })
export const db = drizzle(pool, { schema })

const TABLES = `
  DO $$ BEGIN CREATE TYPE condition AS ENUM ('new', 'good', 'worn'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;
  CREATE TABLE IF NOT EXISTS staff (
    id serial PRIMARY KEY, name text NOT NULL, email text NOT NULL UNIQUE, password_hash text NOT NULL);
  CREATE TABLE IF NOT EXISTS books (
    id serial PRIMARY KEY, title varchar(120) NOT NULL, author varchar(80) NOT NULL,
    condition condition NOT NULL DEFAULT 'good', changed_at timestamptz);
  CREATE TABLE IF NOT EXISTS loans (
    id serial PRIMARY KEY, book_id integer NOT NULL REFERENCES books (id), reader varchar(80) NOT NULL,
    due_on date NOT NULL, returned_on date);`

const BOOKS = [
  { title: 'Middlemarch', author: 'George Eliot' },
  { title: 'The Left Hand of Darkness', author: 'Ursula K. Le Guin' },
  { title: 'Things Fall Apart', author: 'Chinua Achebe' },
  { title: 'Invisible Cities', author: 'Italo Calvino', condition: 'worn' },
] as const

/** Makes what is missing: tables, books, and one member of staff. */
export async function prepare(): Promise<void> {
  await pool.query(TABLES)
  if ((await db.$count(schema.staff)) > 0) return
  const made = await db
    .insert(schema.books)
    .values([...BOOKS])
    .returning()
  const [first] = made
  if (first)
    await db.insert(schema.loans).values({ bookId: first.id, reader: 'Noor Haddad', dueOn: '2030-01-31' })
  await db.insert(schema.staff).values({
    name: 'Ada Keeper',
    email: 'ada@library.example',
    passwordHash: await hashPassword('read more books today'),
  })
}
