/**
 * The form of a record, new or there already.
 *
 * One component for both, so that they never differ by accident. What was typed
 * comes back with its errors; what was shown travels along in `_original`.
 */

import type { RecordView } from '../../../gate/records.ts'
import type { Model, Field as ModelField } from '../../../model/model.ts'
import { Button, LinkButton } from '../components/button.tsx'
import { Card, Columns, PageHead } from '../components/card.tsx'
import { TextField } from '../components/field.tsx'
import { ErrorSummary, type FieldError, FieldGrid, Form, SaveBar } from '../components/form.tsx'
import type { Child, Html } from '../components/html.ts'
import type { PageContext } from '../context.ts'
import { FixedField } from '../fields/fixed.tsx'
import { FormWidget } from '../fields/form-widget.tsx'
import { ShowField } from '../fields/show.tsx'
import { isRequired, labelOf } from '../fields/widget.ts'
import { controlId, type FormField, type PickerOptions, problemSentence } from '../fields/widget-props.ts'
import { type Along, type AlongErrors, inName } from './along.ts'
import { type Composite, collapsed } from './composite.ts'
import { fieldsetsOf, type Texts } from './form.ts'
import { LinksCard, linksId } from './links.tsx'
import { recordPath } from './paths.ts'
import { RowsCard, rowId, rowsId } from './rows.tsx'

export interface RecordFormProps {
  readonly page: PageContext
  readonly model: Model
  /** Null for a new record. */
  readonly record: RecordView | null
  readonly title: string
  readonly rows: readonly FormField[]
  /** Foreign keys of several fields that are picked as one. */
  readonly composites?: readonly Composite[]
  readonly pickers: ReadonlyMap<string, PickerOptions>
  /** What the form shows at first, or showed when it was first sent. */
  readonly original: Texts
  /** The record's version that the form is made from. */
  readonly version: string | null
  /** Errors by field name as the gate gave them; names that no field has among them. */
  readonly errors: Readonly<Record<string, readonly string[]>>
  /** Whether to ask for a reason and a ticket, and what was typed there. */
  readonly evidence: EvidenceFields
  readonly cancelHref: string
  /** The database did not answer whether it saved what was sent. */
  readonly isOutcomeUnknown?: boolean
  /** What is written along with it, and what is wrong there. */
  readonly along: Along
  readonly alongErrors: Pick<AlongErrors, 'rows' | 'whole'>
  /** Where the form is sent; also the form of a record that starts as another is sent to that of a new one. */
  readonly action: string
}

export interface EvidenceFields {
  readonly asksReason: boolean
  readonly asksTicket: boolean
  readonly reason: string
  readonly ticket: string
}

/** Undefined: the fields are counted. */
function summaryTitle({ errors, isOutcomeUnknown }: RecordFormProps): string | undefined {
  if (isOutcomeUnknown) return 'It is not known whether this was saved.'
  return '' in errors ? 'Nothing was saved.' : undefined
}

