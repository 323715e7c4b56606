import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { openIdentity } from '../../test/identity.ts'
import { TABLES_OF_A_PERSON } from '../identity/remove-person.ts'

test('knows every table of ours that refers to a person', async () => {
  await using world = await openIdentity()
  const { rows } = await sql<{ name: string }>`
    select entry.name from sqlite_master entry, pragma_foreign_key_list(entry.name) key
    where entry.type = 'table' and key."table" = 'castellan_person'
  `.execute(world.database.now)

  expect(rows.length).toBeGreaterThan(5)
  expect([...new Set(rows.map(({ name }) => name))].sort()).toEqual([...TABLES_OF_A_PERSON].sort())
})
