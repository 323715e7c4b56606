/**
 * The chips of the filters in force, and the menu that adds one: choose a field,
 * and its editor is fetched into the menu's place. Plain links: without a script
 * the editor is a page of its own.
 */

import { fieldOf, type Model } from '../../../model/model.ts'
import { isFilterOffered } from '../../../model/scan.ts'
import type { Html } from '../components/html.ts'
import { hx } from '../components/hx.ts'
import { Chip, Menu, MenuLabel, MenuLink, MenuRule } from '../components/menu.tsx'
import type { PageContext } from '../context.ts'
import { labelOf } from '../fields/widget.ts'
import { type ListAddress, listAddress, writeSort } from './address.ts'
import type { FilterChip } from './filter-chips.ts'

export interface FilterProps {
  readonly page: PageContext
  readonly model: Model
  readonly path: string
  readonly address: ListAddress
  readonly chips: readonly FilterChip[]
  readonly queryable: readonly string[]
}

/** What the editor of a filter is fetched into. */
export const FILTER_PANEL = 'filter-panel'

export function FilterChips({ page, model, path, address, chips }: FilterProps): Html {
  return (
    <>
      {chips.map((chip) => (
        <Chip
          page={page}
          field={chip.label}
          value={chip.sentence}
          bad={chip.isIgnored}
          editHref={editHref(model, path, address, chip)}
          removeHref={listAddress(path, address, {
            filters: address.filters.filter((text) => text !== chip.text),
          })}
        />
      ))}
      {chips.length > 1 && (
        <a class="link" href={listAddress(path, address, { filters: [] })}>
          Clear filters
        </a>
      )}
    </>
  )
}

/** A condition over one field has that field's editor; anything else is put together as a whole. */
function editHref(model: Model, path: string, address: ListAddress, chip: FilterChip): string | undefined {
  if (chip.filter === null) return undefined
  const isPlain = 'field' in chip.filter && fieldOf(model, chip.filter.field) !== undefined
  if (!isPlain || !('field' in chip.filter)) return filterHref(path, address)
  return filterHref(path, address, { field: chip.filter.field, edit: chip.text })
}

/** The page on which filters are put together; with `field` the editor of that one. */
export function filterHref(
  path: string,
  address: ListAddress,
  more: Readonly<Record<string, string>> = {},
): string {
  const href = listAddress(`${path}/~filter`, address)
  const extra = new URLSearchParams(more).toString()
  if (extra === '') return href
  return `${href}${href.includes('?') ? '&' : '?'}${extra}`
}

export function FilterMenu(props: FilterProps): Html | null {
  const { page, model, path, address, queryable } = props
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
      <div id={FILTER_PANEL}>
        <MenuLabel>Add a filter</MenuLabel>
        {fields.map((field) => {
          const href = filterHref(path, address, { field: field.name })
          const target = `#${FILTER_PANEL}`
          return (
            <MenuLink
              page={page}
              href={href}
              {...hx(page, { get: href, target, select: target, swap: 'outerHTML' })}
            >
              {labelOf(model, field)}
            </MenuLink>
          )
        })}
        <MenuRule />
        <MenuLink page={page} href={filterHref(path, address)}>
          Any of, groups, related records …
        </MenuLink>
      </div>
    </Menu>
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
