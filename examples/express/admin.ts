/** The library's admin: its staff sign in with their own passwords. */

import { createAdmin, defineAction } from 'castellan'
import { drizzleSource } from 'castellan/drizzle'
import { z } from 'zod'
import { db } from './database.ts'
import * as schema from './schema.ts'
import { authenticate, changePassword } from './staff.ts'

const extend = defineAction({
  name: 'extend',
  label: 'Extend',
  description: 'Gives the reader more time.',
  on: 'record',
  input: z.object({ dueOn: z.iso.date() }),
  plan: ({ target, input }) => `${target.title} is then due on ${input.dueOn}.`,
  async run({ target, input }) {
    await target.update({ due_on: input.dueOn })
    return { message: `Extended to ${input.dueOn}.` }
  },
})

export const admin = createAdmin({
  title: 'Library',
  basePath: '/admin',
  // its tables have one value that code makes, the time of change; Castellan calls that code as well
  database: drizzleSource(db, { schema, writes: 'sql' }),
  people: {
    model: 'staff',
    usernameField: 'email',
    async authenticate(email, password) {
      const member = await authenticate(email, password)
      return member?.id ?? null
    },
    changePassword: (id, password) => changePassword(Number(id), password),
  },
  models: {
    books: { list: { columns: ['title', 'author', 'condition', 'changed_at'] } },
    loans: { title: ['reader'], actions: [extend] },
    staff: { allowedActions: ['view', 'update'] },
  },
})
