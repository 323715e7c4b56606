/**
 * Action patterns: `orders.update`, `orders.*`, `*.list`, `*.*`.
 *
 * The verb stands after the last dot. A `*` before it means any model of the
 * application and never one of Castellan's own, so that a rule about records
 * can't grow into a rule about people, keys or the log.
 */

import { isOwn } from './verbs.ts'

export interface ActionPattern {
  /** `*` or the name of a model. */
  readonly model: string
  /** `*` or a verb. */
  readonly verb: string
}

/** Splits at the last dot; null when a part is empty or is a wildcard only in part. */
export function parsePattern(text: string): ActionPattern | null {
  const dot = text.lastIndexOf('.')
  const pattern = { model: text.slice(0, Math.max(dot, 0)), verb: text.slice(dot + 1) }
  const parts = [pattern.model, pattern.verb]
  const isWhole = parts.every((part) => part === '*' || (part !== '' && !part.includes('*')))
  return dot > 0 && isWhole ? pattern : null
}

/** Whether the pattern covers the action `model.verb`. */
export function covers(pattern: ActionPattern, model: string, verb: string): boolean {
  return coversModel(pattern, model) && (pattern.verb === '*' || pattern.verb === verb)
}

export function coversModel(pattern: ActionPattern, model: string): boolean {
  return pattern.model === '*' ? !isOwn(model) : pattern.model === model
}

/** The two parts of an action's name. */
export function splitAction(action: string): { readonly model: string; readonly verb: string } {
  const dot = action.lastIndexOf('.')
  return { model: action.slice(0, Math.max(dot, 0)), verb: action.slice(dot + 1) }
}

/** Whether one of the patterns, as text, covers the action; what is no pattern covers nothing. */
export function isCovered(patterns: readonly string[], action: string): boolean {
  const { model, verb } = splitAction(action)
  return patterns.some((text) => {
    const pattern = parsePattern(text)
    return pattern !== null && covers(pattern, model, verb)
  })
}
