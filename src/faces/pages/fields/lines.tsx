/** A field as lines of text in the letters of code: JSON, one value on each line. */

import { controlTies, Field, Textarea } from '../components/field.tsx'
import type { Html } from '../components/html.ts'
import { basicsOf, inputName, type WidgetProps } from './widget-props.ts'

export interface LinesProps {
  readonly props: WidgetProps
  readonly hint: string
  readonly isFull?: boolean
  /** It grows with its text up to so many lines. */
  readonly mostLines: number
}

export function Lines({ props, hint, isFull, mostLines }: LinesProps): Html {
  const { text } = props.row
  const basics = basicsOf(props, { hint, ...(isFull && { full: true }) })
  return (
    <Field {...basics}>
      <Textarea
        {...controlTies(basics)}
        class="code"
        name={inputName(props.row)}
        value={text}
        rows={Math.min(mostLines, text.split('\n').length + 2)}
        spellcheck={false}
      />
    </Field>
  )
}
