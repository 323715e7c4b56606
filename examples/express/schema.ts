/** The library's own tables, as Drizzle sees them. */

import { relations } from 'drizzle-orm'
import { date, integer, pgEnum, pgTable, serial, text, timestamp, varchar } from 'drizzle-orm/pg-core'

export const condition = pgEnum('condition', ['new', 'good', 'worn'])

export const staff = pgTable('staff', {
  id: serial('id').primaryKey(),
  name: text('name').notNull(),
  email: text('email').notNull().unique(),
  passwordHash: text('password_hash').notNull(),
})

export const books = pgTable('books', {
  id: serial('id').primaryKey(),
  title: varchar('title', { length: 120 }).notNull(),
  author: varchar('author', { length: 80 }).notNull(),
  condition: condition('condition').notNull().default('good'),
  changedAt: timestamp('changed_at', { withTimezone: true }).$onUpdateFn(() => new Date()),
})

export const loans = pgTable('loans', {
  id: serial('id').primaryKey(),
  bookId: integer('book_id')
    .notNull()
    .references(() => books.id),
  reader: varchar('reader', { length: 80 }).notNull(),
  dueOn: date('due_on').notNull(),
  returnedOn: date('returned_on'),
})

export const bookRelations = relations(books, ({ many }) => ({ loans: many(loans) }))
export const loanRelations = relations(loans, ({ one }) => ({
  book: one(books, { fields: [loans.bookId], references: [books.id] }),
}))
