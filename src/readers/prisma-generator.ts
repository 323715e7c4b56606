/**
 * The Prisma generator `castellan-prisma`: writes what `castellan/prisma` reads.
 *
 * In schema.prisma:
 *
 *     generator castellan {
 *       provider = "castellan-prisma"
 *       output   = "./castellan-models.json"
 *     }
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import type { DMMF } from '@prisma/generator-helper'
import type { PrismaField, PrismaModel, PrismaModels, PrismaRelation } from './prisma-models.ts'

/** Answers Prisma's command line over standard input and output, as its helper library does it. */
export function runGenerator(): void {
  // CommonJS, whose exports an import can't name; loaded here, since only Prisma's own command has it at hand
  const load = createRequire(import.meta.url)
  const { generatorHandler }: typeof import('@prisma/generator-helper') = load('@prisma/generator-helper')
  generatorHandler({
    onManifest: () => ({ prettyName: 'Castellan', defaultOutput: './castellan-models.json' }),
    async onGenerate({ dmmf, generator }) {
      const file = generator.output?.value
      if (!file) throw new Error('The generator "castellan-prisma" needs an output file.')
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, `${JSON.stringify(prismaModelsOf(dmmf), null, 2)}\n`)
    },
  })
}

/** What Castellan keeps of Prisma's own description of a schema. */
export function prismaModelsOf({ datamodel }: Pick<DMMF.Document, 'datamodel'>): PrismaModels {
  return { version: 1, models: datamodel.models.map((model) => modelOf(datamodel, model)) }
}

function modelOf(datamodel: DMMF.Datamodel, model: DMMF.Model): PrismaModel {
  return {
    name: model.name,
    ...placeOf(model),
    documentation: model.documentation ?? null,
    fields: model.fields
      .filter(({ kind }) => kind === 'scalar' || kind === 'enum')
      .map((field) => fieldOf(datamodel, field)),
    relations: model.fields
      .filter(({ kind }) => kind === 'object')
      .flatMap((field) => relationOf(datamodel, model, field) ?? []),
  }
}

function placeOf({ dbName, name, schema }: DMMF.Model): {
  readonly table: string
  readonly schema: string | null
} {
  return { table: dbName ?? name, schema: schema ?? null }
}

function fieldOf({ enums }: DMMF.Datamodel, field: DMMF.Field): PrismaField {
  const values = field.kind === 'enum' ? enums.find(({ name }) => name === field.type)?.values : undefined
  return {
    name: field.name,
    column: columnOf(field),
    documentation: field.documentation ?? null,
    choices:
      values && !field.isList ? values.map(({ name, dbName }) => ({ value: dbName ?? name, name })) : null,
    makes: makesOf(field),
  }
}

function columnOf({ dbName, name }: DMMF.Field): string {
  return dbName ?? name
}

/** Defaults that Prisma's client makes. `autoincrement`, `dbgenerated`, `now` and constants are the database's as well. */
function makesOf({ isUpdatedAt, default: byDefault }: DMMF.Field): PrismaField['makes'] {
  if (isUpdatedAt) return 'updated-at'
  if (typeof byDefault !== 'object' || !('name' in byDefault)) return null
  const { name } = byDefault
  if (['autoincrement', 'dbgenerated', 'now', 'sequence'].includes(name)) return null
  return name === 'uuid' ? 'uuid' : 'other'
}

/** The side without columns takes them from its counterpart; a list on both sides has a hidden junction table. */
function relationOf(datamodel: DMMF.Datamodel, model: DMMF.Model, field: DMMF.Field): PrismaRelation | null {
  const other = datamodel.models.find(({ name }) => name === field.type)
  if (!other) return null
  const rest = { name: field.name, target: placeOf(other) }
  const own = field.relationFromFields ?? []
  if (own.length > 0) {
    const to = field.relationToFields ?? []
    return { ...rest, kind: 'one', from: columnsOf(model, own), to: columnsOf(other, to) }
  }
  const counterpart = other.fields.find(
    (one) => one.relationName === field.relationName && (one.relationFromFields ?? []).length > 0,
  )
  if (!counterpart) return null
  return {
    ...rest,
    kind: 'many',
    from: columnsOf(model, counterpart.relationToFields ?? []),
    to: columnsOf(other, counterpart.relationFromFields ?? []),
  }
}

function columnsOf(model: DMMF.Model, names: readonly string[]): readonly string[] {
  return names.map((name) => {
    const field = model.fields.find((one) => one.name === name)
    return field ? columnOf(field) : name
  })
}
