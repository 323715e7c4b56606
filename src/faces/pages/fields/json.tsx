/** JSON as its raw text, so that no number in it is ever rounded. */

import type { Html } from '../components/html.ts'
import { Lines } from './lines.tsx'
import type { WidgetProps } from './widget-props.ts'

export function JsonWidget(props: WidgetProps): Html {
  return <Lines props={props} hint={'JSON, such as {"key": "value"}.'} isFull mostLines={8} />
}
