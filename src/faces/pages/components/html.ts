/** The two types that every component speaks in. */

import type { Child as HonoChild } from 'hono/jsx'
import type { JSX } from 'hono/jsx/jsx-runtime'

/** What a component returns. */
export type Html = JSX.Element

/** What stands between a component's tags. */
export type Child = HonoChild

/** Attributes of the element a component renders, passed through to it. */
export type Attributes<Tag extends keyof JSX.IntrinsicElements> = Named<JSX.IntrinsicElements[Tag]>

/** Without the index signature, which would let any misspelt prop through and be lost under `Omit`. */
type Named<T> = { [Key in keyof T as string extends Key ? never : Key]: T[Key] }

/** Joins the class names that apply. */
export function classes(...names: readonly (string | false | null | undefined)[]): string | undefined {
  return names.filter(Boolean).join(' ') || undefined
}
