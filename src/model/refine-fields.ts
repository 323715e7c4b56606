/** The options of fields: what they are called, how they are shown and kept, and fields that no column holds. */

import { humanise } from './label.ts'
import { type Choice, type Field, fieldOf, type Model } from './model.ts'
import type { ComputedOption, FieldOption } from './options.ts'
import { parseValue } from './parse.ts'
import { fieldsOf, nameOf, near, type Refining, unshown } from './refining.ts'

const NAME = /^[A-Za-z_]\w{0,62}$/
const TEXT_WIDGETS: ReadonlySet<string> = new Set(['text', 'long-text', 'email', 'url'])
const CHOSEN: ReadonlySet<Field['type']> = new Set(['text', 'enum', 'uuid', 'int', 'bigint'])

/** The model with its fields as the application wants them; computed ones at the end. */
export function refineFields(refining: Refining): Model {
  const { model, options } = refining
  const given = Object.entries(options.fields ?? {})
  const changed = model.fields.map((field) => {
    const option = given.find(([name]) => name === field.name)?.[1]
    return option ? refineField(refining, field, option) : field
  })
  const withColumns = { ...model, fields: changed }
  const computed = given.flatMap(([name, option]) =>
    fieldOf(model, name) ? [] : computedField({ ...refining, model: withColumns }, name, option),
  )
  return { ...model, fields: [...changed, ...computed] }
}

function refineField(refining: Refining, field: Field, option: FieldOption): Field {
  const path = `fields.${field.name}`
  checkSecrecy(refining, field, option, path)
  checkWriting(refining, field, option, path)
  if (option.computed) {
    const problem = 'is a column, so it cannot be computed.'
    refining.report('M307', `${path}.computed`, `"${field.name}" ${problem}`, 'Choose another name for it.')
  }
  const choices = option.choices
    ? choicesOf(refining, field, option.choices, `${path}.choices`)
    : field.choices
  const refined: Field = {
    ...field,
    label: option.label ?? field.label,
    help: option.help ?? field.help,
    sensitivity: option.sensitivity ?? field.sensitivity,
    hidden: option.hidden ?? field.hidden,
    readonly: option.readonly ?? field.readonly,
    widget: option.widget ?? field.widget,
    choices,
  }
  if (option.widget !== undefined) checkWidget(refining, refined, option.widget, `${path}.widget`)
  return refined
}

/** A key stands in every address, so it can be kept from nobody who may know of the record. */
function checkSecrecy({ model, report }: Refining, { name }: Field, option: FieldOption, path: string): void {
  if (!model.key?.includes(name)) return
  const remedy = 'Leave it out. What must not be known is better no key.'
  if (option.sensitivity === 'secret' || option.sensitivity === 'personal') {
    const problem = `"${name}" names the record in every address, so it cannot be ${option.sensitivity}.`
    report('M308', `${path}.sensitivity`, problem, remedy)
  }
  if (option.hidden) {
    report(
      'M308',
      `${path}.hidden`,
      `"${name}" names the record in every address, so it cannot be hidden.`,
      remedy,
    )
  }
}

function checkWriting({ report }: Refining, field: Field, option: FieldOption, path: string): void {
  const isFixed = field.generated || field.type === 'opaque' || field.element?.type === 'opaque'
  if (option.readonly === false && isFixed) {
    const why = field.generated ? 'the database itself fills it in' : 'its type is only shown'
    report('M307', `${path}.readonly`, `"${field.name}" cannot be written: ${why}.`, 'Leave it out.')
  }
}

function checkWidget({ report }: Refining, field: Field, widget: string, path: string): void {
  const isText = field.type === 'text' && field.choices === null
  const isSuited = TEXT_WIDGETS.has(widget) ? isText : field.choices !== null
  if (isSuited) return
  const wanted = TEXT_WIDGETS.has(widget) ? 'text without choices' : 'a field with choices'
  report('M309', path, `"${widget}" is for ${wanted}.`, 'Leave it out, or choose another one.')
}

function choicesOf(
  { report }: Refining,
  field: Field,
  given: readonly (string | Choice)[],
  path: string,
): readonly Choice[] | null {
  if (!CHOSEN.has(field.type)) {
    report('M309', path, `a field of the type ${field.type} takes no choices.`, 'Leave them out.')
    return field.choices
  }
  const known = field.choices?.map(({ value }) => value) ?? null
  return given.map((one, index) => {
    const choice = typeof one === 'string' ? { value: one, label: labelFor(field, one) } : one
    if (field.type === 'enum' && known && !known.includes(choice.value)) {
      const problem = `the database takes no "${choice.value}".`
      report('M307', `${path}[${index}]`, problem, near(choice.value, known))
    } else if (!parseValue({ ...field, choices: null }, choice.value).ok) {
      const problem = `"${choice.value}" is no value of the type ${field.type}.`
      report('M304', `${path}[${index}]`, problem, 'Write it as the field holds it.')
    }
    return choice
  })
}

function labelFor(field: Field, value: string): string {
  return field.choices?.find((choice) => choice.value === value)?.label ?? value
}

function computedField(refining: Refining, name: string, option: FieldOption): readonly Field[] {
  const { model, report } = refining
  const path = `fields.${name}`
  const { computed } = option
  if (!computed) {
    const problem = `"${model.name}" has no field "${name}".`
    report('M305', path, problem, `${near(name, model.fields.map(nameOf))} A new one needs "computed".`)
    return []
  }
  if (!NAME.test(name)) {
    report('M304', path, `"${name}" is no name for a field.`, 'Use letters, digits and underscores.')
  }
  checkComputed(refining, name, option, computed)
  return [
    {
      name,
      column: name,
      label: option.label ?? humanise(name),
      help: option.help ?? null,
      type: computed.type ?? 'text',
      dbType: 'computed',
      nullable: true,
      hasDefault: false,
      defaultValue: null,
      generated: false,
      readonly: true,
      hidden: option.hidden ?? false,
      sensitivity: option.sensitivity ?? 'internal',
      choices: null,
      maxLength: null,
      scale: null,
      widget: null,
      computed: { from: computed.from, value: computed.value },
    },
  ]
}

function checkComputed(
  refining: Refining,
  name: string,
  option: FieldOption,
  computed: ComputedOption,
): void {
  const { report } = refining
  const path = `fields.${name}`
  fieldsOf(refining, computed.from, `${path}.computed.from`, (field) =>
    field.sensitivity === 'personal' ? 'is personal, and stays masked' : unshown(field),
  )
  if (option.sensitivity === 'secret' || option.sensitivity === 'personal') {
    const problem = `a computed field cannot be ${option.sensitivity}: it holds what its reader may read already.`
    report('M308', `${path}.sensitivity`, problem, 'Leave it out.')
  }
  for (const key of ['validate', 'choices', 'widget'] as const) {
    if (option[key] !== undefined) {
      report('M307', `${path}.${key}`, 'a computed field is never written.', 'Leave it out.')
    }
  }
  if (option.readonly === false) {
    report('M307', `${path}.readonly`, 'a computed field is never written.', 'Leave it out.')
  }
}
