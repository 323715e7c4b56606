/**
 * What the database itself does to other records when one is deleted leaves no
 * events of its own, so the event of the deletion says how many they were.
 */

import type { AuditEvent } from '../../audit/event.ts'
import type { Impact } from '../records.ts'

/** `deleted.order_items`: how many records of that model went along; `cleared.…`: how many no longer point there. */
const NAME = /^(?:deleted|cleared)\.(?<model>.+)$/

/** As details of an event, by model: everything there was, whoever may see it. */
export function taken({ parts, isComplete }: Impact): AuditEvent['details'] {
  const counts = new Map<string, { readonly value: number; readonly isMore: boolean }>()
  for (const { relation, target, count } of parts) {
    if (relation.onDelete === 'restrict' || relation.onDelete === 'nothing') continue
    const name = `${relation.onDelete === 'cascade' ? 'deleted' : 'cleared'}.${target.name}`
    const before = counts.get(name)
    counts.set(name, {
      value: (before?.value ?? 0) + count.value,
      isMore: (before?.isMore ?? false) || count.kind === 'at-least',
    })
  }
  const details = [...counts].map(([name, { value, isMore }]) => [name, isMore ? `${value} or more` : value])
  return { ...Object.fromEntries(details), ...(!isComplete && { isImpactComplete: false }) }
}

/** The model whose records a detail of an event counts; null: it is about something else. */
export function countedModel(detail: string): string | null {
  return NAME.exec(detail)?.groups?.['model'] ?? null
}
