import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { connectionOver } from './connection.ts'
import type { Engine } from './database.ts'
import { keptStatement } from './kept-statement.ts'

type Tables = {
  notes: { id: string; body: string }
}

/** A connection that keeps what it is asked. */
function asked(engine: Engine) {
  const statements: { readonly text: string; readonly parameters: readonly unknown[] }[] = []
  const connection = connectionOver(engine, (text, parameters) => {
    statements.push({ text, parameters })
    return { rows: [{ id: parameters[0] }], changes: 0n, lastRowId: 0n }
  })
  return { connection, statements }
}

test('builds a statement once for each engine, and gives each value its place', async () => {
  let built = 0
  const find = keptStatement((connection, given: (name: 'id' | 'body') => string) => {
    built += 1
    return connection
      .withTables<Tables>()
      .selectFrom('notes')
      .select('id')
      .where('body', '=', given('body'))
      .where('id', 'in', [given('id'), 'always', given('id')])
  })
  const postgres = asked('postgres')
  const mariadb = asked('mariadb')

  expect(await find(postgres.connection, { id: 'a', body: "'b'" })).toEqual([{ id: "'b'" }])
  await find(postgres.connection, { id: 'c', body: 'd' })
  await find(mariadb.connection, { id: 'e', body: 'f' })

  expect(built).toBe(2)
  expect(postgres.statements).toEqual([
    {
      text: 'select "id" from "notes" where "body" = $1 and "id" in ($2, $3, $4)',
      parameters: ["'b'", 'a', 'always', 'a'],
    },
    {
      text: 'select "id" from "notes" where "body" = $1 and "id" in ($2, $3, $4)',
      parameters: ['d', 'c', 'always', 'c'],
    },
  ])
  expect(mariadb.statements[0]?.parameters).toEqual(['f', 'e', 'always', 'e'])
})

test('statements of one connection are compiled apart, also while others are under way', async () => {
  const { connection, statements } = asked('sqlite')

  await Promise.all([1, 2, 3].map((n) => sql`SELECT ${n}, ${sql.id(`c${n}`)}`.execute(connection)))

  expect(statements).toEqual([1, 2, 3].map((n) => ({ text: `SELECT ?, "c${n}"`, parameters: [n] })))
})
