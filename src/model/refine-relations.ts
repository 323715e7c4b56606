/** The options of relations: what they are called, and relations that the database has no foreign key for. */

import { humanise } from './label.ts'
import { type Field, fieldOf, type Model, type Relation, relationOf } from './model.ts'
import type { RelationOption } from './options.ts'
import { fieldsOf, nameOf, near, type Refining, unshown } from './refining.ts'

const NAME = /^[A-Za-z_]\w{0,62}$/

/** Types whose values can equal each other. */
const KIND_OF: Readonly<Partial<Record<Field['type'], string>>> = {
  int: 'number',
  bigint: 'number',
  text: 'text',
  enum: 'text',
  uuid: 'uuid',
}

/** What the values of a field can equal; undefined: they join nothing. */
export function joinKind({ type }: Pick<Field, 'type'>): string | undefined {
  return KIND_OF[type]
}

export function refineRelations(refining: Refining): Model {
  const { model, options } = refining
  const given = Object.entries(options.relations ?? {})
  const renamed = model.relations.map((relation) => {
    const option = given.find(([name]) => name === relation.name)?.[1]
    return option ? refineRelation(refining, relation, option) : relation
  })
  const declared = given.flatMap(([name, option]) =>
    relationOf(model, name) ? [] : declare(refining, name, option),
  )
  return relabelled({ ...model, relations: [...renamed, ...declared] }, refining)
}

function refineRelation({ report }: Refining, relation: Relation, option: RelationOption): Relation {
  for (const key of ['target', 'kind', 'from', 'to'] as const) {
    if (option[key] === undefined) continue
    const problem = `the database itself says where "${relation.name}" leads.`
    report('M307', `relations.${relation.name}.${key}`, problem, 'Leave it out, or choose another name.')
  }
  checkPicker(report, relation, option)
  return { ...relation, label: option.label ?? relation.label }
}

function checkPicker(
  report: Refining['report'],
  { name, kind, from }: Relation,
  option: RelationOption,
): void {
  if (option.picker === undefined || (kind === 'one' && from.length === 1)) return
  const problem = 'only a relation of one field that leads to one record is chosen in a form.'
  report('M309', `relations.${name}.picker`, problem, 'Leave it out.')
}

function declare(refining: Refining, name: string, option: RelationOption): readonly Relation[] {
  const { model, models, report } = refining
  const path = `relations.${name}`
  const { target: targetName, kind = 'one' } = option
  if (targetName === undefined || option.from === undefined || option.to === undefined) {
    const known = near(name, model.relations.map(nameOf))
    report(
      'M306',
      path,
      `"${model.name}" has no relation "${name}".`,
      `${known} A new one needs "target", "from" and "to".`,
    )
    return []
  }
  if (!NAME.test(name)) {
    report('M304', path, `"${name}" is no name for a relation.`, 'Use letters, digits and underscores.')
  }
  const target = models.get(targetName)
  if (!target) {
    report(
      'M301',
      `${path}.target`,
      `there is no model "${targetName}".`,
      near(targetName, [...models.keys()]),
    )
    return []
  }
  if (target.source !== model.source) {
    report('M306', `${path}.target`, `"${targetName}" is in another database.`, 'Leave the relation out.')
    return []
  }
  const from = fieldsOf(refining, option.from, `${path}.from`, unjoined)
  const to = fieldsOf({ ...refining, model: target }, option.to, `${path}.to`, unjoined)
  const relation: Relation = {
    name,
    label: option.label ?? humanise(name),
    kind,
    target: targetName,
    from: from.map(nameOf),
    to: to.map(nameOf),
    onDelete: 'nothing',
  }
  checkPairs(refining, target, relation, path)
  checkPicker(report, relation, option)
  return [relation]
}

function unjoined(field: Field): string | null {
  if (field.computed) return 'is computed, so the database knows nothing of it'
  return joinKind(field) === undefined ? `is of the type ${field.type}, which joins nothing` : unshown(field)
}

function checkPairs({ model, report }: Refining, target: Model, relation: Relation, path: string): void {
  const { from, to, kind } = relation
  if (from.length !== to.length) {
    report('M306', path, '"from" and "to" name different numbers of fields.', 'Name them pairwise.')
    return
  }
  for (const [index, name] of from.entries()) {
    const here = fieldOf(model, name)
    const there = fieldOf(target, to[index] ?? '')
    if (here && there && joinKind(here) !== joinKind(there)) {
      const problem = `"${here.name}" is of the type ${here.type}, and "${there.name}" of the type ${there.type}.`
      report('M306', path, problem, 'Join fields of the same type.')
    }
  }
  const isUnique = [target.key ?? [], ...target.uniques].some(
    (unique) => unique.length === to.length && unique.every((name) => to.includes(name)),
  )
  if (kind === 'one' && to.length > 0 && !isUnique) {
    const problem = `several records of "${target.name}" may have the same ${to.join(', ')}.`
    report('M306', `${path}.to`, problem, 'Name its key or a unique field, or set kind to "many".')
  }
}

/** A field that only leads to another record is called after the relation, unless it was given a label of its own. */
function relabelled(model: Model, { model: before, options }: Refining): Model {
  const fields = model.fields.map((field) => {
    const relation = model.relations.find(
      ({ kind, from }) => kind === 'one' && from.length === 1 && from[0] === field.name,
    )
    const was = relation && relationOf(before, relation.name)
    const isOwn = options.fields?.[field.name]?.label !== undefined || model.key?.includes(field.name)
    const follows = relation && !isOwn && (was === undefined || was.label === field.label)
    return follows ? { ...field, label: relation.label } : field
  })
  return { ...model, fields }
}
