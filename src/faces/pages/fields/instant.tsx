/** Dates and times by native inputs, with the zone they are in beside them. */

import { TextField } from '../components/field.tsx'
import type { Html } from '../components/html.ts'
import { basicsOf, inputName, type WidgetProps } from './widget-props.ts'

const INPUTS = { date: 'date', time: 'time', timestamp: 'datetime-local' } as const

export function InstantWidget(props: WidgetProps & { readonly kind: keyof typeof INPUTS }): Html {
  const { field, text } = props.row
  const zone = field.type === 'timestamptz' ? 'Time in UTC.' : null
  return (
    <TextField
      {...basicsOf(props, zone ? { hint: zone } : {})}
      type={INPUTS[props.kind]}
      name={inputName(props.row)}
      value={text}
      step={stepOf(text)}
    />
  )
}

/** Seconds and thousandths are offered where the value has them; `step` would refuse it otherwise. */
function stepOf(text: string): string | undefined {
  if (/\.\d+$/.test(text)) return '0.001'
  return /:\d\d:\d\d$/.test(text) ? '1' : undefined
}
