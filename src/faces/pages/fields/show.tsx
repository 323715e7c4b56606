/**
 * One value as people read it: in a cell of a list, or on the sheet of a record.
 *
 * A value that is not of the form its type promises (any engine can hold one)
 * is shown as it is.
 */

import type { RecordView, RelatedView } from '../../../gate/records.ts'
import { repeatedWith } from '../../../jsx/repeated.ts'
import { flatMembers, hasMembers, isList, memberField, membersOf } from '../../../model/members.ts'
import type { Field, Model, Value } from '../../../model/model.ts'
import { relationThrough } from '../../../model/model.ts'
import { digestOf, lengthOfBytes, textOf } from '../../../model/text.ts'
import { Badge, FaceLink, toneOf } from '../components/badge.tsx'
import { DateTime, MaskedValue, None } from '../components/display.tsx'
import type { Child, Html } from '../components/html.ts'
import { Icon } from '../components/icon.tsx'
import type { PageContext } from '../context.ts'
import { recordPath } from '../record/paths.ts'

export interface ShowProps {
  readonly page: PageContext
  readonly model: Model
  readonly field: Field
  readonly record: RecordView
  /** `cell`: one line, clipped; `sheet`: whole. */
  readonly as: 'cell' | 'sheet'
  /** Where a masked value is revealed; absent: it can't be. */
  readonly revealHref?: string | undefined
}

const CELL_LENGTH = 80

export function ShowField({ record, ...column }: ShowProps): Html {
  return <>{fieldDrawing(column)(record)}</>
}

/** How a field of any record is drawn: a list has hundreds of cells, and what is the same in a column is found out once. */
export function fieldDrawing(props: Omit<ShowProps, 'record'>): (record: RecordView) => Child {
  const { page, model, field, as } = props
  const { name } = field
  const relation = relationThrough(model, name)
  const drawn = valueDrawing(props)
  const related = relation && relatedDrawing(page, as)
  const stored = fileDrawing(props)
  return (record) => {
    if (record.masked.includes(name)) {
      const revealHref = as === 'sheet' ? props.revealHref : undefined
      return <MaskedValue page={page} label={field.label} revealHref={revealHref} />
    }
    const value = record.values[name] ?? null
    if (value === null) return <None />
    const size = lengthOfBytes(field, value)
    if (size !== null) return stored(size, value, record.key)
    if (!relation || !related) return drawn(value)
    const target = record.related[relation.name]
    return target ? related(target) : textOf(field, value)
  }
}

interface ShowValueProps {
  readonly page: PageContext
  readonly field: Field
  readonly value: Value
  readonly as: 'cell' | 'sheet'
}

/** A value without its record: in a list of choices, a diff, a filter. */
export function ShowValue({ value, ...column }: ShowValueProps): Html {
  return value === null ? <None /> : <>{valueDrawing(column)(value)}</>
}

type Column = Omit<ShowValueProps, 'value'>
type Shown = Exclude<Value, null>

function valueDrawing({ page, field, as }: Column): (value: Shown) => Child {
  if (hasMembers(field)) return listDrawing(page, field, as)
  const text = (value: Shown): string => textOf(field, value) ?? ''
  if (field.choices) {
    if (!hasTones(field)) return (value) => choiceLabel(field, text(value))
    const badge = remembered((word) => statusBadge(field, word))
    return (value) => badge(text(value))
  }
  switch (field.type) {
    case 'bool':
      return (value) => <YesNo page={page} isYes={value === true} />
    case 'timestamptz':
    case 'timestamp':
    case 'date':
      return (value) => moment({ page, field, text: text(value), as })
    case 'int':
    case 'bigint':
    case 'decimal': {
      if (isNumberOfAName(field)) return text
      return (value) => numberText(page, text(value))
    }
    case 'bytes':
      return (value) => {
        const size = lengthOfBytes(field, value)
        return size === null ? shownText(text(value), as) : <FileSize page={page} size={size} />
      }
    case 'json':
      return (value) =>
        as === 'cell' ? (
          <Clipped text={text(value)} isCode />
        ) : (
          <pre class="json">{prettyJson(text(value))}</pre>
        )
    default: {
      const badge = remembered((word) => statusBadge(field, word))
      const isOfStatus = STATUS_NAME.test(field.name)
      return (value) => {
        const word = text(value)
        return isOfStatus && word.length > 0 && word.length <= STATUS_LENGTH
          ? badge(word)
          : shownText(word, as)
      }
    }
  }
}

