/**
 * The chips of the filters in force, and the editor that adds one: choose a
 * field, then an operator and a value by its type. Plain GET forms; the answer
 * is the list's address with one more filter.
 */

import { operatorsOf } from '../../../model/filter.ts'
import type { Field, Model } from '../../../model/model.ts'
import { relationThrough } from '../../../model/model.ts'
import { isFilterOffered } from '../../../model/scan.ts'
import { Button } from '../components/button.tsx'
import { Input, RelationPicker, Select } from '../components/field.tsx'
import type { Html } from '../components/html.ts'
import { Chip, Menu, MenuLabel } from '../components/menu.tsx'
import type { PageContext } from '../context.ts'
import { labelOf } from '../fields/widget.ts'
import { type ListAddress, listAddress, writeSort } from './address.ts'
import type { FilterChip } from './filter-chips.ts'
import { operatorWords } from './filter-words.ts'

export interface FilterProps {
  readonly page: PageContext
  readonly model: Model
  readonly path: string
  readonly address: ListAddress
  readonly chips: readonly FilterChip[]
  readonly queryable: readonly string[]
}

export function FilterChips({ page, path, address, chips }: FilterProps): Html {
  return (
    <>
      {chips.map((chip) => (
        <Chip
          page={page}
          field={chip.label}
          value={chip.sentence}
          bad={chip.isIgnored}
          removeHref={listAddress(path, address, {
            filters: address.filters.filter((text) => text !== chip.text),
          })}
        />
      ))}
    </>
  )
}

export function FilterMenu(props: FilterProps): Html | null {
  const { page, model, queryable } = props
  const fields = model.fields.filter(
    ({ name }) =>
      queryable.includes(name) && model.list.filters.includes(name) && isFilterOffered(model, name),
  )
  if (fields.length === 0) return null
  return (
    <Menu
      page={page}
      id="filters"
      button={{ variant: 'ghost', icon: 'list-filter', shortcut: 'f', children: 'Filter' }}
    >
      <MenuLabel>Add a filter</MenuLabel>
      {fields.map((field) => (
        <FilterEditor {...props} field={field} />
      ))}
    </Menu>
  )
}

/** One at a time is open: `name` makes the browser close the others. */
function FilterEditor(props: FilterProps & { readonly field: Field }): Html {
  const { page, path, address, field } = props
  return (
    <details class="filter-editor" name="filter-editor">
      <summary class="menu-item">{labelOf(props.model, field)}</summary>
      <form method="get" action={path}>
        <ListState address={address} />
        <input type="hidden" name="ff" value={field.name} />
        <OperatorSelect field={field} />
        <ValueInput {...props} />
        <Button page={page} small variant="primary">
          Add filter
        </Button>
      </form>
    </details>
  )
}

/** What the list already asks, to be sent along by a form over it. */
export function ListState({
  address,
  except = [],
}: {
  readonly address: ListAddress
  readonly except?: readonly (keyof ListAddress)[]
}): Html {
  const kept = <Key extends keyof ListAddress>(key: Key): boolean => !except.includes(key)
  return (
    <>
      {kept('search') && address.search && <input type="hidden" name="q" value={address.search} />}
      {kept('filters') && address.filters.map((text) => <input type="hidden" name="f" value={text} />)}
      {kept('sort') && address.sort.length > 0 && (
        <input type="hidden" name="sort" value={writeSort(address.sort)} />
      )}
      {kept('per') && address.per !== null && <input type="hidden" name="per" value={address.per} />}
    </>
  )
}

function OperatorSelect({ field }: { readonly field: Field }): Html {
  const offered = operatorsOf(field).filter((operator) => operator !== 'isNull')
  const options = offered.map((operator) => ({ value: operator, label: operatorWords(field, operator) }))
  const empty = [
    { value: 'isNull', label: 'is empty' },
    { value: 'notNull', label: 'is not empty' },
  ]
  const all = field.nullable || offered.length === 0 ? [...options, ...empty] : options
  return (
    <Select
      name="fo"
      aria-label={`How ${field.label} compares`}
      options={all}
      value={defaultOperator(field)}
    />
  )
}

function defaultOperator(field: Field): string | null {
  if (['date', 'timestamp', 'timestamptz'].includes(field.type)) return 'gte'
  return field.type === 'text' && !field.choices ? 'contains' : null
}

function ValueInput({ page, model, field }: FilterProps & { readonly field: Field }): Html | null {
  const label = `Value for ${field.label}`
  if (field.type === 'bool') {
    const answers = [
      { value: 'true', label: 'Yes' },
      { value: 'false', label: 'No' },
    ]
    return <Select name="fv" aria-label={label} options={answers} />
  }
  if (field.choices) return <Select name="fv" aria-label={label} options={field.choices} />
  if (['json', 'bytes', 'opaque'].includes(field.type)) return null
  const relation = relationThrough(model, field.name)
  const target = relation && page.house.gate.models.get(relation.target)
  const input = <Input name="fv" aria-label={label} type={inputType(field)} autocomplete="off" />
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

function inputType(field: Field): string {
  if (field.type === 'date' || field.type === 'time') return field.type
  return field.type === 'timestamp' || field.type === 'timestamptz' ? 'datetime-local' : 'text'
}
