/** Which sessions the list shows: by a text, by how they were signed in, by how long nobody has used them. */

import { methodOf } from '../../../identity/oidc/option.ts'
import type { Filter } from '../../../model/filter.ts'
import { METHODS } from '../auth/method.ts'
import { Button } from '../components/button.tsx'
import { SearchInput, Select } from '../components/field.tsx'
import type { Html } from '../components/html.ts'
import { type PageContext, principalOf } from '../context.ts'

export interface SessionFilter {
  readonly isMine: boolean
  readonly search: string
  /** Of `METHODS`, or of a provider; empty: any. */
  readonly method: string
  /** Of `IDLE`; empty: however long. */
  readonly idle: string
}

const HOUR_MS = 3_600_000
const IDLE = [
  { value: '1h', label: 'Not used for an hour', milliseconds: HOUR_MS },
  { value: '1d', label: 'Not used for a day', milliseconds: 24 * HOUR_MS },
  { value: '7d', label: 'Not used for a week', milliseconds: 7 * 24 * HOUR_MS },
] as const
const MAX_SEARCH = 200

/** Reads the address, or the form that ends what it shows. What it does not know counts for nothing. */
export function readSessionFilter(page: PageContext, from: URLSearchParams): SessionFilter {
  const known = (name: string, options: readonly { readonly value: string }[]): string =>
    options.find(({ value }) => value === from.get(name))?.value ?? ''
  return {
    isMine: from.get('view') === 'mine',
    search: (from.get('q') ?? '').trim().slice(0, MAX_SEARCH),
    method: known('method', methodOptions(page)),
    idle: known('idle', IDLE),
  }
}

/** Whether it shows anything less than all. */
export function isNarrowed({ search, method, idle }: SessionFilter): boolean {
  return search !== '' || method !== '' || idle !== ''
}

export function conditionsOf(page: PageContext, { isMine, method, idle }: SessionFilter): readonly Filter[] {
  const idleMs = IDLE.find(({ value }) => value === idle)?.milliseconds
  return [
    ...(isMine ? [{ field: 'person_id', operator: 'eq' as const, value: principalOf(page).subject.id }] : []),
    ...(method === '' ? [] : [{ field: 'methods', operator: 'contains' as const, value: method }]),
    ...(idleMs === undefined
      ? []
      : [{ field: 'last_seen_at', operator: 'lt' as const, value: instantBefore(page, idleMs) }]),
  ]
}

function instantBefore({ house }: PageContext, milliseconds: number): string {
  return new Date(house.clock() - milliseconds).toISOString()
}

/** As it stands in an address. */
export function queryOf({ isMine, search, method, idle }: SessionFilter): URLSearchParams {
  const query = new URLSearchParams()
  if (isMine) query.set('view', 'mine')
  if (search) query.set('q', search)
  if (method) query.set('method', method)
  if (idle) query.set('idle', idle)
  return query
}

function methodOptions({
  house,
}: PageContext): readonly { readonly value: string; readonly label: string }[] {
  const own = Object.entries(METHODS).map(([value, label]) => ({ value, label: `With ${label}` }))
  const providers = house.identity.oidc.providers.map(({ id, label }) => ({
    value: methodOf(id),
    label: `With ${label}`,
  }))
  return [...own, ...providers]
}

export function SessionFilterForm({
  page,
  filter,
}: {
  readonly page: PageContext
  readonly filter: SessionFilter
}): Html {
  return (
    <form method="get" action={page.url('/sessions')} role="search" class="search-line">
      {filter.isMine && <input type="hidden" name="view" value="mine" />}
      <SearchInput
        page={page}
        label="Search sessions"
        name="q"
        value={filter.search}
        placeholder="Search person, browser, address"
        maxlength={MAX_SEARCH}
      />
      <Select
        aria-label="Signed in with"
        name="method"
        value={filter.method}
        blank="Signed in anyhow"
        options={methodOptions(page)}
      />
      <Select
        aria-label="Not used for"
        name="idle"
        value={filter.idle}
        blank="Used at any time"
        options={IDLE}
      />
      <Button page={page} type="submit">
        Show
      </Button>
    </form>
  )
}
