/**
 * The page on which a filter is put together: groups of conditions that must all,
 * any or none hold. A plain GET form: each button sends the whole of it and gets
 * it back changed; with a script, choosing a field does so by itself.
 */

import { operatorsAt } from '../../../model/filter.ts'
import { FILTER_LIMITS } from '../../../model/filter-limit.ts'
import { type Askable, behind, type FilterPlace, mayHop, placeToAsk } from '../../../model/filter-place.ts'
import type { Field, Model } from '../../../model/model.ts'
import { Button, LinkButton } from '../components/button.tsx'
import { Input, Select } from '../components/field.tsx'
import type { Html } from '../components/html.ts'
import { hx } from '../components/hx.ts'
import type { PageContext } from '../context.ts'
import { labelOf } from '../fields/widget.ts'
import { type ListAddress, listAddress } from './address.ts'
import type { Draft, DraftCondition, DraftGroup } from './filter-draft.ts'
import { inputType, periodsFor } from './filter-editor.tsx'
import { operatorWords, placeLabel } from './filter-words.ts'
import { ListState } from './list-filter.tsx'

export interface FilterBuilderProps {
  readonly page: PageContext
  readonly model: Model
  readonly askable: Askable
  /** Of the list. */
  readonly path: string
  readonly address: ListAddress
  readonly draft: DraftGroup
  /** By the name of the part, and `n` for all of it. */
  readonly problems: Readonly<Record<string, string>>
  /** Filters of the address that are not in force, and are dropped when these are applied. */
  readonly ignored: number
}

const BUILDER = 'filter-builder'

export function FilterBuilder(props: FilterBuilderProps): Html {
  const { page, path, address, draft, problems, ignored } = props
  const action = `${path}/~filter`
  return (
    <form
      id={BUILDER}
      class="filter-builder"
      method="get"
      action={action}
      {...hx(page, {
        get: action,
        target: `#${BUILDER}`,
        select: `#${BUILDER}`,
        swap: 'outerHTML',
        trigger: 'change from:.filter-again',
      })}
    >
      {/* what Enter in a field presses */}
      <button type="submit" name="do" value="apply" class="visually-hidden" tabindex={-1} aria-hidden="true">
        Apply
      </button>
      <ListState address={address} except={['filters']} />
      {ignored > 0 && (
        <p class="hint">
          {page.format.plural(ignored, 'filter that is', 'filters that are')} ignored will be left out.
        </p>
      )}
      {problems['n'] && (
        <p class="error" role="alert">
          {problems['n']}
        </p>
      )}
      <Group {...props} name="n" group={draft} depth={1} />
      <div class="cluster">
        <Button page={page} variant="primary" name="do" value="apply">
          Apply filters
        </Button>
        <LinkButton page={page} href={listAddress(path, address)}>
          Cancel
        </LinkButton>
        {address.filters.length > 0 && (
          <a class="link" href={listAddress(path, address, { filters: [] })}>
            Clear all
          </a>
        )}
      </div>
    </form>
  )
}

const MATCH_OPTIONS = [
  { value: 'all', label: 'all of' },
  { value: 'any', label: 'any of' },
  { value: 'none', label: 'none of' },
]

function Group(
  props: FilterBuilderProps & { readonly name: string; readonly group: DraftGroup; readonly depth: number },
): Html {
  const { page, name, group, depth } = props
  return (
    <fieldset class="filter-group">
      <legend class="filter-legend">
        <span>Match</span>
        <Select
          name={`${name}.m`}
          aria-label="How many of these must hold"
          options={MATCH_OPTIONS}
          value={group.match}
        />
        {depth > 1 && (
          <Button page={page} small variant="ghost" name="do" value={`remove:${name}`}>
            Remove group
          </Button>
        )}
      </legend>
      {group.of.map((part, index) => (
        <Part {...props} name={`${name}.${index}`} part={part} depth={depth} />
      ))}
      {group.of.length === 0 && <p class="muted">No conditions yet.</p>}
      <div class="cluster">
        <Button page={page} small icon="plus" name="do" value={`add:${name}`}>
          Add condition
        </Button>
        {depth < FILTER_LIMITS.depth && (
          <Button page={page} small variant="ghost" icon="plus" name="do" value={`group:${name}`}>
            Add group
          </Button>
        )}
      </div>
    </fieldset>
  )
}

function Part(
  props: FilterBuilderProps & { readonly name: string; readonly part: Draft; readonly depth: number },
): Html {
  const { part, depth } = props
  if (part.kind === 'group') return <Group {...props} group={part} depth={depth + 1} />
  return <Condition {...props} condition={part} />
}

