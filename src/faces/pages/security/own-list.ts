/** Lists of Castellan's own records: search and page, by the same addresses as any other list. */

import { AdminError } from '../../../errors.ts'
import type { ListInput, RecordList, RecordView } from '../../../gate/records.ts'
import type { Filter } from '../../../model/filter.ts'
import { read } from '../ask.ts'
import type { PageContext } from '../context.ts'
import { type ListAddress, listAddress, readListAddress } from '../record/address.ts'

export interface OwnList<List extends RecordList> {
  readonly list: List
  readonly address: ListAddress
  /** The address of another page or search of the same list. */
  at(change: Partial<ListAddress>): string
  readonly previousHref: string | null
  readonly nextHref: string | null
}

const MAX_SEARCH = 200

export interface OwnListAsked {
  readonly filters?: readonly Filter[]
  readonly limit: number
  readonly sort?: ListInput['sort']
  /** What the addresses of its other pages say beside, as a query. */
  readonly beside?: string
}

/**
 * Reads the list that the address asks for; a cursor of another list gives the
 * first page.
 */
export async function readOwnList<List extends RecordList>(
  page: PageContext,
  model: string,
  path: string,
  { filters = [], limit, sort = [], beside = '' }: OwnListAsked,
): Promise<OwnList<List>> {
  const address = readListAddress(new URL(page.c.req.url).searchParams)
  const input = { filters, sort, limit, search: address.search.slice(0, MAX_SEARCH) || null, count: 'capped' }
  const list = await pageOf<List>(page, `${model}.list`, input, address.cursor)
  const at = (change: Partial<ListAddress>): string => {
    const to = listAddress(page.url(path), address, change)
    return beside === '' ? to : `${to}${to.includes('?') ? '&' : '?'}${beside}`
  }
  return {
    list,
    address,
    at,
    previousHref: list.page.previous && at({ cursor: list.page.previous }),
    nextHref: list.page.next && at({ cursor: list.page.next }),
  }
}

async function pageOf<List>(
  page: PageContext,
  action: string,
  input: Readonly<Record<string, unknown>>,
  cursor: string | null,
): Promise<List> {
  try {
    return await read<List>(page, { action, input: { ...input, cursor } })
  } catch (error) {
    if (cursor === null || !(error instanceof AdminError) || error.code !== 'invalid-input') throw error
    return read<List>(page, { action, input })
  }
}

/** A text value of a record, or null where it is empty, absent or may not be read. */
export function textIn(record: RecordView, name: string): string | null {
  const value = record.values[name]
  return typeof value === 'string' && value !== '' ? value : null
}
