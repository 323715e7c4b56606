import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { prismaSource } from '../../src/readers/prisma.ts'
import type { PrismaModels } from '../../src/readers/prisma-models.ts'
import { describeReader, TABLES } from './suite.ts'

const FOLDER = join(import.meta.dirname, 'prisma')
const GENERATED = join(FOLDER, 'generated')

/** What this test uses of the client that Prisma generates. */
interface Client {
  readonly book: { findUnique(query: { where: { id: string } }): Promise<{ title: string } | null> }
  $disconnect(): Promise<void>
}
interface Generated {
  readonly PrismaClient: new (options: { adapter: PrismaPg }) => Client
}

/** Runs `prisma generate` with both generators. Prisma looks for an engine that only migrations need. */
function generate(): void {
  rmSync(GENERATED, { recursive: true, force: true })
  const engine = join(FOLDER, 'no-engine.sh')
  writeFileSync(engine, '#!/bin/sh\nexit 0\n', { mode: 0o755 })
  try {
    execFileSync(process.execPath, ['../../../node_modules/prisma/build/index.js', 'generate'], {
      cwd: FOLDER,
      env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: engine, CHECKPOINT_DISABLE: '1' },
    })
  } finally {
    rmSync(engine)
  }
}

describeReader(
  'Prisma',
  async (url) => {
    generate()
    const models: PrismaModels = JSON.parse(readFileSync(join(GENERATED, 'castellan-models.json'), 'utf8'))
    const { PrismaClient }: Generated = await import(join(GENERATED, 'client', 'client.ts'))
    const pool = new pg.Pool({ connectionString: url })
    await pool.query(TABLES)
    const prisma = new PrismaClient({ adapter: new PrismaPg(pool) })
    return {
      source: (writes) => prismaSource(pool, { models, writes }),
      async titleOf(id) {
        const book = await prisma.book.findUnique({ where: { id } })
        return book?.title
      },
      async close() {
        await prisma.$disconnect()
        await pool.end()
        rmSync(GENERATED, { recursive: true, force: true })
      },
    }
  },
  {
    staffLabel: 'Staff member',
    keeper: 'keptBy',
    books: 'shelf',
    refusal: /the default of slug/,
    isHashHidden: false,
    made: 'changed_at',
  },
)
