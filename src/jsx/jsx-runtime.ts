/**
 * What the compiler writes JSX as: `jsxImportSource: "castellan/jsx"`.
 *
 * Everything is written at once, from the inside out: a component is a plain function that is called
 * with its props, and there is nothing between the pages and their text. No context, no state, no promises.
 */

import type { Elements } from './elements.ts'
import { type Child, element, fragment, type Html, type Props } from './html.ts'

/** A function from props to what stands there. */
export type Component = (props: never) => Child

export function jsx(type: string | ((props: Props) => Child), props: Props): Html {
  return typeof type === 'string' ? element(type, props) : fragment(type(props))
}

export { jsx as jsxs }

export function Fragment({ children }: { readonly children?: Child }): Html {
  return fragment(children)
}

export namespace JSX {
  export type Element = Html
  export type ElementType = keyof Elements | Component
  export interface ElementChildrenAttribute {
    readonly children: Child
  }
  export interface IntrinsicElements extends Elements {}
}
