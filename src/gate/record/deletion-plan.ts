/** What deleting a record would take along, clear or be blocked by, in sentences with counts. */

import type { Count } from '../../data/data-source.ts'
import type { Model, Relation } from '../../model/model.ts'
import { relationOf } from '../../model/model.ts'
import type { Effect, Plan } from '../outcome.ts'

/** @param counts As `Records.countRelated` answers: what the principal may know of, capped. */
export function deletionPlan(
  model: Model,
  models: ReadonlyMap<string, Model>,
  title: string,
  counts: readonly { readonly relation: string; readonly count: Count }[],
): Plan {
  const name = `${model.label.toLowerCase()} ${title}`
  if (model.softDelete) {
    return { sentence: `Move ${name} to the trash. It can be restored from there.`, effects: [], changes: [] }
  }
  const effects = counts.flatMap(({ relation: relationName, count }): Effect[] => {
    const relation = relationOf(model, relationName)
    const target = relation && models.get(relation.target)
    return relation && target && count.value > 0 ? [effectOf(relation, target, count)] : []
  })
  return { sentence: `Delete ${name} for good.`, effects, changes: [] }
}

function effectOf(relation: Relation, target: Model, { value, kind }: Count): Effect {
  const label = (value === 1 ? target.label : target.labelPlural).toLowerCase()
  const number = value.toLocaleString('en-US')
  const many = kind === 'at-least' ? `${number} or more ${label}` : `${number} ${label}`
  const verb = value === 1 ? 'is' : 'are'
  switch (relation.onDelete) {
    case 'cascade':
      return { sentence: `${many} ${verb} deleted too.`, kind: 'deleted', count: value }
    case 'set-null':
    case 'set-default':
      return { sentence: `${many} ${verb} kept, and no longer point here.`, kind: 'cleared', count: value }
    case 'nothing':
      return { sentence: `${many} ${verb} kept, and will point to nothing.`, kind: 'cleared', count: value }
    case 'restrict':
      return {
        sentence: `${many} still ${value === 1 ? 'points' : 'point'} here and must be deleted or changed first.`,
        kind: 'blocks',
        count: value,
      }
  }
}