export function RecordFormPage(props: RecordFormProps): Html {
  const { page, model, record, title, rows, errors, evidence, composites = [] } = props
  const fixed = record ? fixedFields(model, record, rows) : []
  const hasFile = rows.some(({ field }) => field.type === 'bytes')
  const isAnyRequired = rows.some(({ field }) => isRequired(field))
  const aside = record && fixed.length > 0 ? <FixedCard {...{ page, model, record, fields: fixed }} /> : null
  return (
    <Form page={page} guarded action={props.action} {...(hasFile && { enctype: 'multipart/form-data' })}>
      {isAlong(props.along) && <DefaultButton />}
      <PageHead
        title={title}
        {...(record?.key && { actions: <HistoryLink page={page} record={record} /> })}
      />
      <div class="stack">
        <ErrorSummary
          page={page}
          errors={[
            ...summaryOf(model, rows, errors, composites),
            ...alongSummary(props.along, props.alongErrors),
          ]}
          title={summaryTitle(props)}
        />
        <FormColumns aside={aside}>
          {fieldsetsOf(model, record ? 'update' : 'create', rows).map((set, index) => (
            <Card title={set.title} {...(index === 0 && isAnyRequired && { aside: <RequiredLegend /> })}>
              <FieldGrid>
                {collapsed(composites, set.rows).map((row) => (
                  <FormWidget
                    page={page}
                    model={model}
                    row={row}
                    picker={props.pickers.get(row.field.name)}
                  />
                ))}
              </FieldGrid>
            </Card>
          ))}
          {props.along.links.map((links) => (
            <LinksCard
              page={page}
              links={links}
              problems={props.alongErrors.whole.get(links.relation.name) ?? []}
              action={props.action}
            />
          ))}
          {props.along.rows.map((one) => (
            <RowsCard
              page={page}
              rows={one}
              errors={props.alongErrors.rows.get(one.relation.name) ?? new Map()}
              whole={props.alongErrors.whole.get(one.relation.name) ?? []}
              action={props.action}
            />
          ))}
          {(evidence.asksReason || evidence.asksTicket) && <EvidenceCard {...props} />}
        </FormColumns>
      </div>
      <input type="hidden" name="_original" value={JSON.stringify(props.original)} />
      {props.version !== null && <input type="hidden" name="_version" value={props.version} />}
      <SaveBar
        page={page}
        cancelHref={props.cancelHref}
        saveLabel={record ? 'Save' : `Create ${model.label.toLowerCase()}`}
      >
        <Button page={page} name="_then" value="stay" class="hide-on-phone">
          {record ? 'Save and keep editing' : 'Create and add another'}
        </Button>
      </SaveBar>
    </Form>
  )
}

function isAlong({ rows, links }: Along): boolean {
  return rows.length + links.length > 0
}

/** The Enter key presses the first button of a form, and that must be the one that saves. */
function DefaultButton(): Html {
  return (
    <button class="visually-hidden" type="submit" tabindex={-1} aria-hidden="true">
      Save
    </button>
  )
}

function RequiredLegend(): Html {
  return (
    <>
      <span class="required" aria-hidden="true">
        *
      </span>{' '}
      required
    </>
  )
}

/** Beside the fields stands what can't be changed; a new record has no such thing. */
function FormColumns({ aside, children }: { readonly aside: Html | null; readonly children?: Child }): Html {
  return aside !== null ? (
    <Columns label="What is not edited here" aside={aside}>
      {children}
    </Columns>
  ) : (
    <>{children}</>
  )
}

function HistoryLink({ page, record }: { readonly page: PageContext; readonly record: RecordView }): Html {
  return (
    <LinkButton
      page={page}
      href={page.url(`${recordPath(record.model, record.key ?? '')}/history`)}
      icon="history"
      class="secondary"
    >
      History
    </LinkButton>
  )
}

/** The summary's lines, each with its field's own control where there is one. */
export function summaryOf(
  model: Model,
  rows: readonly FormField[],
  errors: Readonly<Record<string, readonly string[]>>,
  composites: readonly Composite[] = [],
): readonly FieldError[] {
  const picked = new Set<Composite>()
  return Object.entries(errors).flatMap(([name, problems]) => {
    const composite = composites.find(({ relation }) => relation.from.includes(name))
    if (composite && picked.has(composite)) return []
    if (composite) {
      picked.add(composite)
      const { label, name: standing } = composite.field
      return problems.map((one) => ({ field: controlId(standing), message: problemSentence(label, one) }))
    }
    const row = rows.find(({ field }) => field.name === name)
    const own = OWN_CONTROLS[name]
    const label = row ? labelOf(model, row.field) : (own?.label ?? name)
    const field = row ? controlId(name) : own?.id
    return problems.map((problem) => ({ field, message: problemSentence(label, problem) }))
  })
}

