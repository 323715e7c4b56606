/** The workshop's admin. People are Castellan's own here: the shop's PINs are for its terminal alone. */

import { createAdmin } from 'castellan'
import { kyselySource } from 'castellan/kysely'
import { pool } from './database.ts'

export const admin = createAdmin({
  title: 'Workshop',
  basePath: '/admin',
  // the pool that Kysely uses as well; Castellan never closes it
  database: kyselySource(pool),
  models: {
    jobs: {
      title: ['task'],
      list: { columns: ['task', 'bicycle_id', 'mechanic_id', 'status', 'price'] },
      fields: { price: { help: 'In euros, what the owner pays.' } },
    },
  },
})
