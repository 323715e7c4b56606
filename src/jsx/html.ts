/**
 * HTML as a value: what an element, a fragment or a component becomes, at once and as text.
 *
 * Only this file makes `Html`, and only by writing tags around what it has escaped itself: there is no
 * way from a plain string to markup. What a page may not hold under its Content-Security-Policy
 * (styles and event handlers in attributes, text in scripts) is refused where it is written.
 */

/** Markup that is safe to send. Its text is the markup, and text again once it leaves this type. */
export type Html = Markup

/** What stands between tags. Strings are text, whatever is in them; booleans and nothing are not shown. */
export type Child = Html | string | number | bigint | boolean | null | undefined | readonly Child[]

/** What an attribute may be given; nothing and, for attributes like `disabled`, false leave it out. */
export type AttributeValue = string | number | bigint | boolean | null | undefined

export type Props = Readonly<Record<string, unknown>>

/** The private field is the brand: nothing parsed or sent from elsewhere can have it. */
class Markup {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  toString(): string {
    return this.#text
  }
}

/** @throws TypeError for a name that is none, an attribute that the policy forbids, a value of no such type. */
export function element(name: string, props: Props): Html {
  const tag = tags.get(name) ?? newTag(name)
  const text = opened(tag, props)
  const children = props['children']
  if (tag.content === 'none' && isAbsent(children)) return new Markup(`${text}/>`)
  if (tag.content === 'own' && !isAbsent(children)) {
    throw new TypeError(`<${name}> takes no text of a page: give it the address of a file.`)
  }
  return new Markup(`${text}>${written(children)}${tag.close}`)
}

/**
 * What writes an element over and over: a table has hundreds. The attributes that are the same are written once, and
 * `varying` names those that are given each time, in that order.
 * @throws TypeError as `element`, and for one whose content is no HTML.
 */
export function repeatedElement(
  name: string,
  attributes: Props,
  varying: readonly string[] = [],
): (children: unknown, ...values: readonly string[]) => Html {
  const tag = tags.get(name) ?? newTag(name)
  if (tag.content === 'own') throw new TypeError(`<${name}> is not written around anything.`)
  const opens = varying.map((one) => (attributeNames.get(one) ?? newAttribute(one)).open)
  const open = opened(tag, attributes)
  return (children, ...values) => {
    let text = open
    for (let at = 0; at < opens.length; at += 1) text += `${opens[at]}${escaped(values[at] ?? '')}"`
    return new Markup(tag.content === 'none' ? `${text}/>` : `${text}>${written(children)}${tag.close}`)
  }
}

function opened(tag: Tag, props: Props): string {
  let text = tag.open
  for (const key in props) {
    if (key !== 'children') text += attribute(key, props[key])
  }
  return text
}

/** What stands there, without an element around it. */
export function fragment(children: unknown): Html {
  return children instanceof Markup ? children : new Markup(written(children))
}

interface Tag {
  readonly open: string
  readonly close: string
  /** `none`: void elements; `own`: what is no HTML inside. */
  readonly content: 'children' | 'none' | 'own'
}

/** Names are written by programmers, so there are few; what is beyond that many is checked each time. */
const MOST_NAMES = 1000
const NAME = /^[a-z][a-z0-9]*(?:[-:][a-z0-9]+)*$/i
const tags = new Map<string, Tag>()

const VOID = new Set('area base br col embed hr img input link meta source track wbr'.split(' '))
const NOT_HTML = new Set(['script', 'style'])

function newTag(name: string): Tag {
  if (!NAME.test(name)) throw new TypeError(`"${name}" is no name of an element.`)
  const tag: Tag = { open: `<${name}`, close: `</${name}>`, content: contentOf(name.toLowerCase()) }
  if (tags.size < MOST_NAMES) tags.set(name, tag)
  return tag
}

function contentOf(name: string): Tag['content'] {
  if (VOID.has(name)) return 'none'
  return NOT_HTML.has(name) ? 'own' : 'children'
}

function isAbsent(children: unknown): boolean {
  return children === undefined || children === null
}

interface AttributeName {
  /** ` name="` */
  readonly open: string
  /** There or not, without a value. */
  readonly isBoolean: boolean
  /** The whole attribute by its value, for those that have few. */
  readonly kept: Map<string, string> | null
}

const attributeNames = new Map<string, AttributeName>()

const BOOLEAN = new Set(
  (
    'allowfullscreen async autofocus autoplay checked controls default defer disabled download formnovalidate ' +
    'hidden inert ismap itemscope loop multiple muted nomodule novalidate open playsinline readonly required ' +
    'reversed selected'
  ).split(' '),
)

/** Written by programmers, and not taken from records. */
const OF_FEW_VALUES = new Set('aria-hidden class dir method rel role scope type'.split(' '))
const MOST_VALUES = 300

function attribute(name: string, value: unknown): string {
  const { open, isBoolean, kept } = attributeNames.get(name) ?? newAttribute(name)
  switch (typeof value) {
    case 'string':
      return kept?.get(value) ?? textAttribute(open, value, kept)
    case 'undefined':
      return ''
    case 'boolean':
      if (!isBoolean) return `${open}${value}"`
      return value ? `${open}"` : ''
    case 'number':
    case 'bigint':
      return `${open}${value}"`
    default:
      if (value === null) return ''
      throw new TypeError(`The attribute "${name}" can't be given a value of type ${typeof value}.`)
  }
}

function textAttribute(open: string, value: string, kept: Map<string, string> | null): string {
  const text = `${open}${escaped(value)}"`
  if (kept && kept.size < MOST_VALUES) kept.set(value, text)
  return text
}

function newAttribute(name: string): AttributeName {
  if (!NAME.test(name)) throw new TypeError(`"${name}" is no name of an attribute.`)
  if (/^(?:style|srcdoc|on.*)$/i.test(name)) {
    throw new TypeError(
      `A page may not hold the attribute "${name}": the Content-Security-Policy forbids it.`,
    )
  }
  const kept = OF_FEW_VALUES.has(name) ? new Map<string, string>() : null
  const made: AttributeName = { open: ` ${name}="`, isBoolean: BOOLEAN.has(name), kept }
  if (attributeNames.size < MOST_NAMES) attributeNames.set(name, made)
  return made
}

function written(child: unknown): string {
  if (typeof child === 'string') return escaped(child)
  if (child instanceof Markup) return child.toString()
  if (Array.isArray(child)) {
    let text = ''
    for (const one of child) text += written(one)
    return text
  }
  if (typeof child === 'number' || typeof child === 'bigint') return `${child}`
  if (child === null || child === undefined || typeof child === 'boolean') return ''
  throw new TypeError(`A page can't show a value of type ${typeof child}: make a text of it first.`)
}

const SPECIAL = /[&<>"']/
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
])

/** The same for text and for values between double quotes, so that neither can be mistaken for the other. */
function escaped(text: string): string {
  if (!SPECIAL.test(text)) return text
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES.get(character) ?? '')
}
