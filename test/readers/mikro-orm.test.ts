import { defineEntity, MikroORM, p } from '@mikro-orm/postgresql'
import { mikroOrmSource } from '../../src/readers/mikro-orm.ts'
import { describeReader } from './suite.ts'

const Staff = defineEntity({
  name: 'StaffMember',
  tableName: 'staff',
  properties: {
    id: p.uuid().primary().defaultRaw('gen_random_uuid()'),
    fullName: p.string().length(80),
    role: p.enum(['admin', 'clerk']).default('clerk'),
    passwordHash: p.text().hidden().lazy().nullable(),
    shelf: () => p.oneToMany(Book).mappedBy('keptBy'),
  },
})
const Book = defineEntity({
  name: 'Book',
  tableName: 'books',
  properties: {
    id: p.uuid().primary().defaultRaw('gen_random_uuid()'),
    title: p.string().length(120),
    price: p.decimal().precision(10).scale(2).nullable(),
    keptBy: () => p.manyToOne(Staff).fieldName('keeper_id').nullable(),
    changedAt: p
      .datetime()
      .onUpdate(() => new Date())
      .defaultRaw('now()'),
  },
})

describeReader(
  'MikroORM',
  async (url) => {
    const orm = await MikroORM.init({ clientUrl: url, entities: [Staff, Book] })
    await orm.schema.create()
    return {
      source: (writes) => mikroOrmSource(orm, { writes }),
      async titleOf(id) {
        const book = await orm.em.fork().findOne(Book, { id })
        return book?.title
      },
      close: () => orm.close(),
    }
  },
  {
    staffLabel: 'Staff member',
    keeper: 'keptBy',
    books: 'shelf',
    refusal: /onUpdate of changedAt/,
    isHashHidden: true,
    made: 'changed_at',
  },
)
