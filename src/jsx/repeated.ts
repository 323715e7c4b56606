/** `repeatedElement` with the types of the elements. */

import type { Elements } from './elements.ts'
import { type Child, type Html, repeatedElement } from './html.ts'

/** What writes an element over and over with the same attributes, which are then written once. */
export function repeated<Name extends keyof Elements & string>(
  name: Name,
  attributes: Omit<Elements[Name], 'children'>,
): (children: Child) => Html {
  return repeatedElement(name, attributes)
}

/** The same with attributes that are given each time, in the order of their names. */
export function repeatedWith<Name extends keyof Elements & string, Varying extends readonly string[]>(
  name: Name,
  attributes: Omit<Elements[Name], 'children'>,
  varying: Varying & readonly (keyof Elements[Name])[],
): (children: Child, ...values: { readonly [Each in keyof Varying]: string }) => Html {
  return repeatedElement(name, attributes, varying)
}
