import { DataTypes, Sequelize } from 'sequelize'
import { sequelizeSource } from '../../src/readers/sequelize.ts'
import { describeReader } from './suite.ts'

describeReader(
  'Sequelize',
  async (url) => {
    const sequelize = new Sequelize(url, { logging: false })
    const id = { type: DataTypes.UUID, primaryKey: true, defaultValue: DataTypes.UUIDV4 }
    const Staff = sequelize.define(
      'StaffMember',
      {
        id,
        fullName: { type: DataTypes.STRING(80), allowNull: false },
        role: { type: DataTypes.ENUM('admin', 'clerk'), allowNull: false, defaultValue: 'clerk' },
        passwordHash: DataTypes.TEXT,
      },
      { tableName: 'staff', underscored: true, timestamps: false },
    )
    const Book = sequelize.define(
      'Book',
      {
        id,
        title: { type: DataTypes.STRING(120), allowNull: false },
        price: DataTypes.DECIMAL(10, 2),
        keeperId: DataTypes.UUID,
      },
      { tableName: 'books', underscored: true, hooks: { beforeUpdate: () => undefined } },
    )
    Staff.hasMany(Book, { as: 'shelf', foreignKey: 'keeperId' })
    Book.belongsTo(Staff, { as: 'keptBy', foreignKey: 'keeperId' })
    await sequelize.sync()
    return {
      source: (writes) => sequelizeSource(sequelize, { writes }),
      async titleOf(key) {
        const book = await Book.findByPk(key)
        return book?.get('title')
      },
      close: () => sequelize.close(),
    }
  },
  {
    staffLabel: 'Staff member',
    keeper: 'keptBy',
    books: 'shelf',
    refusal: /the hook beforeUpdate/,
    isHashHidden: false,
    made: 'updated_at',
  },
)