/** A cell has them one behind the other, the sheet one below the other; lists inside of lists stay JSON. */
function listDrawing(page: PageContext, field: Field, as: 'cell' | 'sheet'): (value: Shown) => Child {
  const one = memberField(field)
  const drawn = valueDrawing({ page, field: one, as: 'cell' })
  const word = (member: Value): string =>
    member === null ? '—' : choiceLabel(field, textOf(one, member) ?? '')
  return (value) => {
    const members = membersOf(field, value)
    if (!members || members.some(isList)) return shownText(textOf(field, value) ?? '', as)
    if (members.length === 0) return <None>empty</None>
    const flat = flatMembers(members)
    if (as === 'cell') return <Clipped text={flat.map(word).join(', ')} />
    return (
      <ul class="members">
        {flat.map((member) => (
          <li>{member === null ? <None /> : drawn(member)}</li>
        ))}
      </ul>
    )
  }
}

function fileDrawing({
  page,
  model,
  field,
  as,
}: Omit<ShowProps, 'record'>): (size: number, value: Value, key: string | null) => Html {
  return (size, value, key) => {
    if (key === null || as === 'cell') return <FileSize page={page} size={size} />
    const path = `${recordPath(model.name, key)}/content/${encodeURIComponent(field.name)}`
    return (
      <span class="stored-file">
        <a class="link" href={page.url(path)} download="">
          Download
        </a>{' '}
        <FileSize page={page} size={size} />
        {value instanceof Uint8Array && <span class="hint code">SHA-256 {digestOf(value)}</span>}
      </span>
    )
  }
}

/** How large it is; what it holds is only ever downloaded. */
function FileSize({ page, size }: { readonly page: PageContext; readonly size: number }): Html {
  return <span>{page.format.plural(size, 'byte', 'bytes')}</span>
}

/** Draws each word once: a column of statuses has few. Lasts as long as the drawing of one page. */
function remembered(draw: (word: string) => Html): (word: string) => Html {
  const drawn = new Map<string, Html>()
  return (word) => {
    const html = drawn.get(word) ?? draw(word)
    drawn.set(word, html)
    return html
  }
}

/** Numbers stand at the end of their column; keys and codes are names, not amounts. */
export function isAmount(model: Model, field: Field): boolean {
  if (!['int', 'bigint', 'decimal', 'float'].includes(field.type)) return false
  return !relationThrough(model, field.name) && !(model.key ?? []).includes(field.name)
}

/** Years and numbers that only name something stay plain. */
function isNumberOfAName({ name }: Field): boolean {
  return /(^|_)(id|no|number|year|code|zip|postcode|postal_code)$/.test(name)
}

const NUMBER = /^-?\d+(?:\.\d+)?$/

/** `1,284` and `12.50`, exact whatever their length. */
function numberText(page: PageContext, text: string): string {
  if (!NUMBER.test(text)) return text
  const point = text.indexOf('.')
  const start = text.startsWith('-') ? 1 : 0
  const whole = text.slice(start, point === -1 ? undefined : point)
  const grouped = page.format.number(whole.length < 16 ? Number(whole) : BigInt(whole))
  return `${start === 1 ? '-' : ''}${grouped}${point === -1 ? '' : text.slice(point)}`
}

