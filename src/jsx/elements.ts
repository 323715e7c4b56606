/**
 * The elements and attributes that pages may hold, as the HTML standard spells them. Types alone.
 *
 * Event handlers, styles and inline documents are not among them: the Content-Security-Policy of every
 * page forbids them.
 */

import type { AttributeValue, Child } from './html.ts'

type Text = string | null | undefined
type Number = number | string | null | undefined
type Flag = boolean | null | undefined

/** `aria-…`, `data-…` and htmx's `hx-…`. */
type Open = { readonly [name in `${'aria' | 'data' | 'hx'}-${string}`]?: AttributeValue }

interface Global extends Open {
  readonly children?: Child
  readonly id?: Text
  readonly class?: Text
  readonly title?: Text
  readonly role?: Text
  readonly lang?: Text
  readonly dir?: 'ltr' | 'rtl' | 'auto' | null | undefined
  readonly tabindex?: Number
  readonly hidden?: Flag | 'until-found'
  readonly inert?: Flag
  readonly popover?: 'auto' | 'manual' | 'hint' | '' | null | undefined
  readonly autofocus?: Flag
  readonly accesskey?: Text
  readonly enterkeyhint?: 'enter' | 'done' | 'go' | 'next' | 'previous' | 'search' | 'send' | null | undefined
  readonly inputmode?:
    | 'none'
    | 'text'
    | 'decimal'
    | 'numeric'
    | 'tel'
    | 'search'
    | 'email'
    | 'url'
    | null
    | undefined
  readonly autocapitalize?: Text
  readonly autocorrect?: Text
  readonly spellcheck?: Flag | 'true' | 'false'
  readonly translate?: 'yes' | 'no' | null | undefined
  readonly slot?: Text
  readonly part?: Text
}

interface Leading {
  readonly href?: Text
  readonly target?: Text
  readonly rel?: Text
  readonly hreflang?: Text
  readonly referrerpolicy?: Text
}

interface Anchor extends Global, Leading {
  readonly download?: Text | boolean
  readonly type?: Text
}

interface Area extends Global, Leading {
  readonly alt?: Text
  readonly coords?: Text
  readonly shape?: Text
  readonly download?: Text | boolean
}

/** What takes part in a form, wherever it stands. */
interface Control extends Global {
  readonly name?: Text
  readonly form?: Text
  readonly disabled?: Flag
}

interface Submitting {
  readonly formaction?: Text
  readonly formmethod?: 'get' | 'post' | 'dialog' | null | undefined
  readonly formenctype?: Text
  readonly formnovalidate?: Flag
  readonly formtarget?: Text
  readonly popovertarget?: Text
  readonly popovertargetaction?: 'show' | 'hide' | 'toggle' | null | undefined
}

interface Button extends Control, Submitting {
  readonly type?: 'submit' | 'button' | 'reset' | null | undefined
  readonly value?: Number
  readonly command?: Text
  readonly commandfor?: Text
}

interface Filled extends Control {
  readonly autocomplete?: Text
  readonly placeholder?: Text
  readonly readonly?: Flag
  readonly required?: Flag
  readonly minlength?: Number
  readonly maxlength?: Number
  readonly dirname?: Text
}

interface Input extends Filled, Submitting {
  readonly type?: Text
  readonly value?: Number
  readonly checked?: Flag
  readonly multiple?: Flag
  readonly accept?: Text
  readonly capture?: Text | boolean
  readonly list?: Text
  readonly min?: Number
  readonly max?: Number
  readonly step?: Number
  readonly pattern?: Text
  readonly size?: Number
  readonly src?: Text
  readonly alt?: Text
  readonly width?: Number
  readonly height?: Number
}

interface Textarea extends Filled {
  readonly rows?: Number
  readonly cols?: Number
  readonly wrap?: 'soft' | 'hard' | null | undefined
}

interface Select extends Control {
  readonly autocomplete?: Text
  readonly multiple?: Flag
  readonly required?: Flag
  readonly size?: Number
}

interface Form extends Global {
  readonly action?: Text
  readonly method?: 'get' | 'post' | 'dialog' | null | undefined
  readonly enctype?: Text
  readonly name?: Text
  readonly novalidate?: Flag
  readonly autocomplete?: Text
  readonly target?: Text
  readonly rel?: Text
  readonly 'accept-charset'?: Text
}

interface Cell extends Global {
  readonly colspan?: Number
  readonly rowspan?: Number
  readonly headers?: Text
}

interface Media extends Global {
  readonly src?: Text
  readonly width?: Number
  readonly height?: Number
  readonly loading?: 'lazy' | 'eager' | null | undefined
  readonly crossorigin?: Text
  readonly referrerpolicy?: Text
}

interface Playing extends Media {
  readonly autoplay?: Flag
  readonly controls?: Flag
  readonly loop?: Flag
  readonly muted?: Flag
  readonly preload?: Text
  readonly poster?: Text
  readonly playsinline?: Flag
}

interface Linked extends Global, Leading {
  readonly as?: Text
  readonly crossorigin?: Text
  readonly fetchpriority?: Text
  readonly integrity?: Text
  readonly media?: Text
  readonly nonce?: Text
  readonly sizes?: Text
  readonly type?: Text
}

interface Script extends Omit<Global, 'children'> {
  readonly src?: Text
  readonly type?: Text
  readonly nonce?: Text
  readonly async?: Flag
  readonly defer?: Flag
  readonly nomodule?: Flag
  readonly crossorigin?: Text
  readonly integrity?: Text
  readonly referrerpolicy?: Text
}

