/** JSON as its raw text, so that no number in it is ever rounded. */

import { controlTies, Field, Textarea } from '../components/field.tsx'
import type { Html } from '../components/html.ts'
import { basicsOf, inputName, type WidgetProps } from './widget-props.ts'

const LINES = 8

export function JsonWidget(props: WidgetProps): Html {
  const { text } = props.row
  const basics = basicsOf(props, { full: true, hint: 'JSON, such as {"key": "value"}.' })
  return (
    <Field {...basics}>
      <Textarea
        {...controlTies(basics)}
        class="code"
        name={inputName(props.row)}
        value={text}
        rows={Math.min(LINES, text.split('\n').length + 2)}
        spellcheck={false}
      />
    </Field>
  )
}
