/** One field of a form: label, control, hint and error, tied together for those who hear the page. */

import type { PageContext } from '../context.ts'
import { type Attributes, type Child, classes, type Html } from './html.ts'
import { Icon } from './icon.tsx'

export interface FieldProps {
  readonly page: PageContext
  /** The id of the control; hint and error get it with `-hint` and `-error`. */
  readonly id: string
  readonly label: Child
  readonly hint?: Child
  /** One or several sentences. */
  readonly error?: string | readonly string[] | undefined
  readonly required?: boolean | undefined
  /** Required, but without the star: for forms in which every field is. */
  readonly unmarked?: boolean | undefined
  /** Across all columns of the form. */
  readonly full?: boolean | undefined
  /** A group of radios or checkboxes: its label names the group instead of one control. */
  readonly group?: boolean | undefined
  /** At the end of the label's line: a link, a lock. */
  readonly aside?: Child
  readonly children?: Child
}

export function Field(props: FieldProps): Html {
  const { id, label, hint, required, full, group, children } = props
  const errors = errorsOf(props.error)
  const star = required && !props.unmarked && (
    <span class="required" aria-hidden="true">
      *
    </span>
  )
  const rest = (
    <>
      {children}
      {hint !== undefined && hint !== null && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {errors.length > 0 && (
        <p class="error" id={`${id}-error`}>
          <Icon page={props.page} name="circle-alert" small />
          <span>{errors.join(' ')}</span>
        </p>
      )}
    </>
  )
  if (group) {
    return (
      <fieldset
        class={classes('field', full && 'full')}
        id={id}
        tabindex={-1}
        aria-describedby={describedBy(id, hint, errors)}
      >
        <legend class="label">
          {label}
          {star}
        </legend>
        {rest}
      </fieldset>
    )
  }
  return (
    <div class={classes('field', full && 'full')}>
      <div class="label-line">
        <label class="label" for={id}>
          {label}
          {star}
        </label>
        {props.aside}
      </div>
      {rest}
    </div>
  )
}

/** What ties a control to the hint and the error of its `Field`; spread it on the control. */
export interface ControlTies {
  readonly id: string
  readonly 'aria-describedby': string | undefined
  readonly 'aria-invalid': 'true' | undefined
  readonly required: boolean | undefined
}

export function controlTies(field: {
  readonly id: string
  readonly hint?: Child
  readonly error?: string | readonly string[] | undefined
  readonly required?: boolean | undefined
}): ControlTies {
  const errors = errorsOf(field.error)
  return {
    id: field.id,
    'aria-describedby': describedBy(field.id, field.hint, errors),
    'aria-invalid': errors.length > 0 ? 'true' : undefined,
    required: field.required || undefined,
  }
}

function errorsOf(error: string | readonly string[] | undefined): readonly string[] {
  if (error === undefined) return []
  return typeof error === 'string' ? [error] : error
}

function describedBy(id: string, hint: Child, errors: readonly string[]): string | undefined {
  const hasHint = hint !== undefined && hint !== null
  return classes(hasHint && `${id}-hint`, errors.length > 0 && `${id}-error`)
}

/** A whole field with a text control: the common case in one tag. */
export type TextFieldProps = Omit<FieldProps, 'children' | 'group'> &
  Omit<Attributes<'input'>, 'id' | 'label' | 'required'> & {
    readonly name: string
    /** With a button that shows what was typed, where scripts run. */
    readonly revealable?: boolean | undefined
  }

export function TextField(props: TextFieldProps): Html {
  const { page, id, label, hint, error, required, unmarked, full, aside, revealable, ...input } = props
  const control = <Input {...input} {...controlTies(props)} />
  return (
    <Field
      page={page}
      id={id}
      label={label}
      hint={hint}
      error={error}
      required={required}
      unmarked={unmarked}
      full={full}
      aside={aside}
    >
      {revealable ? (
        <span class="input-wrap" data-reveal="">
          {control}
          <button class="input-end" type="button" aria-label="Show password" aria-pressed="false" hidden>
            <Icon page={page} name="eye" />
          </button>
        </span>
      ) : (
        control
      )}
    </Field>
  )
}

export function Input(props: Attributes<'input'>): Html {
  return <input {...props} type={props.type ?? 'text'} class={classes('input', stringOf(props.class))} />
}

/** A search field with its glass; `label` is heard, not seen. */
export function SearchInput({
  page,
  label,
  ...input
}: { readonly page: PageContext; readonly label: string } & Attributes<'input'>): Html {
  return (
    <label class="input-wrap search">
      <span class="visually-hidden">{label}</span>
      <Icon page={page} name="search" />
      <Input autocomplete="off" {...input} type="search" />
    </label>
  )
}

export function Textarea({ value, ...rest }: Attributes<'textarea'> & { readonly value?: string }): Html {
  return (
    <textarea {...rest} class={classes('input', stringOf(rest.class))}>
      {/* a parser drops the line break that stands first */}
      {/^[\r\n]/.test(value ?? '') && '\n'}
      {value ?? ''}
    </textarea>
  )
}

export interface Option {
  readonly value: string
  readonly label: string
}

export type SelectProps = Omit<Attributes<'select'>, 'value'> & {
  readonly options: readonly Option[]
  readonly value?: string | null | undefined
  /** The first, empty choice: "None", "Choose a status". */
  readonly blank?: string | undefined
}

export function Select({ options, value, blank, ...rest }: SelectProps): Html {
  const isUnknown = value && !options.some((option) => option.value === value)
  return (
    <select {...rest} class={classes('input', stringOf(rest.class))}>
      {blank !== undefined && <option value="">{blank}</option>}
      {isUnknown && (
        <option value={value} selected>
          {value}
        </option>
      )}
      {options.map((option) => (
        <option value={option.value} selected={option.value === value}>
          {option.label}
        </option>
      ))}
    </select>
  )
}

export type CheckProps = Omit<Attributes<'input'>, 'type'> & {
  readonly children?: Child
  readonly hint?: Child
}

/** In a form: takes effect when the form is sent. */
export function Checkbox({ children, hint, ...input }: CheckProps): Html {
  return <Choice {...input} kind="checkbox" look="checkbox" words={children} hint={hint} />
}

export function Radio({ children, hint, ...input }: CheckProps): Html {
  return <Choice {...input} kind="radio" look="radio" words={children} hint={hint} />
}

/** On or off, with the meaning of a setting. */
export function Switch({ children, hint, ...input }: CheckProps): Html {
  return <Choice {...input} kind="checkbox" look="switch" words={children} hint={hint} />
}

interface ChoiceProps extends Omit<Attributes<'input'>, 'type'> {
  readonly kind: 'checkbox' | 'radio'
  readonly look: 'checkbox' | 'radio' | 'switch'
  readonly words: Child
  readonly hint: Child
}

function Choice({ kind, look, words, hint, ...input }: ChoiceProps): Html {
  const control = (
    <input {...input} type={kind} class={look} role={look === 'switch' ? 'switch' : undefined} />
  )
  if (words === undefined) return control
  return (
    <label class="choice">
      {control}
      <span>
        {words}
        {hint !== undefined && hint !== null && <span class="hint">{hint}</span>}
      </span>
    </label>
  )
}

/** A native select or key field that the client turns into a searching picker (`cst-relation`). */
export interface RelationPickerProps {
  readonly page: PageContext
  /** Answers `?q=` with `[{ value, label, secondary? }]`. */
  readonly source: string
  /** What is searched: "customers". */
  readonly label: string
  /** The `Select` or `Input` that works alone; give it the ties of its field. */
  readonly children?: Child
  /** For an `Input` that holds a key: how the record it names is called. */
  readonly current?: string | null | undefined
}

export function RelationPicker({ source, label, current, children }: RelationPickerProps): Html {
  return (
    <cst-relation
      data-src={source}
      data-label={label}
      data-current={current ?? undefined}
      data-placeholder={`Search ${label}`}
      data-none="No matches"
      data-failed="Search is not available now."
      data-results-one="1 result"
      data-results="{n} results"
      data-clear="None"
    >
      {children}
    </cst-relation>
  )
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
