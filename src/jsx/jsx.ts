/** `castellan/jsx`: the types of pages and components that are made with our JSX. */

export type { Attributes, Elements } from './elements.ts'
export type { Child, Html } from './html.ts'
export { Fragment } from './jsx-runtime.ts'
