/**
 * The pages of the application, as the gate sees them: opening one is an action
 * on a model of Castellan's own, so that no wildcard for records reaches it.
 */

import { z } from 'zod'
import { AdminError } from '../errors.ts'
import { type Action, defineAction } from '../gate/action.ts'
import { hookContext } from '../gate/told.ts'
import type { HookContext } from '../model/hook.ts'
import type { Model } from '../model/model.ts'
import { readInput } from './input.ts'

export const PAGES = 'castellan.pages'

/** What the gate has to know of one page. */
export interface GatePage {
  /** The verb: `reports` of `castellan.pages.reports`. */
  readonly name: string
  readonly title: string
  /** Whether the application itself offers it to whoever asks. */
  isAccessible(context: HookContext): Promise<boolean>
}

const Nothing = z.strictObject({})

/** Opening is recorded once a minute for the same person and page. */
export function pageActions(pages: readonly GatePage[]): readonly Action[] {
  return pages.map(({ name, title, isAccessible }) =>
    defineAction<unknown, null>({
      verb: name,
      model: PAGES,
      label: title,
      on: 'model',
      access: 'read',
      kind: 'page.open',
      isFolded: true,
      parse: (raw) => readInput(`${PAGES}.${name}`, Nothing, raw),
      async run(_input, { principal, origin, now }) {
        if (await isAccessible(hookContext(PAGES, principal, origin, now))) return null
        throw new AdminError(
          'denied',
          `${PAGES}.${name} refused: the application does not offer this page to you.`,
        )
      },
    }),
  )
}

/** @param source Where Castellan's own tables are. */
export function pagesModel(source: string): Model {
  return {
    name: PAGES,
    source,
    schema: null,
    table: '',
    kind: 'view',
    label: 'Page',
    labelPlural: 'Pages',
    description: 'Pages of the application.',
    icon: null,
    group: 'Castellan',
    fields: [],
    key: null,
    uniques: [],
    indexes: [],
    relations: [],
    title: [],
    list: { columns: [], filters: [], search: [], sort: [], perPage: 50 },
    softDelete: null,
    writable: { create: false, update: false, delete: false, reason: 'Pages are declared in code.' },
  }
}
