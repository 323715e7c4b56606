/** Going to the page of a list that begins at a value of the field it is sorted by. A plain form. */

import type { Field as ModelField } from '../../../model/model.ts'
import { fieldOf } from '../../../model/model.ts'
import { Button } from '../components/button.tsx'
import { TextField } from '../components/field.tsx'
import type { Html } from '../components/html.ts'
import { Menu } from '../components/menu.tsx'
import { labelOf } from '../fields/widget.ts'
import { sortInForce, startProblem } from './address.ts'
import type { ListProps } from './list.tsx'
import { ListState } from './list-filter.tsx'

/** @param path Of the list. Null where its order is one that nobody can name a place in. */
export function StartAt({
  page,
  model,
  address,
  list,
  chips,
  path,
}: ListProps & { readonly path: string }): Html | null {
  const filters = chips.flatMap((chip) => chip.filter ?? [])
  const sort = sortInForce(model, address.sort, list.queryable, filters)
  const [lead] = sort
  const field = lead && fieldOf(model, lead.field)
  if (!field || model.key === null || field.type === 'bool' || field.choices) return null
  const problem = startProblem(model, address, sort)
  const { start } = address
  return (
    <Menu page={page} id="start-at" toStart button={{ small: true, variant: 'ghost', children: 'Go to …' }}>
      <form method="get" action={path} class="filter-form">
        <ListState address={address} />
        <TextField
          page={page}
          id="start-at-value"
          name="at"
          label={`Start at ${labelOf(model, field)}`}
          hint={HINTS[field.type]}
          error={problem ?? undefined}
          required
          unmarked
          type={inputType(field)}
          value={start !== null && start !== 'last' ? start.at : ''}
          maxlength={200}
          autocomplete="off"
        />
        <Button page={page} small variant="primary">
          Go
        </Button>
      </form>
    </Menu>
  )
}

const HINTS: Readonly<Partial<Record<ModelField['type'], string>>> = {
  timestamp: 'A day, or a day and a time.',
  timestamptz: 'A day, or a day and a time, in UTC.',
}

function inputType({ type }: ModelField): string {
  return type === 'date' || type === 'time' ? type : 'text'
}
