/**
 * The form of a page as a browser has it: what its controls hold after the
 * browser has made their values its own, and what it sends of them.
 *
 * By the rules of the HTML standard that change what is typed or stored: value
 * sanitisation (4.10.5.1), the newline that a textarea loses (13.1.2.5), the
 * entry list (4.10.22.4) and the line breaks of what is sent (4.10.22.8). Reads
 * only what our own pages write: quoted attributes, no nested forms.
 */

import { canonicalDate, canonicalTime, canonicalTimestamp } from '../src/model/instant.ts'

export interface BrowserForm {
  /** Names of the controls that a person can change, in the order of the page. */
  readonly names: readonly string[]
  /** What a person sees in that control; null where there is none of that name. */
  value(name: string): string | null
  /** As a person would: types, picks or ticks. @throws Error where that can't be done. */
  set(name: string, value: string): void
  /** What the browser sends when the form's own button is pressed. */
  body(): string
}

type Kind = 'input' | 'textarea' | 'select' | 'checkbox' | 'radio' | 'hidden'

interface Control {
  readonly name: string
  readonly kind: Kind
  readonly type: string
  /** Of a select; elsewhere empty. */
  readonly options: readonly string[]
  value: string
  /** Whether it is sent at all. */
  isOn: boolean
}

/** @throws Error when the page has no form that counts its changes. */
export function guardedForm(html: string): BrowserForm {
  const [, inside] = /<form\b[^>]*\sdata-guard[^>]*>([\s\S]*?)<\/form>/.exec(withPlainLines(html)) ?? []
  if (inside === undefined) throw new Error(`No form to fill in:\n${html.slice(0, 2000)}`)
  const controls = controlsIn(inside)
  const changeable = controls.filter(({ kind }) => kind !== 'hidden')
  return {
    names: [...new Set(changeable.map(({ name }) => name))],
    value: (name) => shown(changeable.filter((one) => one.name === name)),
    set: (name, value) =>
      change(
        changeable.filter((one) => one.name === name),
        name,
        value,
      ),
    body() {
      const entries = controls.filter(({ isOn }) => isOn).map(({ name, value }) => [name, asSent(value)])
      return new URLSearchParams(entries as [string, string][]).toString()
    },
  }
}

const CONTROL =
  /<input\b([^>]*)>|<textarea\b([^>]*)>([\s\S]*?)<\/textarea>|<select\b([^>]*)>([\s\S]*?)<\/select>/g

function controlsIn(html: string): Control[] {
  const found: Control[] = []
  for (const [, input, area, text = '', select, options = ''] of html.matchAll(CONTROL)) {
    const attributes = attributesIn(input ?? area ?? select ?? '')
    const name = attributes.get('name')
    if (name === undefined || attributes.has('disabled')) continue
    const made = { name, type: attributes.get('type') ?? 'text', options: [], isOn: true }
    if (area !== undefined) found.push({ ...made, kind: 'textarea', value: textareaValue(text) })
    else if (select !== undefined) found.push({ ...made, ...selected(options) })
    else found.push({ ...made, ...inputOf(attributes) })
    takeOthersOut(found)
  }
  return found
}

/** Of the radios of one name the last that is checked is the only one. */
function takeOthersOut(controls: readonly Control[]): void {
  const last = controls.at(-1)
  if (last?.kind !== 'radio' || !last.isOn) return
  for (const one of controls.slice(0, -1))
    if (one.kind === 'radio' && one.name === last.name) one.isOn = false
}

function attributesIn(tag: string): ReadonlyMap<string, string> {
  return new Map(
    [...tag.matchAll(/([^\s=/"]+)(?:="([^"]*)")?/g)].map(([, name = '', value = '']) => [
      name,
      decoded(value),
    ]),
  )
}

function inputOf(attributes: ReadonlyMap<string, string>): Pick<Control, 'kind' | 'value' | 'isOn'> {
  const type = attributes.get('type') ?? 'text'
  const value = attributes.get('value') ?? ''
  if (type === 'checkbox' || type === 'radio') {
    return { kind: type, value: attributes.get('value') ?? 'on', isOn: attributes.has('checked') }
  }
  if (type === 'hidden') return { kind: 'hidden', value, isOn: true }
  return { kind: 'input', value: sanitised(type, value), isOn: true }
}

/** The parser takes a line break away that stands right at the beginning. */
function textareaValue(text: string): string {
  return decoded(text.replace(/^\n/, ''))
}

function selected(html: string): Pick<Control, 'kind' | 'value' | 'isOn' | 'options'> {
  const options = [...html.matchAll(/<option\b([^>]*)>([^<]*)/g)].map(([, tag = '', text = '']) => {
    const attributes = attributesIn(tag)
    return { value: attributes.get('value') ?? decoded(text).trim(), isSelected: attributes.has('selected') }
  })
  const chosen = options.findLast(({ isSelected }) => isSelected) ?? options[0]
  return {
    kind: 'select',
    value: chosen?.value ?? '',
    isOn: chosen !== undefined,
    options: options.map(({ value }) => value),
  }
}

/** What an input makes of a value that was put into it. */
function sanitised(type: string, value: string): string {
  const line = value.replaceAll(/[\r\n]/g, '')
  switch (type) {
    case 'email':
    case 'url':
      return line.replaceAll(/^[\t\f ]+|[\t\f ]+$/g, '')
    case 'date':
      return canonicalDate(value) ?? ''
    case 'time':
      return canonicalTime(value) === null ? '' : value
    case 'datetime-local':
      return canonicalTimestamp(value, 'none') === null ? '' : shortest(value.replace(' ', 'T'))
    case 'number':
      return /^-?(?:\d+|\d*\.\d+)(?:[eE][+-]?\d+)?$/.test(value) ? value : ''
    case 'text':
    case 'password':
    case 'search':
    case 'tel':
      return line
    case 'file':
      return ''
    default:
      throw new Error(`What a browser does with an input of type "${type}" is not written down here.`)
  }
}

/** The shortest text of a time: seconds and their fraction only where there are any. */
function shortest(text: string): string {
  return text
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '')
    .replace(/(\d\d:\d\d):00$/, '$1')
}

function shown(controls: readonly Control[]): string | null {
  const [first] = controls
  if (!first) return null
  if (first.kind !== 'radio' && first.kind !== 'checkbox') return first.value
  return controls.find(({ isOn }) => isOn)?.value ?? ''
}

function change(controls: readonly Control[], name: string, value: string): void {
  const [first] = controls
  if (!first) throw new Error(`The form has no control "${name}".`)
  if (first.kind === 'radio') {
    if (!controls.some((one) => one.value === value)) throw new Error(`"${name}" offers no "${value}".`)
    const chosen = controls.findLast((one) => one.value === value)
    for (const one of controls) one.isOn = one === chosen
  } else if (first.kind === 'checkbox') {
    first.isOn = value === first.value
  } else if (first.kind === 'select') {
    if (!first.options.includes(value)) throw new Error(`"${name}" offers no "${value}".`)
    first.value = value
  } else {
    first.value = first.kind === 'input' ? sanitised(first.type, value) : withPlainLines(value)
  }
}

function asSent(value: string): string {
  return withPlainLines(value).replaceAll('\n', '\r\n')
}

function withPlainLines(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n')
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' }

function decoded(text: string): string {
  return text.replaceAll(/&(?:#(\d+)|(\w+));/g, (all, code?: string, name?: string) =>
    code === undefined ? (ENTITIES[name ?? ''] ?? all) : String.fromCodePoint(Number(code)),
  )
}
