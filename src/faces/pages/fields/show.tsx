/**
 * One value as people read it: in a cell of a list, or on the sheet of a record.
 *
 * A value that is not of the form its type promises (any engine can hold one)
 * is shown as it is.
 */

import type { RecordView } from '../../../gate/records.ts'
import type { Field, Model, Value } from '../../../model/model.ts'
import { relationThrough } from '../../../model/model.ts'
import { textOf } from '../../../model/text.ts'
import { Avatar, Badge, toneOf } from '../components/badge.tsx'
import { DateTime, MaskedValue, None } from '../components/display.tsx'
import type { Child, Html } from '../components/html.ts'
import { Icon } from '../components/icon.tsx'
import type { PageContext } from '../context.ts'

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

export function ShowField(props: ShowProps): Html {
  return <>{shownField(props)}</>
}

/** The same as a function: a list has hundreds of cells, and a component in each costs more than its value. */
export function shownField(props: ShowProps): Child {
  const { page, model, field, record, as } = props
  if (record.masked.includes(field.name)) {
    return (
      <MaskedValue
        page={page}
        label={field.label}
        revealHref={as === 'sheet' ? props.revealHref : undefined}
      />
    )
  }
  const value = record.values[field.name] ?? null
  if (value === null) return <None />
  const relation = relationThrough(model, field.name)
  if (relation) return relatedLink({ ...props, relation: relation.name, value })
  return shownValue({ page, field, value, as })
}

interface ShowValueProps {
  readonly page: PageContext
  readonly field: Field
  readonly value: Value
  readonly as: 'cell' | 'sheet'
}

/** A value without its record: in a list of choices, a diff, a filter. */
export function ShowValue(props: ShowValueProps): Html {
  return <>{shownValue(props)}</>
}

function shownValue({ page, field, value, as }: ShowValueProps): Child {
  if (value === null) return <None />
  const text = textOf(field, value) ?? ''
  if (field.choices) return hasTones(field) ? statusBadge(field, text) : choiceLabel(field, text)
  switch (field.type) {
    case 'bool':
      return <YesNo page={page} isYes={value === true} />
    case 'timestamptz':
    case 'timestamp':
    case 'date':
      return moment({ page, field, text, as })
    case 'int':
    case 'bigint':
    case 'decimal':
      return numberText(page, field, text)
    case 'json':
      return as === 'cell' ? <Clipped text={text} isCode /> : <pre class="json">{prettyJson(text)}</pre>
    default:
      return shownText(field, text, as)
  }
}

/** Numbers stand at the end of their column; keys and codes are names, not amounts. */
export function isAmount(model: Model, field: Field): boolean {
  if (!['int', 'bigint', 'decimal', 'float'].includes(field.type)) return false
  return !relationThrough(model, field.name) && !(model.key ?? []).includes(field.name)
}

/** `1,284` and `12.50`, exact whatever their length; years and numbers that only name something stay plain. */
function numberText(page: PageContext, field: Field, text: string): string {
  if (/(^|_)(id|no|number|year|code|zip|postcode|postal_code)$/.test(field.name)) return text
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(\.\d+)?$/.exec(text) ?? []
  return whole === '' ? text : `${sign}${page.format.number(BigInt(whole))}${fraction}`
}

function relatedLink({
  page,
  record,
  field,
  relation,
  value,
  as,
}: ShowProps & { readonly relation: string; readonly value: Value }): Child {
  const related = record.related[relation]
  if (!related) return textOf(field, value)
  const isPerson = PEOPLE.test(related.model)
  const href = page.url(`/m/${encodeURIComponent(related.model)}/${encodeURIComponent(related.key)}`)
  return (
    <span class={isPerson && as === 'cell' ? 'who' : undefined}>
      {isPerson && as === 'cell' && <Avatar page={page} name={related.title} />}
      <a class={as === 'cell' ? 'quiet-link' : 'link'} href={href}>
        {related.title}
      </a>
    </span>
  )
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
  if (!MOMENT.test(text) || Number.isNaN(Date.parse(text))) return text
  if (field.type === 'timestamptz') {
    return <DateTime page={page} at={text} as={as === 'cell' ? 'relative' : 'dateTime'} />
  }
  const wall = page.format.wall
  if (field.type === 'date') return <time datetime={text}>{wall.date(`${text}T00:00Z`)}</time>
  return <time datetime={text}>{wall.dateTime(`${text}Z`)}</time>
}

function shownText(field: Field, text: string, as: 'cell' | 'sheet'): Html {
  if (text === '') return <None>empty</None>
  if (isStatus(field, text)) return statusBadge(field, text)
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
function isStatus(field: Field, text: string): boolean {
  return /(^|_)(status|state|stage)$/.test(field.name) && text.length <= 24
}

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
