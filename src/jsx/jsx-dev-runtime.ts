/** The same for tools that compile JSX for development; what they pass beside the props has no use here. */

export type { JSX } from './jsx-runtime.ts'
export { Fragment, jsx as jsxDEV } from './jsx-runtime.ts'
