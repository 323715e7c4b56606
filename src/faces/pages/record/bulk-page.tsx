/** The pages of what is done to several records: what is to change in all of them, and why it was not done. */

import type { AdminError } from '../../../errors.ts'
import type { Model } from '../../../model/model.ts'
import { Button, LinkButton } from '../components/button.tsx'
import { Card, type Crumb, PageHead } from '../components/card.tsx'
import { ErrorSummary, FieldGrid, Form, HiddenFields, Note } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import { addressOf } from '../components/steps.tsx'
import type { PageContext } from '../context.ts'
import { FormWidget } from '../fields/form-widget.tsx'
import { labelOf } from '../fields/widget.ts'
import type { FormField, PickerOptions } from '../fields/widget-props.ts'
import { Shell } from '../layout.tsx'
import { summaryOf } from './edit.tsx'

interface BulkPageProps {
  readonly page: PageContext
  /** "Edit orders". */
  readonly title: string
  readonly trail: readonly Crumb[]
  readonly current: string
  readonly cancelHref: string
}

export interface BulkFormPageProps extends BulkPageProps {
  readonly model: Model
  /** What was chosen, to be sent along. */
  readonly fields: URLSearchParams
  readonly description: string | null
  readonly rows: readonly FormField[]
  readonly pickers: ReadonlyMap<string, PickerOptions>
  readonly errors: Readonly<Record<string, readonly string[]>>
  /** The fields that are ticked; null: all of them are asked for. */
  readonly meant: ReadonlySet<string> | null
  setName(field: string): string
}

/** Only what is ticked is changed; the script ticks what is typed in. */
export function BulkFormPage(props: BulkFormPageProps): Html {
  const { page, model, title, rows, errors, meant } = props
  const below = meant
    ? 'Only the fields that you tick are changed, in all of the selected records.'
    : props.description
  return (
    <Shell page={page} title={title} breadcrumb={props.trail} current={props.current} narrow>
      <PageHead title={title} below={below ?? undefined} />
      <Form page={page} action={addressOf(page)} class="stack">
        <HiddenFields fields={props.fields} />
        <ErrorSummary page={page} errors={summaryOf(model, rows, errors)} title="Nothing was changed." />
        <Card title={meant ? 'What to change' : 'Details'}>
          {meant ? (
            <FieldGrid>
              {rows.map((row) => (
                <div class="bulk-field" data-bulk-field="">
                  <input
                    class="checkbox"
                    type="checkbox"
                    name={props.setName(row.field.name)}
                    value="true"
                    checked={meant.has(row.field.name)}
                    aria-label={`Change ${labelOf(model, row.field)}`}
                  />
                  <FormWidget
                    page={page}
                    model={model}
                    row={row}
                    picker={props.pickers.get(row.field.name)}
                  />
                </div>
              ))}
            </FieldGrid>
          ) : (
            <FieldGrid>
              {rows.map((row) => (
                <FormWidget page={page} model={model} row={row} picker={props.pickers.get(row.field.name)} />
              ))}
            </FieldGrid>
          )}
        </Card>
        <div class="step-actions">
          <LinkButton page={page} href={props.cancelHref}>
            Cancel
          </LinkButton>
          <Button page={page} variant="primary">
            Continue
          </Button>
        </div>
      </Form>
    </Shell>
  )
}

export interface BulkRefusedPageProps extends BulkPageProps {
  readonly refusal: AdminError
  /** Those that match now, where that is what stood in the way. */
  readonly again: { readonly count: number; readonly fields: URLSearchParams } | null
}

export function BulkRefusedPage({
  page,
  title,
  trail,
  current,
  cancelHref,
  refusal,
  again,
}: BulkRefusedPageProps): Html {
  return (
    <Shell page={page} title={title} breadcrumb={trail} current={current} narrow>
      <PageHead title={title} />
      <Form page={page} action={addressOf(page)} class="stack">
        {again && <HiddenFields fields={again.fields} />}
        <Note page={page} tone="bad" title="Nothing was done." alert>
          <p>{refusal.message}</p>
        </Note>
        <div class="step-actions">
          <LinkButton page={page} href={cancelHref}>
            Back to the list
          </LinkButton>
          {again && (
            <Button page={page} variant="primary">
              {`Go on with the ${page.format.number(again.count)} that ${again.count === 1 ? 'matches' : 'match'} now`}
            </Button>
          )}
        </div>
      </Form>
    </Shell>
  )
}
