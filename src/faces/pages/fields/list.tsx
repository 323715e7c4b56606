/** Several values in one field: a line for each, or a checkbox for each label that there is. */

import { wireMembersOf } from '../../../model/members.ts'
import { Checkbox, Field } from '../components/field.tsx'
import type { Html } from '../components/html.ts'
import { Lines } from './lines.tsx'
import { BOXES, boxName } from './list-text.ts'
import { basicsOf, type WidgetProps } from './widget-props.ts'

export function LinesWidget(props: WidgetProps): Html {
  return (
    <Lines props={props} hint={'One on each line, or a JSON array such as ["a", null].'} mostLines={12} />
  )
}

/** The hidden value says that none is ticked where none is; a label that is no choice any more stays to be kept. */
export function BoxesWidget(props: WidgetProps): Html {
  const { field, text } = props.row
  const ticked = wireMembersOf(text) ?? []
  const choices = field.choices ?? []
  const unknown = ticked
    .map(String)
    .filter((label) => !choices.some(({ value }) => value === label))
    .map((label) => ({ value: label, label }))
  return (
    <Field {...basicsOf(props)} group>
      <input type="hidden" name={field.name} value={BOXES} />
      <div class="choices">
        {[...choices, ...unknown].map(({ value, label }) => (
          <Checkbox name={boxName(field, value)} value="on" checked={ticked.includes(value)}>
            {label}
          </Checkbox>
        ))}
        {field.nullable && (
          <Checkbox name={boxName(field, '')} value="on" checked={text === ''}>
            No value
          </Checkbox>
        )}
      </div>
    </Field>
  )
}
