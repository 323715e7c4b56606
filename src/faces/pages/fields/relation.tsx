/**
 * The record that a field leads to: a list of up to 200 records, or else the
 * record's key with a link to look it up. Scripts turn either into a searching
 * picker; both work without.
 */

import { controlTies, Field, Input, RelationPicker, Select } from '../components/field.tsx'
import type { Html } from '../components/html.ts'
import { Icon } from '../components/icon.tsx'
import {
  basicsOf,
  type FieldBasics,
  inputName,
  type PickerOptions,
  type WidgetProps,
} from './widget-props.ts'

export function RelationWidget(props: WidgetProps): Html {
  const { page, picker } = props
  const basics = basicsOf(
    props,
    picker && !picker.options ? { hint: `Search ${picker.label}, or give a key.` } : {},
  )
  const lookUp = picker && !picker.options && (
    <a class="link" href={picker.listHref} target="_blank" rel="noopener">
      Look up
      <Icon page={page} name="external-link" small />
    </a>
  )
  return (
    <Field {...basics} {...(lookUp && { aside: lookUp })}>
      {picker ? (
        <Picker {...props} basics={basics} picker={picker} />
      ) : (
        <KeyInput {...props} basics={basics} />
      )}
    </Field>
  )
}

type Inner = WidgetProps & { readonly basics: FieldBasics }

function Picker({ picker, ...props }: Inner & { readonly picker: PickerOptions }): Html {
  const control = picker.options ? (
    <OptionsSelect {...props} options={picker.options} />
  ) : (
    <KeyInput {...props} />
  )
  if (picker.source === null) return control
  return (
    <RelationPicker page={props.page} source={picker.source} label={picker.label} current={picker.current}>
      {control}
    </RelationPicker>
  )
}

function OptionsSelect({
  row,
  basics,
  options,
}: Inner & { readonly options: NonNullable<PickerOptions['options']> }): Html {
  const { field, text } = row
  const isBlank = field.nullable || text === ''
  return (
    <Select
      {...controlTies(basics)}
      name={inputName(row)}
      value={text}
      options={options}
      {...(isBlank && { blank: field.nullable ? 'None' : 'Choose a record' })}
    />
  )
}

function KeyInput({ row, basics }: Inner): Html {
  const { field, text } = row
  const isNumber = field.type === 'int' || field.type === 'bigint'
  return (
    <Input
      {...controlTies(basics)}
      name={inputName(row)}
      value={text}
      inputmode={isNumber ? 'numeric' : undefined}
      autocomplete="off"
    />
  )
}
