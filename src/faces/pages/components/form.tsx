/** Around the fields of a form: the token every form carries, the summary of errors, the bar that saves. */

import type { PageContext } from '../context.ts'
import { Button, LinkButton } from './button.tsx'
import { type Attributes, type Child, classes, type Html } from './html.ts'
import { Icon } from './icon.tsx'

export type FormProps = Attributes<'form'> & {
  readonly page: PageContext
  /** Counts changes and warns before they are lost. */
  readonly guarded?: boolean | undefined
  readonly children?: Child
}

/** A POST form with its CSRF token. Checks are the server's, so that all mistakes show at once. */
export function Form({ page, guarded, children, ...rest }: FormProps): Html {
  return (
    <form {...rest} method="post" novalidate data-guard={guarded ? '' : undefined}>
      <input type="hidden" name="_csrf" value={page.csrf} />
      {children}
    </form>
  )
}

/** Fields side by side, in one column where there is no room. */
export function FieldGrid({ children }: { readonly children?: Child }): Html {
  return <div class="field-grid">{children}</div>
}

/**
 * The fields of the form that led here, to be sent again as they were.
 *
 * `except` names those that this page asks for itself. The CSRF token never
 * travels along: `Form` puts in a fresh one.
 */
export function HiddenFields({
  fields,
  except = [],
}: {
  readonly fields: URLSearchParams
  readonly except?: readonly string[]
}): Html {
  const kept = [...fields].filter(([name]) => name !== '_csrf' && !except.includes(name))
  return (
    <>
      {kept.map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
    </>
  )
}

export interface FieldError {
  /** The id of the control, without `#`; absent for what concerns no field. */
  readonly field?: string | undefined
  readonly message: string
}

export interface ErrorSummaryProps {
  readonly page: PageContext
  readonly errors: readonly FieldError[]
  /** Absent: counts the fields and says that nothing was saved. */
  readonly title?: string | undefined
}

/** Above the form after a refusal; takes the focus, and leads to each field. Nothing when there is no error. */
export function ErrorSummary({ page, errors, title }: ErrorSummaryProps): Html | null {
  if (errors.length === 0) return null
  const count = errors.length
  const words = count === 1 ? '1 field needs attention.' : `${count} fields need attention.`
  return (
    <div class="note bad" role="alert" tabindex={-1} autofocus data-error-summary="">
      <Icon page={page} name="circle-alert" />
      <div>
        <p class="strong">{title ?? `${words} Nothing was saved.`}</p>
        <ul>
          {errors.map((error) => (
            <li>{error.field ? <a href={`#${error.field}`}>{error.message}</a> : error.message}</li>
          ))}
        </ul>
      </div>
    </div>
  )
}

/** The error summary's lines from the sentences of each field, whose control has the field's name as its id. */
export function fieldErrors(fields: FieldSentences): readonly FieldError[] {
  return Object.entries(fields).flatMap(([field, messages]) =>
    messages.map((message) => ({ field, message })),
  )
}

/** By field name, whole sentences for people. */
export type FieldSentences = Readonly<Record<string, readonly string[]>>

/**
 * Whole sentences from `AdminError.fields`, whose texts go on from the field's
 * name: "must be at most 500.00" becomes "Total must be at most 500.00."
 *
 * @param labels What each field is called; others are called by their names.
 */
export function sentencesOf(
  fields: FieldSentences,
  labels: Readonly<Record<string, string>>,
): FieldSentences {
  const sentences: Record<string, readonly string[]> = {}
  for (const [name, problems] of Object.entries(fields)) {
    sentences[name] = problems.map((problem) => sentenceOf(labels[name] ?? name, problem))
  }
  return sentences
}

function sentenceOf(label: string, problem: string): string {
  const whole = /^[\p{Lu}"“]/u.test(problem) ? problem : `${label} ${problem}`
  return /[.!?]$/.test(whole) ? whole : `${whole}.`
}

export interface SaveBarProps {
  readonly page: PageContext
  readonly cancelHref: string
  /** "Save", "Create order". */
  readonly saveLabel?: string | undefined
  /** Between cancel and save: "Save and keep editing". */
  readonly children?: Child
}

/** Stays at the bottom of the window. The client counts changes into its first line. */
export function SaveBar({ page, cancelHref, saveLabel = 'Save', children }: SaveBarProps): Html {
  return (
    <div class="save-bar">
      <span
        class="dirty"
        role="status"
        data-dirty=""
        data-none="No changes yet"
        data-one="1 unsaved change"
        data-many="{n} unsaved changes"
      >
        No changes yet
      </span>
      <span class="end">
        <LinkButton page={page} href={cancelHref}>
          Cancel
        </LinkButton>
        {children}
        <Button page={page} variant="primary">
          {saveLabel}
        </Button>
      </span>
    </div>
  )
}

export interface NoteProps {
  readonly page: PageContext
  readonly tone?: 'info' | 'ok' | 'warn' | 'bad' | 'neutral' | undefined
  readonly title?: string | undefined
  /** Read out when the page opens. */
  readonly alert?: boolean | undefined
  readonly children?: Child
}

const NOTE_ICONS = {
  info: 'info',
  neutral: 'info',
  ok: 'circle-check',
  warn: 'triangle-alert',
  bad: 'circle-alert',
} as const

/** A message that belongs to the page: why something is refused, what will happen, what to do. */
export function Note({ page, tone = 'info', title, alert, children }: NoteProps): Html {
  return (
    <div class={classes('note', tone)} role={alert ? 'alert' : undefined}>
      <Icon page={page} name={NOTE_ICONS[tone]} />
      <div>
        {title !== undefined && <p class="strong">{title}</p>}
        {children}
      </div>
    </div>
  )
}
