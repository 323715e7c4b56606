/** What every widget is given, and the few things they all say in the same way. */

import type { Field, Model } from '../../../model/model.ts'
import type { PageContext } from '../context.ts'
import { isRequired, labelOf } from './widget.ts'

/** One field of a form, and how it stands. */
export interface FormField {
  readonly field: Field
  readonly text: string
  /** What is wrong with it, each to be said after the field's label. */
  readonly errors: readonly string[]
  /** There is a value that may not be shown: an empty input keeps it. */
  readonly isMasked: boolean
  /** How large the file is that is there now; absent: there is none, or it may not be known. */
  readonly stored?: string
  /** The name of its input where that is not the field's: in a row of another record's form. */
  readonly name?: string
  /** It stands for a foreign key of several fields, and picks a record as one of a single field does. */
  readonly isPicked?: boolean
}

export function inputName({ field, name }: FormField): string {
  return name ?? field.name
}

export interface WidgetProps {
  readonly page: PageContext
  readonly model: Model
  readonly row: FormField
  /** For a relation; absent where its records may not be listed. */
  readonly picker?: PickerOptions | undefined
}

/** The records that a relation's widget offers. */
export interface PickerOptions {
  /** Where the client asks for `?q=`; null where the records are called by another field than their key. */
  readonly source: string | null
  /** Null: too many for a list. */
  readonly options: readonly { readonly value: string; readonly label: string }[] | null
  /** How the record that the field names now is called. */
  readonly current: string | null
  /** The list of the target, to look a key up without scripts. */
  readonly listHref: string
  /** "customers". */
  readonly label: string
}

/** The id of a field's control. Names may hold what ids may not. */
export function controlId(name: string): string {
  return `field-${name.replaceAll(/[^\w-]/g, (letter) => `-${letter.codePointAt(0)}`)}`
}

/** "Total must be at most 500.00": the sentence that a problem makes with its field. */
export function problemSentence(label: string, problem: string): string {
  // How a program has to send it is no concern of who types it.
  const said = problem.replace(/, as text$/, '')
  return /^[A-Z"“]/.test(said) ? said : `${label} ${said}`
}

/** What the `Field` component and its control both need. */
export interface FieldBasics {
  readonly page: PageContext
  readonly id: string
  readonly label: string
  readonly hint?: string
  readonly error?: readonly string[]
  readonly required: boolean
  readonly full: boolean
}

export function basicsOf(
  { page, model, row }: WidgetProps,
  differing: { hint?: string; full?: boolean } = {},
): FieldBasics {
  const { field, errors } = row
  const hint = [field.help, differing.hint, row.isMasked ? 'Hidden. Leave it empty to keep the value.' : null]
    .filter(Boolean)
    .join(' ')
  return {
    page,
    id: controlId(inputName(row)),
    label: labelOf(model, field),
    required: isRequired(field),
    full: differing.full ?? false,
    ...(hint && { hint }),
    ...(errors.length > 0 && {
      error: errors.map((problem) => problemSentence(labelOf(model, field), problem)),
    }),
  }
}
