/**
 * Reads a Prisma schema through the file that the generator `castellan-prisma`
 * writes, and borrows the pool that the driver adapter uses. Exported as
 * `castellan/prisma`.
 *
 * Facts of Prisma 7 (https://www.prisma.io/docs/orm/prisma-schema).
 */

import type { CodeValues, FieldOverlay, ModelOverlay, Overlay } from '../data/overlay.ts'
import type { SourceDefinition } from '../data/source-definition.ts'
import { misconfigured } from '../errors.ts'
import { humanise } from '../model/label.ts'
import { borrow } from './borrow.ts'
import type { PrismaField, PrismaModel, PrismaModels } from './prisma-models.ts'
import { writesOf } from './writes.ts'

export type { PrismaModels } from './prisma-models.ts'

export interface PrismaOptions {
  /** What the generator wrote: `import models from './castellan-models.json' with { type: 'json' }`. */
  readonly models: PrismaModels
  /** For models with values that Prisma's client makes; `refuse` (by default) keeps them read-only. */
  readonly writes?: SourceDefinition['writes']
}

/**
 * The database behind the pool that the application gives its adapter, as in
 * `new PrismaPg(pool)`, with the Prisma schema laid over.
 */
export function prismaSource(pool: unknown, options: PrismaOptions): SourceDefinition {
  return {
    open: async () => ({
      database: await borrow(pool, 'Prisma'),
      overlay: prismaOverlay(options.models),
    }),
    writes: writesOf(options.writes, 'Prisma', BOUND),
  }
}

/** Its extensions belong to the client, and nothing hands a client another connection. */
const BOUND =
  "a Prisma client is bound to its adapter when it is made, so that it can't write in Castellan's transaction."

/** What the schema says of its tables. @throws AdminError `misconfigured` with D161 for a file of another format. */
export function prismaOverlay(file: PrismaModels): Overlay {
  if (file.version !== 1 || !Array.isArray(file.models)) {
    throw misconfigured([
      {
        id: 'D161',
        place: 'Prisma',
        problem: 'the description of its models is not of the format that this version reads.',
        remedy: 'Run "prisma generate" with the generator "castellan-prisma" of this version.',
      },
    ])
  }
  return { from: 'Prisma', models: file.models.map(modelOverlay) }
}

function modelOverlay(model: PrismaModel): ModelOverlay {
  return {
    schema: model.schema,
    table: model.table,
    entity: model.name,
    description: model.documentation,
    fields: model.fields.map(fieldOverlay),
    relations: model.relations.map(({ target, ...relation }) => ({
      ...relation,
      targetSchema: target.schema,
      targetTable: target.table,
    })),
    softDeleteColumn: null,
    codeOnWrite: model.fields
      .filter(({ makes }) => makes === 'other')
      .map(({ name }) => `the default of ${name}`),
  }
}

function fieldOverlay({ name, column, documentation, choices, makes }: PrismaField): FieldOverlay {
  const values = codeValuesOf(makes)
  return {
    column,
    property: name,
    help: documentation,
    choices: choices?.map((choice) => ({ value: choice.value, label: humanise(choice.name) })) ?? null,
    isHidden: false,
    sensitivity: null,
    maxLength: null,
    readonlyReason: makes === 'updated-at' ? 'Prisma keeps this time itself.' : null,
    ...(values && { makes: values }),
  }
}

function codeValuesOf(makes: PrismaField['makes']): CodeValues | null {
  const now = (): Date => new Date()
  if (makes === 'updated-at') return { onCreate: now, onUpdate: now }
  if (makes === 'now') return { onCreate: now }
  return makes === 'uuid' ? { onCreate: () => crypto.randomUUID() } : null
}
