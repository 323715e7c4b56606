/** Which model and record an address names. */

import { AdminError } from '../../../errors.ts'
import type { Askable } from '../../../model/filter-place.ts'
import type { Model } from '../../../model/model.ts'
import { isPossible, type PageContext, principalOf } from '../context.ts'

/** The model of the address. @throws AdminError `not-found`, for Castellan's own models too: they have pages of their own. */
export function modelAt(page: PageContext): Model {
  const name = page.c.req.param('model') ?? ''
  const model = page.house.gate.models.get(name)
  if (!model || name.startsWith('castellan.')) throw nothingHere()
  return model
}

/** The key of the address, decoded once from its percent-encoding. */
export function keyAt(page: PageContext): string {
  return page.c.req.param('key') ?? ''
}

export function nothingHere(): AdminError {
  return new AdminError('not-found', 'There is nothing at this address.')
}

/** Fields that this principal may filter, sort and search by. */
export function queryableIn(page: PageContext, model: Model): readonly string[] {
  return page.house.gate.queryable(principalOf(page), model.name, page.c.get('origin').address)
}

/** What this principal may filter lists by. */
export function askableIn(page: PageContext): Askable {
  return page.house.gate.askable(principalOf(page), page.c.get('origin').address)
}

export function canCreate(page: PageContext, model: Model): boolean {
  return model.writable.create && isPossible(page, `${model.name}.create`)
}
