/** The widget of one field of a form. */

import type { Html } from '../components/html.ts'
import { BooleanWidget, MaybeBooleanWidget } from './boolean.tsx'
import { RadioWidget, SelectWidget } from './choice.tsx'
import { FileWidget } from './file.tsx'
import { FixedField } from './fixed.tsx'
import { InstantWidget } from './instant.tsx'
import { JsonWidget } from './json.tsx'
import { BoxesWidget, LinesWidget } from './list.tsx'
import { LongTextWidget } from './long-text.tsx'
import { NumberWidget } from './number.tsx'
import { RelationWidget } from './relation.tsx'
import { SecretWidget } from './secret.tsx'
import { TextWidget } from './text.tsx'
import { widgetOf } from './widget.ts'
import type { WidgetProps } from './widget-props.ts'

export function FormWidget(props: WidgetProps): Html {
  const { page, model, row } = props
  const widget = row.isPicked ? 'relation' : widgetOf(model, row.field, row.text)
  switch (widget) {
    case 'text':
    case 'email':
    case 'url':
      return <TextWidget {...props} kind={widget} />
    case 'long-text':
      return <LongTextWidget {...props} />
    case 'number':
      return <NumberWidget {...props} />
    case 'boolean':
      return <BooleanWidget {...props} />
    case 'maybe-boolean':
      return <MaybeBooleanWidget {...props} />
    case 'radio':
      return <RadioWidget {...props} />
    case 'select':
      return <SelectWidget {...props} />
    case 'date':
    case 'time':
    case 'timestamp':
      return <InstantWidget {...props} kind={widget} />
    case 'relation':
      return <RelationWidget {...props} />
    case 'json':
      return <JsonWidget {...props} />
    case 'lines':
      return <LinesWidget {...props} />
    case 'boxes':
      // of a row of another record only one value comes back
      return row.name === undefined ? <BoxesWidget {...props} /> : <LinesWidget {...props} />
    case 'file':
      return <FileWidget {...props} />
    case 'secret':
      return <SecretWidget {...props} />
    case 'fixed':
      return (
        <FixedField
          page={page}
          label={row.field.label}
          reason="This kind of value can't be edited on a page."
        >
          {row.text}
        </FixedField>
      )
  }
}
