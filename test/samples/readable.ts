/** A schema as text that a person can review, and a diff can show. */

import type { Schema, Warning } from '../../src/data/data-source.ts'
import type { Field, Model, Relation } from '../../src/model/model.ts'

export function readable({ models, warnings }: Schema): string {
  return `${models.map(modelText).join('\n\n')}\n\n${warningTexts(warnings).join('\n')}\n`
}

function modelText(model: Model): string {
  const { list, writable } = model
  const verbs = (['create', 'update', 'delete'] as const).filter((verb) => writable[verb])
  return [
    `${model.name}: ${model.kind}, "${model.label}", "${model.labelPlural}"${model.group ? `, in ${model.group}` : ''}`,
    ...(model.description ? [`  says ${model.description}`] : []),
    `  key ${model.key?.join(', ') ?? 'none'}; title ${model.title.join(' ') || 'none'}`,
    ...model.uniques
      .filter((names) => names.join() !== model.key?.join())
      .map((names) => `  unique ${names.join(', ')}`),
    `  list ${list.columns.join(', ') || 'nothing'}`,
    `  sort ${list.sort.map(({ field, direction }) => `${field} ${direction}`).join(', ') || 'none'}`,
    `  search ${list.search.join(', ') || 'nothing'}`,
    ...(model.softDelete ? [`  deleted by ${model.softDelete.field}`] : []),
    `  writes ${verbs.join(', ') || 'none'}${writable.reason ? `: ${writable.reason}` : ''}`,
    ...model.fields.map((field) => `  ${fieldText(field)}`),
    ...model.relations.map((relation) => `  ${relationText(relation)}`),
  ].join('\n')
}

function fieldText(field: Field): string {
  const limits = [
    field.maxLength === null ? '' : `max ${field.maxLength}`,
    field.scale === null ? '' : `scale ${field.scale}`,
    field.choices ? `of ${field.choices.map(({ value }) => value).join('|')}` : '',
  ]
  const literal = field.defaultValue === null ? '' : ` ${String(field.defaultValue)}`
  const parts = [
    `${field.name}: ${field.type}`,
    `(${field.dbType})`,
    ...limits,
    field.nullable ? 'null' : '',
    field.generated ? 'generated' : '',
    field.hasDefault ? `default${literal}` : '',
    field.readonly ? 'readonly' : '',
    field.sensitivity === 'public' ? '' : field.sensitivity.toUpperCase(),
    `"${field.label}"`,
  ]
  return parts.filter((part) => part !== '').join(' ')
}

function relationText({ kind, name, label, target, from, to, onDelete }: Relation): string {
  return `-> ${kind} ${name} "${label}": ${from.join(', ')} = ${target}.${to.join(', ')} on delete ${onDelete}`
}

function warningTexts(warnings: readonly Warning[]): readonly string[] {
  return warnings.map(
    ({ code, model, field, detail }) =>
      `! ${code}${model ? ` ${model}` : ''}${field ? `.${field}` : ''}: ${detail}`,
  )
}
