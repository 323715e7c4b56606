/** Yes or no: a checkbox, or a list where "none" is an answer too. */

import { Checkbox, controlTies, Field, Select } from '../components/field.tsx'
import type { Html } from '../components/html.ts'
import { basicsOf, inputName, type WidgetProps } from './widget-props.ts'

const ANSWERS = [
  { value: 'true', label: 'Yes' },
  { value: 'false', label: 'No' },
]

/** The hidden `false` stands first, so that an empty checkbox says so. */
export function BooleanWidget(props: WidgetProps): Html {
  const { field, text } = props.row
  const basics = basicsOf(props)
  return (
    <Field {...basics} label={field.label}>
      <span class="checkbox-line">
        <input type="hidden" name={inputName(props.row)} value="false" />
        <Checkbox
          {...controlTies(basics)}
          name={inputName(props.row)}
          value="true"
          checked={text === 'true'}
        />
      </span>
    </Field>
  )
}

export function MaybeBooleanWidget(props: WidgetProps): Html {
  const { text } = props.row
  const basics = basicsOf(props)
  return (
    <Field {...basics}>
      <Select
        {...controlTies(basics)}
        name={inputName(props.row)}
        value={text}
        options={ANSWERS}
        blank="None"
      />
    </Field>
  )
}
