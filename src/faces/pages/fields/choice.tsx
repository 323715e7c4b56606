/** One of a few: radios up to five, a native list above. */

import { controlTies, Field, Radio, Select } from '../components/field.tsx'
import type { Html } from '../components/html.ts'
import { basicsOf, inputName, type WidgetProps } from './widget-props.ts'

export function RadioWidget(props: WidgetProps): Html {
  const { text } = props.row
  const choices = optionsOf(props)
  return (
    <Field {...basicsOf(props)} group>
      <div class="choices">
        {choices.map((choice) => (
          <Radio name={inputName(props.row)} value={choice.value} checked={choice.value === text}>
            {choice.label}
          </Radio>
        ))}
      </div>
    </Field>
  )
}

export function SelectWidget(props: WidgetProps): Html {
  const { field, text } = props.row
  const basics = basicsOf(props)
  const blank = field.nullable ? 'None' : `Choose ${field.label.toLowerCase()}`
  return (
    <Field {...basics}>
      <Select
        {...controlTies(basics)}
        name={inputName(props.row)}
        value={text}
        options={field.choices ?? []}
        {...((field.nullable || text === '') && { blank })}
      />
    </Field>
  )
}

/** A value that is none of the choices stays choosable: the source had it before us. */
function optionsOf({ row: { field, text } }: WidgetProps): readonly { value: string; label: string }[] {
  const choices = field.choices ?? []
  const isUnknown = text !== '' && !choices.some((choice) => choice.value === text)
  return [
    ...(field.nullable ? [{ value: '', label: 'None' }] : []),
    ...(isUnknown ? [{ value: text, label: text }] : []),
    ...choices,
  ]
}