interface Meta extends Global {
  readonly name?: Text
  readonly content?: Text
  readonly charset?: Text
  readonly 'http-equiv'?: Text
  readonly property?: Text
  readonly media?: Text
}

/** Shapes, and what they are drawn with. */
interface Drawing extends Global {
  readonly [name: `${'fill' | 'stroke'}-${string}`]: AttributeValue
  readonly fill?: Text
  readonly stroke?: Text
  readonly opacity?: Number
  readonly transform?: Text
  readonly 'text-anchor'?: Text
  readonly 'dominant-baseline'?: Text
  readonly 'vector-effect'?: Text
  readonly href?: Text
  readonly viewBox?: Text
  readonly preserveAspectRatio?: Text
  readonly xmlns?: Text
  readonly d?: Text
  readonly points?: Text
  readonly x?: Number
  readonly y?: Number
  readonly x1?: Number
  readonly y1?: Number
  readonly x2?: Number
  readonly y2?: Number
  readonly cx?: Number
  readonly cy?: Number
  readonly r?: Number
  readonly rx?: Number
  readonly ry?: Number
  readonly width?: Number
  readonly height?: Number
  readonly offset?: Number
}

/** Elements with no attributes of their own. */
type Plain = Record<
  | 'abbr'
  | 'address'
  | 'article'
  | 'aside'
  | 'b'
  | 'bdi'
  | 'bdo'
  | 'body'
  | 'br'
  | 'caption'
  | 'cite'
  | 'code'
  | 'dd'
  | 'dfn'
  | 'div'
  | 'dl'
  | 'dt'
  | 'em'
  | 'figcaption'
  | 'figure'
  | 'footer'
  | 'h1'
  | 'h2'
  | 'h3'
  | 'h4'
  | 'h5'
  | 'h6'
  | 'head'
  | 'header'
  | 'hgroup'
  | 'hr'
  | 'i'
  | 'kbd'
  | 'legend'
  | 'main'
  | 'mark'
  | 'menu'
  | 'nav'
  | 'noscript'
  | 'p'
  | 'picture'
  | 'pre'
  | 'rp'
  | 'rt'
  | 'ruby'
  | 's'
  | 'samp'
  | 'search'
  | 'section'
  | 'small'
  | 'span'
  | 'strong'
  | 'sub'
  | 'summary'
  | 'sup'
  | 'table'
  | 'tbody'
  | 'template'
  | 'tfoot'
  | 'thead'
  | 'tr'
  | 'u'
  | 'ul'
  | 'var'
  | 'wbr',
  Global
>

type Shapes = Record<
  | 'svg'
  | 'g'
  | 'defs'
  | 'symbol'
  | 'use'
  | 'path'
  | 'line'
  | 'polyline'
  | 'polygon'
  | 'rect'
  | 'circle'
  | 'ellipse'
  | 'text'
  | 'tspan'
  | 'desc'
  | 'clipPath'
  | 'linearGradient'
  | 'stop',
  Drawing
>

export interface Elements extends Plain, Shapes {
  a: Anchor
  area: Area
  audio: Playing
  base: Global & { readonly href?: Text; readonly target?: Text }
  blockquote: Global & { readonly cite?: Text }
  button: Button
  canvas: Global & { readonly width?: Number; readonly height?: Number }
  col: Global & { readonly span?: Number }
  colgroup: Global & { readonly span?: Number }
  data: Global & { readonly value?: Number }
  datalist: Global
  del: Global & { readonly cite?: Text; readonly datetime?: Text }
  details: Global & { readonly open?: Flag; readonly name?: Text }
  dialog: Global & { readonly open?: Flag; readonly closedby?: 'any' | 'closerequest' | 'none' | undefined }
  fieldset: Control
  form: Form
  html: Global
  img: Media & {
    readonly alt?: Text
    readonly srcset?: Text
    readonly sizes?: Text
    readonly decoding?: Text
  }
  input: Input
  ins: Global & { readonly cite?: Text; readonly datetime?: Text }
  label: Global & { readonly for?: Text }
  li: Global & { readonly value?: Number }
  link: Linked
  map: Global & { readonly name?: Text }
  meta: Meta
  meter: Global & {
    readonly value?: Number
    readonly min?: Number
    readonly max?: Number
    readonly low?: Number
    readonly high?: Number
    readonly optimum?: Number
  }
  ol: Global & { readonly start?: Number; readonly reversed?: Flag; readonly type?: Text }
  optgroup: Global & { readonly label?: Text; readonly disabled?: Flag }
  option: Global & {
    readonly value?: Number
    readonly label?: Text
    readonly selected?: Flag
    readonly disabled?: Flag
  }
  output: Global & { readonly for?: Text; readonly form?: Text; readonly name?: Text }
  progress: Global & { readonly value?: Number; readonly max?: Number }
  q: Global & { readonly cite?: Text }
  script: Script
  select: Select
  source: Media & {
    readonly type?: Text
    readonly media?: Text
    readonly srcset?: Text
    readonly sizes?: Text
  }
  td: Cell
  textarea: Textarea
  th: Cell & { readonly scope?: 'col' | 'row' | 'colgroup' | 'rowgroup' | undefined; readonly abbr?: Text }
  time: Global & { readonly datetime?: Text }
  title: Global
  track: Media & {
    readonly kind?: Text
    readonly srclang?: Text
    readonly label?: Text
    readonly default?: Flag
  }
  video: Playing
  /** Elements that a script defines. */
  [custom: `${string}-${string}`]: Global
}

/** The attributes of an element, for a component that passes them through to it. */
export type Attributes<Name extends keyof Elements> = Elements[Name]