function relatedDrawing(page: PageContext, as: 'cell' | 'sheet'): (related: RelatedView) => Html {
  const link = repeatedWith('a', { class: as === 'cell' ? 'quiet-link' : 'link' }, ['href'])
  return (related) => {
    const isPerson = as === 'cell' && PEOPLE.test(related.model)
    const href = page.url(`/m/${encodeURIComponent(related.model)}/${encodeURIComponent(related.key)}`)
    if (isPerson) return <FaceLink href={href} name={related.title} />
    return link(related.title, href)
  }
}

/** Models whose records have a face: their initials stand before their names. */
const PEOPLE = /customer|client|user|member|person|people|employee|staff|actor|author|contact|artist/i

function YesNo({ page, isYes }: { readonly page: PageContext; readonly isYes: boolean }): Html {
  return (
    <span class={isYes ? 'yes' : 'no'}>
      <Icon page={page} name={isYes ? 'check' : 'minus'} small />
      {isYes ? 'Yes' : 'No'}
    </span>
  )
}

function statusBadge(field: Field, text: string): Html {
  return <Badge tone={toneOf(text)}>{choiceLabel(field, text)}</Badge>
}

function choiceLabel(field: Field, text: string): string {
  return field.choices?.find((choice) => choice.value === text)?.label ?? text
}

/** Whether any of its choices is good or bad; a channel or a country is neither, and stays plain text. */
export function hasTones({ choices = null }: Pick<Field, 'choices'>): boolean {
  if (choices === null) return false
  const known = toned.get(choices) ?? choices.some((choice) => toneOf(choice.value) !== 'neutral')
  toned.set(choices, known)
  return known
}

/** Found out once for the choices of a field, and not again for each of its cells. */
const toned = new WeakMap<NonNullable<Field['choices']>, boolean>()

const MOMENT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?Z?$/

/** Only an instant with a zone can be "3 min ago"; the others are dates of some wall clock. */
function moment({
  page,
  field,
  text,
  as,
}: {
  readonly page: PageContext
  readonly field: Field
  readonly text: string
  readonly as: 'cell' | 'sheet'
}): Child {
  if (!MOMENT.test(text)) return text
  const at = Date.parse(text)
  if (Number.isNaN(at)) return text
  if (field.type === 'timestamptz') {
    return <DateTime page={page} at={text} as={as === 'cell' ? 'relative' : 'dateTime'} />
  }
  const wall = page.format.wall()
  if (field.type === 'date') return <time datetime={text}>{wall.date(`${text}T00:00Z`)}</time>
  return <time datetime={text}>{wall.dateTime(`${text}Z`)}</time>
}

function shownText(text: string, as: 'cell' | 'sheet'): Html {
  if (text === '') return <None>empty</None>
  if (as === 'cell') return <Clipped text={text} />
  if (/^https?:\/\/[^\s<>"]+$/.test(text)) {
    return (
      <a class="link" href={text} target="_blank" rel="noopener noreferrer">
        {text}
      </a>
    )
  }
  return <span class={text.includes('\n') ? 'prose' : undefined}>{text}</span>
}

/** A short word in a field that is named like one. */
const STATUS_NAME = /(^|_)(status|state|stage)$/
const STATUS_LENGTH = 24

function Clipped({ text, isCode }: { readonly text: string; readonly isCode?: boolean }): Html {
  const line = text.replaceAll(/\s+/g, ' ')
  const shown = line.length > CELL_LENGTH ? `${Array.from(line).slice(0, CELL_LENGTH).join('')}…` : line
  return <span class={isCode ? 'clip code' : 'clip'}>{shown}</span>
}

/** Indented where that loses nothing: a number that JavaScript would round keeps the text as it is. */
function prettyJson(text: string): string {
  try {
    const parsed: unknown = JSON.parse(text)
    return JSON.stringify(parsed) === text.replaceAll(/\s+/g, '') ? JSON.stringify(parsed, null, 2) : text
  } catch {
    return text
  }
}
