/** Records that belong to another one, as rows in its form. */

import { type Field, fieldOf } from '../../../model/model.ts'
import { Button } from '../components/button.tsx'
import { Card } from '../components/card.tsx'
import { Checkbox } from '../components/field.tsx'
import { type Child, classes, type Html } from '../components/html.ts'
import { hx } from '../components/hx.ts'
import { Icon } from '../components/icon.tsx'
import type { PageContext } from '../context.ts'
import { FormWidget } from '../fields/form-widget.tsx'
import { labelOf } from '../fields/widget.ts'
import { controlId, type PickerOptions, problemSentence } from '../fields/widget-props.ts'
import { goneName, inName, type Row, type Rows, rowName, rowState } from './along.ts'

export interface RowsCardProps {
  readonly page: PageContext
  readonly rows: Rows
  /** By row, then by field; `''`: the row as a whole. */
  readonly errors: ReadonlyMap<string, Readonly<Record<string, readonly string[]>>>
  /** About all of them. */
  readonly whole: readonly string[]
  /** Where the form is sent. */
  readonly action: string
}

/** More columns than this are no line any more: each row then has its own labels. */
const MAX_COLUMNS = 5

export function RowsCard(props: RowsCardProps): Html {
  const { page, rows: of, whole } = props
  const { relation, target, rows, isTooMany, allHref } = of
  const id = rowsId(relation.name)
  const count = rows.filter(({ isGone }) => !isGone).length
  return (
    <div id={id} class="stack">
      <Card
        title={relation.label}
        id={`${id}-title`}
        flush
        aside={isTooMany ? undefined : `${count} ${count === 1 ? 'row' : 'rows'}`}
      >
        <input type="hidden" name={`~rows.${relation.name}`} value="" />
        {whole.length > 0 && (
          <Problems page={page} problems={whole.map((one) => problemSentence(relation.label, one))} />
        )}
        {isTooMany ? (
          <p class="card-body muted">
            More than {of.inline.max} {target.labelPlural.toLowerCase()}.{' '}
            <a class="link" href={allHref}>
              Change them in their list
            </a>
          </p>
        ) : (
          <RowList {...props} />
        )}
      </Card>
    </div>
  )
}

function RowList(props: RowsCardProps): Html {
  const { rows: of } = props
  const { relation, target, rows, columns, inline, may } = of
  const label = target.label.toLowerCase()
  return (
    <>
      {rows.length === 0 && <p class="card-body muted">No {target.labelPlural.toLowerCase()} yet.</p>}
      <div class={classes('rows', columns.length <= MAX_COLUMNS && 'in-line')}>
        {rows.map((row, index) => (
          <RowSet {...props} row={row} index={index} />
        ))}
      </div>
      {may.create && (
        <div class="rows-foot">
          {rows.length < inline.max ? (
            <Step {...props} step={`add-row.${relation.name}`} icon="plus">
              Add {label}
            </Step>
          ) : (
            <p class="muted">
              No more than {inline.max} {target.labelPlural.toLowerCase()} here.
            </p>
          )}
        </div>
      )}
    </>
  )
}

interface RowProps extends RowsCardProps {
  readonly row: Row
  readonly index: number
}

function RowSet(props: RowProps): Html {
  const { page, rows: of, row, index } = props
  const { relation, target, columns } = of
  const errors = props.errors.get(row.name) ?? {}
  const about = errors[''] ?? []
  const isSaid = columns.some(({ name }) => errors[name] !== undefined)
  const unplaced = Object.entries(errors).flatMap(([name, problems]) => {
    if (name === '' || columns.some((field) => field.name === name)) return []
    // whose row it is was never typed here: it is told only where nothing else is
    if (isSaid && relation.to.includes(name)) return []
    const field = fieldOf(target, name)
    return problems.map((one) => problemSentence(field ? labelOf(target, field) : name, one))
  })
  return (
    <fieldset
      class={classes('row', row.isGone && 'gone')}
      id={rowId(relation.name, row.name)}
      tabindex={-1}
      autofocus={row.isNew}
    >
      <legend class="visually-hidden">
        {target.label} {index + 1}
        {row.title && `: ${row.title}`}
      </legend>
      <input type="hidden" name={rowName(relation.name, row.name)} value={rowState(row)} />
      <div class="row-fields">
        {columns.map((field) => (
          <Cell {...props} field={field} problems={errors[field.name] ?? []} />
        ))}
      </div>
      <div class="row-tools">
        <RowTools {...props} />
      </div>
      {about.length + unplaced.length > 0 && (
        <Problems
          page={page}
          problems={[...about.map((one) => problemSentence('This row', one)), ...unplaced]}
        />
      )}
    </fieldset>
  )
}

