/**
 * When someone else was faster: what both changed, side by side, to be chosen
 * field by field. Saving again is knowing: it carries the new version.
 */

import type { RecordView } from '../../../gate/records.ts'
import type { Field, Model } from '../../../model/model.ts'
import { byteCount } from '../../../model/text.ts'
import type { Form as PostedForm } from '../../form.ts'
import { Button, LinkButton } from '../components/button.tsx'
import { Card, PageHead } from '../components/card.tsx'
import { None } from '../components/display.tsx'
import { Radio } from '../components/field.tsx'
import { Form, Note } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import { Diff } from '../components/timeline.tsx'
import type { PageContext } from '../context.ts'
import { REMOVED } from '../fields/file-text.ts'
import { controlId } from '../fields/widget-props.ts'
import { goneName, inName, rowName, rowState } from './along.ts'
import type { RowConflict } from './along-conflict.ts'
import type { Clash, Conflict, Texts } from './form.ts'
import { recordHeading } from './record.tsx'

export interface ConflictProps {
  readonly page: PageContext
  readonly model: Model
  /** As it is now. */
  readonly record: RecordView
  readonly conflict: Conflict
  readonly current: Texts
  /** Rows that someone else changed too. */
  readonly along: readonly RowConflict[]
  /** What the form said of other records, to be sent again. */
  readonly posted: PostedForm['along']
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
        {props.along.map((one) => (
          <RowConflictCard one={one} />
        ))}
      </div>
      <PostedAlong along={props.along} posted={props.posted} />
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

/** A row of the form, as it was typed and as it is now. */
function RowConflictCard({ one }: { readonly one: RowConflict }): Html {
  const { relation, target, row, now, conflict, isDeletion } = one
  const name = (field: string): string => inName(relation, row.name, field)
  const heading = `${target.label}: ${row.title || now.title}`
  if (isDeletion) {
    return (
      <Card title={heading}>
        <div class="stack">
          <p>You delete it, and someone else has changed it.</p>
          {conflict.theirs.length > 0 && (
            <Diff caption="Fields that they changed" lines={conflict.theirs.map(theirLine)} />
          )}
          <div class="choices">
            <Radio name={goneName(relation, row.name)} value="true" checked>
              Delete it
            </Radio>
            <Radio name={goneName(relation, row.name)} value="false">
              Keep theirs
            </Radio>
          </div>
        </div>
      </Card>
    )
  }
  return (
    <Card title={heading} flush={conflict.clashes.length > 0}>
      {conflict.clashes.length > 0 && <ClashTable clashes={conflict.clashes} name={name} />}
      {conflict.yours.length > 0 && (
        <Diff caption="Fields that only you changed" lines={conflict.yours.map(yourLine)} />
      )}
      {conflict.theirs.length > 0 && (
        <Diff caption="Fields that only they changed" lines={conflict.theirs.map(theirLine)} />
      )}
      {conflict.yours.map(({ field, yours }) => (
        <input type="hidden" name={name(field.name)} value={yours} />
      ))}
    </Card>
  )
}

/** Everything else that the form said of other records, and what the rows above are made from now. */
function PostedAlong({ along, posted }: Pick<ConflictProps, 'along' | 'posted'>): Html {
  const taken = along.flatMap(({ relation, row }) => [
    rowName(relation, row.name),
    inName(relation, row.name, ''),
    goneName(relation, row.name),
  ])
  const isTaken = (name: string): boolean =>
    taken.some((one) => name === one || (one.endsWith('.') && name.startsWith(one)))
  const renewed = new Map(
    along.map(({ relation, row, now }) => [
      rowName(relation, row.name),
      rowState({ ...now, name: row.name }),
    ]),
  )
  return (
    <>
      {[...posted].flatMap(([name, values]) => {
        const state = renewed.get(name)
        if (state !== undefined) return [<input type="hidden" name={name} value={state} />]
        return isTaken(name) ? [] : values.map((value) => <input type="hidden" name={name} value={value} />)
      })}
    </>
  )
}

function ClashTable({
  clashes,
  name = (field) => field,
}: {
  readonly clashes: readonly Clash[]
  /** The name of a field's inputs. */
  readonly name?: (field: string) => string
}): Html {
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
                <Choice field={field} name={name(field.name)} whose="Yours" text={yours} isChosen />
              </td>
              <td>
                <Choice field={field} name={name(field.name)} whose="Theirs" text={theirs} isChosen={false} />
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
  name,
  whose,
  text,
  isChosen,
}: {
  readonly field: Field
  readonly name: string
  readonly whose: string
  readonly text: string
  readonly isChosen: boolean
}): Html {
  return (
    <Radio
      id={`${controlId(name)}-${whose.toLowerCase()}`}
      name={name}
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
  if (field.type === 'bytes') return text === REMOVED ? 'no file' : byteCount(Buffer.from(text, 'base64'))
  if (field.type === 'bool') return text === 'true' ? 'Yes' : 'No'
  return field.choices?.find((choice) => choice.value === text)?.label ?? text
}
