/**
 * Bytes as a file: chosen, replaced or taken away, and never shown.
 *
 * What was chosen travels as base64 in the form's text, so that it is still
 * there when another field is refused.
 */

import { byteCount } from '../../../model/text.ts'
import { Checkbox, controlTies, Field, Input } from '../components/field.tsx'
import type { Html } from '../components/html.ts'
import { REMOVED } from './file-text.ts'
import { basicsOf, type WidgetProps } from './widget-props.ts'

export function FileWidget(props: WidgetProps): Html {
  const { field, text, stored } = props.row
  // a secret that was chosen is never sent back, as one that was typed is not
  const isKept = text !== '' && text !== REMOVED && field.sensitivity !== 'secret'
  const chosen = !isKept ? null : byteCount(Buffer.from(text, 'base64'))
  const basics = basicsOf(props, { hint: hintOf(chosen, stored ?? null) })
  return (
    <Field {...basics}>
      {chosen !== null && <input type="hidden" name={field.name} value={text} />}
      <Input {...controlTies(basics)} type="file" name={field.name} />
      {chosen === null && field.nullable && stored !== undefined && (
        <Checkbox name={field.name} value={REMOVED} checked={text === REMOVED}>
          Remove the file
        </Checkbox>
      )}
    </Field>
  )
}

function hintOf(chosen: string | null, stored: string | null): string {
  if (chosen !== null) return `The file that you chose is kept (${chosen}). Choose another one to replace it.`
  return stored === null ? 'No file so far.' : `${stored} now. Choose a file to replace it.`
}