function Cell({
  page,
  rows: of,
  row,
  field,
  problems,
}: RowProps & { readonly field: Field; readonly problems: readonly string[] }): Html {
  const { relation, target } = of
  const offered = row.key === null ? of.fresh : of.editable
  if (!offered.some(({ name }) => name === field.name)) {
    const text = row.called[field.name] ?? row.original[field.name] ?? ''
    const isHidden = row.masked.includes(field.name)
    return (
      <div class="field">
        <div class="label-line">
          <span class="label">{labelOf(target, field)}</span>
        </div>
        <span class="row-text">{isHidden ? '••••' : text || '–'}</span>
      </div>
    )
  }
  return (
    <FormWidget
      page={page}
      model={target}
      row={{
        field: field.choices ? { ...field, widget: 'select' } : field,
        text: row.texts[field.name] ?? '',
        errors: problems,
        isMasked: row.masked.includes(field.name),
        name: inName(relation.name, row.name, field.name),
      }}
      picker={pickerOf(of.pickers.get(field.name), row, field)}
    />
  )
}

function pickerOf(picker: PickerOptions | undefined, row: Row, field: Field): PickerOptions | undefined {
  const isAsShown = row.texts[field.name] === row.original[field.name]
  return picker && { ...picker, current: isAsShown ? (row.called[field.name] ?? null) : null }
}

function RowTools(props: RowProps): Html {
  const { rows: of, row, index } = props
  const { relation, target, inline, rows, may } = of
  const what = `${target.label.toLowerCase()} ${index + 1}`
  return (
    <>
      {inline.order !== null && (
        <>
          <Step
            {...props}
            step={`up-row.${relation.name}.${row.name}`}
            icon="arrow-up"
            label={`Move ${what} up`}
            disabled={index === 0}
          />
          <Step
            {...props}
            step={`down-row.${relation.name}.${row.name}`}
            icon="arrow-down"
            label={`Move ${what} down`}
            disabled={index === rows.length - 1}
          />
        </>
      )}
      {row.key === null && (
        <Step {...props} step={`drop-row.${relation.name}.${row.name}`} icon="x" label={`Remove ${what}`} />
      )}
      {row.key !== null && may.delete && (
        <Checkbox
          name={goneName(relation.name, row.name)}
          value="true"
          checked={row.isGone}
          aria-label={`Delete ${what}`}
        >
          Delete
        </Checkbox>
      )}
    </>
  )
}

interface StepProps {
  readonly page: PageContext
  readonly rows: Rows
  readonly action: string
  readonly step: string
  readonly icon: 'plus' | 'x' | 'arrow-up' | 'arrow-down'
  readonly label?: string
  /** Keeps its place where it leads nowhere. */
  readonly disabled?: boolean
  readonly children?: Child
}

/** Sends the form and gets it back changed; where scripts run, only these rows are exchanged. */
function Step({ page, rows, action, step, icon, label, disabled, children }: StepProps): Html {
  const target = `#${rowsId(rows.relation.name)}`
  return (
    <Button
      page={page}
      name="_then"
      value={step}
      icon={icon}
      small
      disabled={disabled}
      {...(label !== undefined && { label, variant: 'ghost' })}
      {...hx(page, { post: action, target, select: target, swap: 'outerHTML' })}
    >
      {children}
    </Button>
  )
}

export function Problems({
  page,
  problems,
  id,
}: {
  readonly page: PageContext
  readonly problems: readonly string[]
  readonly id?: string
}): Html {
  return (
    <p class="error rows-error" id={id}>
      <Icon page={page} name="circle-alert" small />
      <span>{problems.join(' ')}</span>
    </p>
  )
}

export function rowsId(relation: string): string {
  return `rows-${controlId(relation).slice('field-'.length)}`
}

export function rowId(relation: string, row: string): string {
  return `${rowsId(relation)}-${row}`
}
