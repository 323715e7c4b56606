/**
 * Whole and decimal numbers, as text: a native number input would round what
 * is longer than a float and change it on a turn of the wheel.
 */

import { TextField } from '../components/field.tsx'
import type { Html } from '../components/html.ts'
import { basicsOf, inputName, type WidgetProps } from './widget-props.ts'

export function NumberWidget(props: WidgetProps): Html {
  const { field, text } = props.row
  const isWhole = field.type === 'int' || field.type === 'bigint'
  return (
    <TextField
      {...basicsOf(props)}
      class="number"
      inputmode={isWhole ? 'numeric' : 'decimal'}
      name={inputName(props.row)}
      value={text}
      autocomplete="off"
    />
  )
}
