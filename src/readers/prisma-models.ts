/**
 * What Castellan keeps of a Prisma schema: the file that the generator
 * `castellan-prisma` writes and `castellan/prisma` reads. Prisma's client has
 * no such description of itself at run time.
 */

export interface PrismaModels {
  /** The version of this format. */
  readonly version: 1
  readonly models: readonly PrismaModel[]
}

export interface PrismaModel {
  readonly name: string
  readonly table: string
  readonly schema: string | null
  readonly documentation: string | null
  readonly fields: readonly PrismaField[]
  readonly relations: readonly PrismaRelation[]
}

export interface PrismaField {
  readonly name: string
  readonly column: string
  readonly documentation: string | null
  /** The values of its enum as the database stores them, with the names that the schema gives them. */
  readonly choices: readonly { readonly value: string; readonly name: string }[] | null
  /** What Prisma's client fills in by itself; null: nothing. `other` is a function that only Prisma knows. */
  readonly makes: 'now' | 'uuid' | 'updated-at' | 'other' | null
}

export interface PrismaRelation {
  readonly name: string
  readonly kind: 'one' | 'many'
  readonly target: { readonly table: string; readonly schema: string | null }
  /** Columns here and there, pairwise. */
  readonly from: readonly string[]
  readonly to: readonly string[]
}
