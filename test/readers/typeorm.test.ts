import { DataSource, EntitySchema } from 'typeorm'
import { typeormSource } from '../../src/readers/typeorm.ts'
import { describeReader } from './suite.ts'

interface Staff {
  id: string
  fullName: string
  role: string
  passwordHash: string | null
  shelf: Book[]
}
interface Book {
  id: string
  title: string
  price: string | null
  changedAt: Date
  keptBy: Staff | null
}

const StaffEntity = new EntitySchema<Staff>({
  name: 'StaffMember',
  tableName: 'staff',
  columns: {
    id: { type: 'uuid', primary: true, generated: 'uuid' },
    fullName: { type: 'varchar', name: 'full_name', length: 80 },
    role: { type: 'enum', enum: ['admin', 'clerk'], default: 'clerk' },
    passwordHash: { type: 'text', name: 'password_hash', nullable: true, select: false },
  },
  relations: { shelf: { type: 'one-to-many', target: 'Book', inverseSide: 'keptBy' } },
})
const BookEntity = new EntitySchema<Book>({
  name: 'Book',
  tableName: 'books',
  columns: {
    id: { type: 'uuid', primary: true, generated: 'uuid' },
    title: { type: 'varchar', length: 120 },
    price: { type: 'numeric', precision: 10, scale: 2, nullable: true },
    changedAt: { type: 'timestamptz', name: 'changed_at', updateDate: true },
  },
  relations: {
    keptBy: {
      type: 'many-to-one',
      target: 'StaffMember',
      inverseSide: 'shelf',
      joinColumn: { name: 'keeper_id' },
      nullable: true,
    },
  },
})

class BookSubscriber {
  listenTo(): string {
    return 'Book'
  }
  beforeInsert(): void {}
}

describeReader(
  'TypeORM',
  async (url) => {
    const dataSource = new DataSource({
      type: 'postgres',
      url,
      entities: [StaffEntity, BookEntity],
      synchronize: true,
    })
    await dataSource.initialize()
    dataSource.subscribers.push(new BookSubscriber())
    return {
      source: (writes) => typeormSource(dataSource, { writes }),
      async titleOf(id) {
        const book = await dataSource.getRepository(BookEntity).findOneBy({ id })
        return book?.title
      },
      close: () => dataSource.destroy(),
    }
  },
  {
    staffLabel: 'Staff member',
    keeper: 'keptBy',
    books: 'shelf',
    refusal: /the subscriber BookSubscriber/,
    isHashHidden: true,
    made: 'changed_at',
  },
)
