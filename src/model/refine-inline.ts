/** The options of relations that rule what is written: rows in a form, and trees. */

import { type Field, type Model, type Relation, relationOf } from './model.ts'
import type { InlineOption } from './options.ts'
import { isWritable } from './parse.ts'
import type { Inline } from './refined.ts'
import { fieldsOf, nameOf, type Refining } from './refining.ts'

/** More rows than this are no form any more. */
export const DEFAULT_ROWS = 50

export function inlinesOf(refining: Refining): ReadonlyMap<string, Inline> {
  const { model, models, options, report } = refining
  const inlines = new Map<string, Inline>()
  for (const [name, { inline }] of Object.entries(options.relations ?? {})) {
    const relation = relationOf(model, name)
    const target = relation && models.get(relation.target)
    if (!inline || !relation || !target) continue
    const path = `relations.${name}.inline`
    if (relation.kind !== 'many' || !target.key) {
      const why =
        relation.kind === 'many' ? `"${target.name}" has no key` : `"${name}" is no relation to many`
      report('M309', path, `${why}, so it has no rows.`, 'Leave it out.')
      continue
    }
    inlines.set(name, inlineOf(refining, target, relation, inline === true ? {} : inline))
  }
  return inlines
}

function inlineOf(refining: Refining, target: Model, relation: Relation, option: InlineOption): Inline {
  const path = `relations.${relation.name}.inline`
  const there = { ...refining, model: target }
  const fields =
    option.fields && fieldsOf(there, option.fields, `${path}.fields`, (field) => unfit(field, relation))
  const order =
    option.order === undefined
      ? []
      : fieldsOf(there, option.order, `${path}.order`, (field) => unordered(target, field, relation))
  return {
    fields: fields?.map(nameOf) ?? null,
    order: order[0]?.name ?? null,
    max: option.max ?? DEFAULT_ROWS,
  }
}

/** Why a field is none of a row's; null: it is. */
function unfit(field: Field, { to }: Relation): string | null {
  if (to.includes(field.name)) return 'says which record the row belongs to, so nobody types it'
  return isWritable(field) ? null : 'is not written by anybody'
}

function unordered({ key, uniques }: Model, field: Field, relation: Relation): string | null {
  const why = unfit(field, relation)
  if (why !== null) return why
  if (field.type !== 'int' && field.type !== 'bigint')
    return `is of the type ${field.type}; an order is a whole number`
  const isUnique = [key ?? [], ...uniques].some((set) => set.includes(field.name))
  return isUnique ? 'is unique or part of what is, so two rows cannot trade places' : null
}

export function treesOf({ model, options, report }: Refining): ReadonlySet<string> {
  const names = Object.entries(options.relations ?? {}).flatMap(([name, { tree }]) => (tree ? [name] : []))
  return new Set(
    names.filter((name) => {
      const relation = relationOf(model, name)
      if (!relation || (relation.kind === 'one' && relation.target === model.name))
        return relation !== undefined
      const problem = `"${name}" does not lead from one record of "${model.name}" to another.`
      report('M309', `relations.${name}.tree`, problem, 'Leave it out.')
      return false
    }),
  )
}
