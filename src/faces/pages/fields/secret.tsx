/** A value that is written and never read: passwords, tokens, keys. */

import { TextField } from '../components/field.tsx'
import type { Html } from '../components/html.ts'
import { basicsOf, inputName, type WidgetProps } from './widget-props.ts'

export function SecretWidget(props: WidgetProps): Html {
  return (
    <TextField
      {...basicsOf(props, { hint: 'Never shown. Leave it empty to keep what is there.' })}
      type="password"
      name={inputName(props.row)}
      value=""
      autocomplete="new-password"
    />
  )
}
