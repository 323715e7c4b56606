/** One line of text: plain, an e-mail address, a web address. */

import { TextField } from '../components/field.tsx'
import type { Html } from '../components/html.ts'
import { basicsOf, inputName, type WidgetProps } from './widget-props.ts'

const TYPES = { text: 'text', email: 'email', url: 'url' } as const

export function TextWidget(props: WidgetProps & { readonly kind: keyof typeof TYPES }): Html {
  const { field, text } = props.row
  return (
    <TextField
      {...basicsOf(props)}
      type={TYPES[props.kind]}
      name={inputName(props.row)}
      value={text}
      maxlength={field.maxLength ?? undefined}
      autocomplete="off"
    />
  )
}
