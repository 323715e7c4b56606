import { eq, relations } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { numeric, pgEnum, pgTable, text, timestamp, uuid, varchar } from 'drizzle-orm/pg-core'
import pg from 'pg'
import { drizzleSource } from '../../src/readers/drizzle.ts'
import { describeReader, TABLES } from './suite.ts'

const role = pgEnum('staff_role', ['admin', 'clerk'])
const staff = pgTable('staff', {
  id: uuid('id').primaryKey().defaultRandom(),
  fullName: varchar('full_name', { length: 80 }).notNull(),
  role: role('role').notNull().default('clerk'),
  passwordHash: text('password_hash'),
})
const books = pgTable('books', {
  id: uuid('id').primaryKey().defaultRandom(),
  title: varchar('title', { length: 120 }).notNull(),
  price: numeric('price', { precision: 10, scale: 2 }),
  keeperId: uuid('keeper_id').references(() => staff.id),
  slug: text('slug').$defaultFn(() => 'made by code'),
  changedAt: timestamp('changed_at', { withTimezone: true }).$onUpdateFn(() => new Date()),
})
const schema = {
  staff,
  books,
  staffRelations: relations(staff, ({ many }) => ({ shelf: many(books) })),
  booksRelations: relations(books, ({ one }) => ({
    keptBy: one(staff, { fields: [books.keeperId], references: [staff.id] }),
  })),
}

describeReader(
  'Drizzle',
  async (url) => {
    const pool = new pg.Pool({ connectionString: url })
    await pool.query(TABLES)
    const db = drizzle(pool, { schema })
    return {
      source: (writes) => drizzleSource(db, { schema, writes }),
      async titleOf(id) {
        const [book] = await db.select().from(books).where(eq(books.id, id))
        return book?.title
      },
      close: () => pool.end(),
    }
  },
  {
    staffLabel: 'Staff',
    keeper: 'keptBy',
    books: 'shelf',
    refusal: /a value for slug/,
    isHashHidden: false,
    made: 'slug',
  },
)