function Condition(
  props: FilterBuilderProps & { readonly name: string; readonly condition: DraftCondition },
): Html {
  const { page, model, askable, name, condition, problems } = props
  const place = condition.field === '' ? null : placeToAsk(model, condition.field, askable)
  const problem = problems[name]
  return (
    <div class="filter-row">
      <FieldSelect {...props} />
      {place && <Operation {...props} place={place} />}
      {!place && (
        <noscript>
          <Button page={page} small name="do" value="again">
            Choose
          </Button>
        </noscript>
      )}
      <Button
        page={page}
        small
        variant="ghost"
        icon="x"
        name="do"
        value={`remove:${name}`}
        label="Remove condition"
      />
      {problem && (
        <p class="error" id={`${name}-error`}>
          {problem}
        </p>
      )}
    </div>
  )
}

/** The fields of the model, then those behind each relation that may be asked about. */
function FieldSelect({
  model,
  askable,
  name,
  condition,
}: FilterBuilderProps & { readonly name: string; readonly condition: DraftCondition }): Html {
  const option = (value: string, label: string): Html => (
    <option value={value} selected={value === condition.field}>
      {label}
    </option>
  )
  return (
    <select class="input filter-again" name={`${name}.f`} id={`${name}.f`} aria-label="Field">
      <option value="">Choose a field</option>
      {fieldsOf(model, askable).map((field) => option(field.name, labelOf(model, field)))}
      {model.relations.flatMap((relation) => {
        const target = askable.models.get(relation.target)
        if (!target || !mayHop(model, relation, askable)) return []
        const isMany = relation.kind === 'many'
        return [
          <optgroup
            label={isMany ? `Some ${target.label.toLowerCase()} (${relation.label})` : relation.label}
          >
            {fieldsOf(target, askable).map((field) =>
              option(behind(relation, field), `${relation.label} · ${labelOf(target, field)}`),
            )}
          </optgroup>,
        ]
      })}
    </select>
  )
}

function fieldsOf(model: Model, { queryable }: Askable): readonly Field[] {
  const open = queryable(model.name)
  return model.fields.filter(({ name }) => open.has(name) && model.list.filters.includes(name))
}

const EMPTY = [
  { value: 'isNull', label: 'is empty' },
  { value: 'notNull', label: 'is not empty' },
]

function Operation({
  name,
  condition,
  place,
}: FilterBuilderProps & {
  readonly name: string
  readonly condition: DraftCondition
  readonly place: FilterPlace
}): Html {
  const { field } = place
  const isJson = field.type === 'json'
  const offered = operatorsAt(isJson ? { field, path: [0] } : place).filter((one) => one !== 'isNull')
  const options = offered.map((value) => ({
    value,
    label: operatorWords(isJson ? { type: 'text' } : field, value),
  }))
  const operator = condition.operator || (options[0]?.value ?? 'isNull')
  const about = placeLabel(place)
  return (
    <>
      {isJson && (
        <Input
          name={`${name}.p`}
          aria-label={`Path into ${about}`}
          value={condition.path}
          placeholder="$.size"
        />
      )}
      <Select
        name={`${name}.o`}
        id={`${name}.o`}
        class="filter-again"
        aria-label={`How ${about} compares`}
        options={[...options, ...EMPTY]}
        value={operator}
      />
      <ValueControl
        name={`${name}.v`}
        about={about}
        field={field}
        operator={operator}
        value={condition.value}
      />
    </>
  )
}

interface ValueControlProps {
  readonly name: string
  readonly about: string
  readonly field: Field
  readonly operator: string
  readonly value: string
}

function ValueControl({ name, about, field, operator, value }: ValueControlProps): Html | null {
  const label = `Value for ${about}`
  if (operator === 'isNull' || operator === 'notNull') return null
  if (operator === 'within') {
    return <Select name={name} aria-label={label} options={periodsFor(field)} value={value || 'today'} />
  }
  const isOne = operator === 'eq' || operator === 'ne'
  if (isOne && field.type === 'bool') {
    return <Select name={name} aria-label={label} options={TRUTHS} value={value || 'true'} />
  }
  if (isOne && field.choices) {
    return <Select name={name} aria-label={label} options={field.choices} value={value} />
  }
  return (
    <Input
      name={name}
      aria-label={label}
      type={isOne || operator.length <= 3 ? inputType(field) : 'text'}
      value={value}
      placeholder={operator === 'in' ? 'a,b,c' : undefined}
      autocomplete="off"
    />
  )
}

const TRUTHS = [
  { value: 'true', label: 'Yes' },
  { value: 'false', label: 'No' },
]
