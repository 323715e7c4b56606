/** The types that every component speaks in. */

export type { Attributes } from '../../../jsx/elements.ts'
export type { Child, Html } from '../../../jsx/html.ts'

/** Joins the class names that apply. */
export function classes(...names: readonly (string | false | null | undefined)[]): string | undefined {
  return names.filter(Boolean).join(' ') || undefined
}
