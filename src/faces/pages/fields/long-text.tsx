/** Several lines of text. */

import { controlTies, Field, Textarea } from '../components/field.tsx'
import type { Html } from '../components/html.ts'
import { basicsOf, inputName, type WidgetProps } from './widget-props.ts'

export function LongTextWidget(props: WidgetProps): Html {
  const { field, text } = props.row
  const basics = basicsOf(props, { full: true })
  return (
    <Field {...basics}>
      <Textarea
        {...controlTies(basics)}
        name={inputName(props.row)}
        value={text}
        maxlength={field.maxLength ?? undefined}
      />
    </Field>
  )
}
