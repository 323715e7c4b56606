/**
 * The editor of a filter over one field: how it compares and with what, by the
 * field's type. Plain GET forms whose answer is the list with one more filter.
 */

import type { FieldTally } from '../../../gate/records.ts'
import { type FieldFilter, type FilterOperator, operatorsOf } from '../../../model/filter.ts'
import type { Field, Model, Value } from '../../../model/model.ts'
import { relationThrough } from '../../../model/model.ts'
import { COMMON_HOURS, COMMON_PERIODS, periodWords } from '../../../model/period.ts'
import { textOf } from '../../../model/text.ts'
import { Button } from '../components/button.tsx'
import { Checkbox, Input, RelationPicker, Select } from '../components/field.tsx'
import type { Child, Html } from '../components/html.ts'
import type { PageContext } from '../context.ts'
import { labelOf } from '../fields/widget.ts'
import type { ListAddress } from './address.ts'
import { operatorWords } from './filter-words.ts'
import { FILTER_PANEL, ListState } from './list-filter.tsx'

export interface FilterEditorProps {
  readonly page: PageContext
  readonly model: Model
  readonly field: Field
  /** Of the list. */
  readonly path: string
  /** Without the filter that is edited. */
  readonly address: ListAddress
  /** What is edited; null: a new one. */
  readonly filter: FieldFilter | null
  /** The values that the field can take; null: they are typed. */
  readonly tally: FieldTally | null
}

export function FilterEditor(props: FilterEditorProps): Html {
  const { page, model, field } = props
  const isInTime = field.type === 'date' || field.type === 'timestamp' || field.type === 'timestamptz'
  return (
    <div id={FILTER_PANEL} class="filter-panel">
      <p class="menu-label">{labelOf(model, field)}</p>
      {isInTime && (
        <EditorForm {...props}>
          <input type="hidden" name="fo" value="within" />
          <Select
            name="fv"
            aria-label={`Period of ${labelOf(model, field)}`}
            options={periodsFor(field)}
            value={props.filter?.operator === 'within' ? String(props.filter.value) : null}
            autofocus
          />
          <p class="hint">Days of the time zone {page.format.timeZone}; the filter moves on with them.</p>
        </EditorForm>
      )}
      <EditorForm {...props}>
        {props.tally ? <Choices {...props} tally={props.tally} /> : <Comparison {...props} />}
      </EditorForm>
    </div>
  )
}

export function periodsFor({ type }: Pick<Field, 'type'>): readonly { value: string; label: string }[] {
  const names = type === 'date' ? COMMON_PERIODS : [...COMMON_PERIODS, ...COMMON_HOURS]
  return names.map((value) => {
    const words = periodWords(value)
    return { value, label: `${words.charAt(0).toUpperCase()}${words.slice(1)}` }
  })
}

function EditorForm(props: FilterEditorProps & { readonly children?: Child }): Html {
  const { page, path, address, field, filter } = props
  return (
    <form class="filter-form" method="get" action={path}>
      <ListState address={address} />
      <input type="hidden" name="ff" value={field.name} />
      {props.children}
      <Button page={page} small variant="primary">
        {filter ? 'Change filter' : 'Add filter'}
      </Button>
    </form>
  )
}

/** Each value with how many records have it, among those that the other filters leave. */
function Choices({
  page,
  model,
  field,
  filter,
  tally,
}: FilterEditorProps & { readonly tally: FieldTally }): Html {
  const chosen = new Set(chosenIn(field, filter))
  const isNone = filter?.operator === 'ne'
  const options = [
    { value: 'in', label: 'is any of' },
    { value: 'notIn', label: 'is none of' },
    ...(field.nullable ? EMPTY : []),
  ]
  const empty = tally.values.find(({ value }) => value === null)
  return (
    <>
      <Select
        name="fo"
        aria-label={`How ${labelOf(model, field)} compares`}
        options={options}
        value={isNone ? 'notIn' : emptiness(filter)}
        autofocus
      />
      <div class="filter-choices">
        {tally.values.flatMap(({ value, label, count }) => {
          const text = textOf(field, value)
          if (text === null) return []
          return [
            <Checkbox name="fv" value={text} checked={chosen.has(text)}>
              {label} <span class="muted">{countOf(page, tally, count)}</span>
            </Checkbox>,
          ]
        })}
      </div>
      {empty && <p class="hint">{countOf(page, tally, empty.count)} without a value</p>}
      {!tally.isWhole && <p class="hint">Counted in the first 10,000 records.</p>}
    </>
  )
}

