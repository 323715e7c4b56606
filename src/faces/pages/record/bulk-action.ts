/** What a list offers to do to several of its records at once, as far as whoever asks could do it. */

import type { Model } from '../../../model/model.ts'
import type { IconName } from '../components/icon-names.ts'
import { isPossible, type PageContext, principalOf } from '../context.ts'
import { formFields } from './form.ts'
import { type OwnButton, severalButtons } from './own-action.ts'

export interface BulkAction {
  readonly verb: string
  readonly label: string
  readonly icon: IconName | undefined
  readonly isDangerous: boolean
  /** An action of the application; null: it is one of ours. */
  readonly button: OwnButton | null
}

const OURS = {
  update: { label: 'Edit', icon: 'pencil', isDangerous: false },
  restore: { label: 'Restore', icon: 'rotate-ccw', isDangerous: false },
  delete: { label: 'Delete', icon: 'trash-2', isDangerous: true },
  purge: { label: 'Delete for good', icon: 'trash-2', isDangerous: true },
} as const

/** In the order of their buttons: what destroys comes last. */
export async function bulkActions(
  page: PageContext,
  model: Model,
  isTrash: boolean,
): Promise<readonly BulkAction[]> {
  if (!model.key) return []
  const ours = (verb: keyof typeof OURS): readonly BulkAction[] =>
    isPossible(page, `${model.name}.${verb}`) ? [{ verb, ...OURS[verb], button: null }] : []
  if (isTrash) return [...ours('restore'), ...ours('purge')]
  const own = (await severalButtons(page, model)).map(
    (button): BulkAction => ({
      verb: button.action.verb,
      label: button.action.label,
      icon: button.icon,
      isDangerous: button.own.isDangerous,
      button,
    }),
  )
  const isEditable = formFields(model, writableBy(page, model), 'update').length > 0
  return [
    ...(isEditable ? ours('update') : []),
    ...own.filter(({ isDangerous }) => !isDangerous),
    ...own.filter(({ isDangerous }) => isDangerous),
    ...ours('delete'),
  ]
}

/** Fields that may be written on some record. */
export function writableBy(page: PageContext, model: Model): readonly string[] {
  return page.house.gate.writable(principalOf(page), model.name, 'update', page.c.get('origin').address)
}