/** The lines about rows and sets, each leading to its place. */
function alongSummary(along: Along, { rows, whole }: RecordFormProps['alongErrors']): readonly FieldError[] {
  const sets = along.links.flatMap(({ relation }) =>
    (whole.get(relation.name) ?? []).map((problem) => ({
      field: linksId(relation.name),
      message: problemSentence(relation.label, problem),
    })),
  )
  const lines = along.rows.flatMap(({ relation, target, columns, rows: all }) => [
    ...(whole.get(relation.name) ?? []).map((problem) => ({
      field: rowsId(relation.name),
      message: problemSentence(relation.label, problem),
    })),
    ...all.flatMap((row, index) =>
      Object.entries(rows.get(relation.name)?.get(row.name) ?? {}).flatMap(([name, problems]) => {
        const field = columns.find((one) => one.name === name)
        const what = field ? labelOf(target, field).toLowerCase() : name || 'it'
        const place = field
          ? controlId(inName(relation.name, row.name, name))
          : rowId(relation.name, row.name)
        return problems.map((problem) => ({
          field: place,
          message: `${target.label} ${index + 1}: ${problemSentence(what, problem)}`,
        }))
      }),
    ),
  ])
  return [...sets, ...lines]
}

/** What the gate asks for beside the fields, and where a form asks for it. */
const OWN_CONTROLS: Readonly<Record<string, { readonly id: string; readonly label: string }>> = {
  reason: { id: 'form-reason', label: 'Reason' },
  ticket: { id: 'form-ticket', label: 'Ticket' },
}

function EvidenceCard({ page, errors, evidence }: RecordFormProps): Html {
  return (
    <Card title="For the audit log">
      <ReasonFields page={page} errors={errors} evidence={evidence} />
    </Card>
  )
}

/** Why it is done, and for which ticket: recorded with the change. */
export function ReasonFields({
  page,
  errors,
  evidence,
}: {
  readonly page: PageContext
  readonly errors: Readonly<Record<string, readonly string[]>>
  readonly evidence: EvidenceFields
}): Html {
  return (
    <FieldGrid>
      {evidence.asksReason && (
        <TextField
          page={page}
          id="form-reason"
          name="_reason"
          label="Reason"
          hint="Recorded in the audit log with your name."
          value={evidence.reason}
          error={sentences('Reason', errors['reason'])}
          required
          maxlength={500}
          autocomplete="off"
        />
      )}
      {evidence.asksTicket && (
        <TextField
          page={page}
          id="form-ticket"
          name="_ticket"
          label="Ticket"
          value={evidence.ticket}
          error={sentences('Ticket', errors['ticket'])}
          required
          maxlength={100}
          autocomplete="off"
        />
      )}
    </FieldGrid>
  )
}

function sentences(label: string, problems: readonly string[] | undefined): readonly string[] | undefined {
  return problems?.map((problem) => problemSentence(label, problem))
}

/** Fields that may be read but not written here, so that nobody looks for them in vain. */
function fixedFields(model: Model, record: RecordView, rows: readonly FormField[]): readonly ModelField[] {
  const offered = new Set(rows.map(({ field }) => field.name))
  return model.fields.filter((field) => field.name in record.values && !offered.has(field.name))
}

function FixedCard({
  page,
  model,
  record,
  fields,
}: {
  readonly page: PageContext
  readonly model: Model
  readonly record: RecordView
  readonly fields: readonly ModelField[]
}): Html {
  return (
    <Card title="Not edited here">
      <div class="stack">
        {fields.map((field) => (
          <FixedField page={page} label={labelOf(model, field)} reason={whyFixed(model, field)}>
            <ShowField page={page} model={model} field={field} record={record} as="sheet" />
          </FixedField>
        ))}
      </div>
    </Card>
  )
}

function whyFixed(model: Model, field: ModelField): string {
  if (field.generated) return 'Filled in by the database.'
  if (model.key?.includes(field.name)) return 'Names the record, so it stays.'
  if (field.readonly) return 'Read-only.'
  if (field.type === 'opaque' || field.element?.type === 'opaque')
    return 'A kind of value that is only shown.'
  return 'Your roles may read it, not change it.'
}