function countOf({ format }: PageContext, { isWhole }: FieldTally, count: number): string {
  return `${format.number(count)}${isWhole ? '' : '+'}`
}

function chosenIn(field: Field, filter: FieldFilter | null): readonly string[] {
  return filter && ['eq', 'ne', 'in'].includes(filter.operator) ? membersOf(field, filter) : []
}

function membersOf(field: Field, { value }: FieldFilter): readonly string[] {
  return (isList(value) ? value : [value]).map((one) => textOf(field, one) ?? '')
}

function isList(value: FieldFilter['value']): value is readonly Value[] {
  return Array.isArray(value)
}

const EMPTY = [
  { value: 'isNull', label: 'is empty' },
  { value: 'notNull', label: 'is not empty' },
]

function emptiness(filter: FieldFilter | null): string | null {
  if (filter?.operator !== 'isNull') return null
  return filter.value === false ? 'notNull' : 'isNull'
}

function Comparison(props: FilterEditorProps): Html {
  const { model, field, filter } = props
  const isJson = field.type === 'json'
  const offered = isJson ? JSON_OPERATORS : operatorsOf(field).filter((one) => !isApart(field, one))
  const options = offered.map((value) => ({
    value,
    label: operatorWords(isJson ? { type: 'text' } : field, value),
  }))
  const all = field.nullable || isJson || offered.length === 0 ? [...options, ...EMPTY] : options
  return (
    <>
      {isJson && (
        <Input
          name="fp"
          aria-label="Path into the JSON"
          placeholder="$.size"
          autocomplete="off"
          maxlength={300}
        />
      )}
      <Select
        name="fo"
        aria-label={`How ${labelOf(model, field)} compares`}
        options={all}
        value={
          emptiness(filter) ??
          (filter && filter.operator !== 'within' ? filter.operator : defaultOperator(field))
        }
      />
      {/* what is typed for "any of" are all of its values */}
      <input type="hidden" name="fm" value="1" />
      {/* of some types only whether there is a value can be asked */}
      {offered.length > 0 && <ValueInput {...props} value={typedText(field, filter)} />}
      {field.type === 'timestamptz' && <p class="hint">Time in UTC.</p>}
      {offered.some((one) => one === 'in') && (
        <p class="hint">Several values of “is any of” with commas between them.</p>
      )}
    </>
  )
}

/** It is offered in another way, or takes several values where the input holds one. */
function isApart(field: Field, operator: FilterOperator): boolean {
  return operator === 'isNull' || operator === 'within' || (operator === 'in' && inputType(field) !== 'text')
}

const JSON_OPERATORS = ['eq', 'ne', 'contains', 'startsWith'] as const

/** What stands in the input while a filter is edited. */
function typedText(field: Field, filter: FieldFilter | null): string {
  if (!filter || filter.operator === 'within' || filter.operator === 'isNull') return ''
  return membersOf(field, filter).join(',')
}

function defaultOperator(field: Field): string | null {
  if (['date', 'timestamp', 'timestamptz'].includes(field.type)) return 'gte'
  return field.type === 'text' ? 'contains' : null
}

function ValueInput({ page, model, field, value }: FilterEditorProps & { readonly value: string }): Html {
  const relation = relationThrough(model, field.name)
  const target = relation && page.house.gate.models.get(relation.target)
  const input = (
    <Input
      name="fv"
      aria-label={`Value for ${labelOf(model, field)}`}
      type={inputType(field)}
      value={value}
      autocomplete="off"
    />
  )
  if (!relation || !target || target.key?.length !== 1 || relation.to[0] !== target.key[0]) return input
  return (
    <RelationPicker
      page={page}
      source={page.url(`/m/${encodeURIComponent(target.name)}/~options`)}
      label={target.labelPlural.toLowerCase()}
    >
      {input}
    </RelationPicker>
  )
}

export function inputType(field: Pick<Field, 'type'>): string {
  if (field.type === 'date' || field.type === 'time') return field.type
  return field.type === 'timestamp' || field.type === 'timestamptz' ? 'datetime-local' : 'text'
}
