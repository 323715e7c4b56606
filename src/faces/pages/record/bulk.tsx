/**
 * Choosing records of a list, and what is done to those: a form around the
 * table, whose buttons send the keys that are ticked.
 *
 * Works by itself; the script adds ranges, the count, and keys.
 */

import type { RecordList } from '../../../gate/records.ts'
import { repeatedWith } from '../../../jsx/repeated.ts'
import type { Model } from '../../../model/model.ts'
import { Button } from '../components/button.tsx'
import { Form } from '../components/form.tsx'
import type { Child, Html } from '../components/html.ts'
import type { PageContext } from '../context.ts'
import { type ListAddress, listAddress } from './address.ts'
import type { BulkAction } from './bulk-action.ts'
import { modelPath } from './paths.ts'

export type { BulkAction }

export interface BulkFormProps {
  readonly page: PageContext
  readonly model: Model
  readonly address: ListAddress
  readonly list: RecordList
  readonly isTrash: boolean
  readonly bulk?: readonly BulkAction[] | undefined
  readonly children?: Child
}

/** All rows of the page at once. */
export function SelectPage(): Html {
  return (
    <input class="checkbox" type="checkbox" name="_all" value="page" aria-label="Select all on this page" />
  )
}

/** Styled by its name: a class in each row would be sent fifty times. */
const rowBox = repeatedWith('input', { type: 'checkbox', name: 'k' }, ['value', 'aria-label'])

export function SelectRow({
  recordKey,
  title,
}: {
  readonly recordKey: string
  readonly title: string
}): Html {
  return rowBox(null, recordKey, title)
}

export function BulkForm(props: BulkFormProps): Html {
  const { page, model, address, list, isTrash, bulk = [], children } = props
  const keys = list.records.flatMap(({ key }) => key ?? [])
  const path = `${modelPath(model.name)}/~bulk`
  return (
    <Form page={page} class="bulk-form" action={page.url(`${path}/${bulk[0]?.verb ?? ''}`)} data-bulk="">
      <input type="hidden" name="_list" value={listAddress('', address)} />
      {isTrash && <input type="hidden" name="_trash" value="true" />}
      <input type="hidden" name="_page" value={JSON.stringify(keys)} />
      {children}
      <div class="bulk-bar" role="group" aria-label="Selected records">
        <span class="bulk-count strong" data-one="{n} selected" data-other="{n} selected" aria-live="polite">
          Selected records
        </span>
        <AllThatMatch {...props} />
        <span class="end">
          {bulk.map(({ verb, label, icon, isDangerous }) => (
            <Button
              page={page}
              small
              icon={icon}
              variant={isDangerous ? 'danger' : undefined}
              formaction={page.url(`${path}/${verb}`)}
            >
              {label}…
            </Button>
          ))}
        </span>
      </div>
    </Form>
  )
}

/** Beyond the page. */
function AllThatMatch({ page, address, list, model }: BulkFormProps): Html | null {
  const isWhole = list.page.next === null && list.page.previous === null
  if (isWhole) return null
  const isNarrowed = address.search !== '' || address.filters.length > 0
  const number = list.count?.kind === 'exact' ? ` ${page.format.number(list.count.value)}` : ''
  return (
    <label class="choice">
      <input class="checkbox" type="checkbox" name="_all" value="match" />
      {`All${number} ${isNarrowed ? 'that match' : model.labelPlural.toLowerCase()}`}
    </label>
  )
}
