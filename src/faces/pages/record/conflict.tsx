/**
 * When someone else was faster: what both changed, side by side, to be chosen
 * field by field. Saving again is knowing: it carries the new version.
 */

import type { RecordView } from '../../../gate/records.ts'
import type { Field, Model } from '../../../model/model.ts'
import { Button, LinkButton } from '../components/button.tsx'
import { Card, PageHead } from '../components/card.tsx'
import { None } from '../components/display.tsx'
import { Radio } from '../components/field.tsx'
import { Form, Note } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import { Diff } from '../components/timeline.tsx'
import type { PageContext } from '../context.ts'
import { controlId } from '../fields/widget-props.ts'
import type { Clash, Conflict, Texts } from './form.ts'
import { recordHeading } from './record.tsx'

export interface ConflictProps {
  readonly page: PageContext
  readonly model: Model
  /** As it is now. */
  readonly record: RecordView
  readonly conflict: Conflict
  readonly current: Texts
  readonly reason: string
  readonly ticket: string
  readonly cancelHref: string
}

export function ConflictPage(props: ConflictProps): Html {
  const { page, model, record, conflict, current } = props
  return (
    <Form page={page}>
      <PageHead title={recordHeading(model, record)} />
      <div class="stack">
        <Note page={page} tone="warn" title="Someone else saved this record while you were editing." alert>
          Nothing of yours was saved yet. Look at both versions, choose, and save again.
        </Note>
        {conflict.clashes.length > 0 && (
          <Card title="Both of you changed" flush>
            <ClashTable clashes={conflict.clashes} />
          </Card>
        )}
        {conflict.yours.length > 0 && (
          <Card title="Only you changed">
            <Diff caption="Fields that only you changed" lines={conflict.yours.map(yourLine)} />
          </Card>
        )}
        {conflict.theirs.length > 0 && (
          <Card title="Only they changed">
            <Diff caption="Fields that only they changed" lines={conflict.theirs.map(theirLine)} />
          </Card>
        )}
      </div>
      {conflict.yours.map(({ field, yours }) => (
        <input type="hidden" name={field.name} value={yours} />
      ))}
      <input type="hidden" name="_original" value={JSON.stringify(current)} />
      {record.version !== null && <input type="hidden" name="_version" value={record.version} />}
      {props.reason && <input type="hidden" name="_reason" value={props.reason} />}
      {props.ticket && <input type="hidden" name="_ticket" value={props.ticket} />}
      <div class="step-actions below">
        <LinkButton page={page} href={props.cancelHref}>
          Discard mine
        </LinkButton>
        <Button page={page} variant="primary">
          Save my choice
        </Button>
      </div>
    </Form>
  )
}

function ClashTable({ clashes }: { readonly clashes: readonly Clash[] }): Html {
  return (
    <div class="table-scroll" tabindex={0} role="region" aria-label="Fields that both of you changed">
      <table class="table conflict">
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Yours</th>
            <th scope="col">Theirs</th>
            <th scope="col">Before</th>
          </tr>
        </thead>
        <tbody>
          {clashes.map(({ field, original, yours, theirs }) => (
            <tr>
              <th scope="row">{field.label}</th>
              <td>
                <Choice field={field} whose="Yours" text={yours} isChosen />
              </td>
              <td>
                <Choice field={field} whose="Theirs" text={theirs} isChosen={false} />
              </td>
              <td>
                <Shown field={field} text={original} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Choice({
  field,
  whose,
  text,
  isChosen,
}: {
  readonly field: Field
  readonly whose: string
  readonly text: string
  readonly isChosen: boolean
}): Html {
  return (
    <Radio
      id={`${controlId(field.name)}-${whose.toLowerCase()}`}
      name={field.name}
      value={text}
      checked={isChosen}
      aria-label={`${whose} for ${field.label}`}
    >
      <Shown field={field} text={text} />
    </Radio>
  )
}

function Shown({ field, text }: { readonly field: Field; readonly text: string }): Html {
  const shown = readable(field, text)
  return shown === null ? <None>empty</None> : <span class="prose">{shown}</span>
}

function yourLine({ field, original, yours }: Clash): {
  label: string
  before: string | null
  after: string | null
} {
  return { label: field.label, before: readable(field, original), after: readable(field, yours) }
}

function theirLine({ field, original, theirs }: Clash): {
  label: string
  before: string | null
  after: string | null
} {
  return { label: field.label, before: readable(field, original), after: readable(field, theirs) }
}

function readable(field: Field, text: string): string | null {
  if (text === '') return null
  if (field.type === 'bool') return text === 'true' ? 'Yes' : 'No'
  return field.choices?.find((choice) => choice.value === text)?.label ?? text
}
