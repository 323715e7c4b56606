/** The fields that say who somebody is: drawn the same where they are invited and where they are changed. */

import { controlTies, Field, Textarea, TextField } from '../components/field.tsx'
import type { FieldSentences } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import type { PageContext } from '../context.ts'

export interface PersonFieldsProps {
  readonly page: PageContext
  /** Before the name of each field in its id: `invite` makes `invite-name`. */
  readonly form: string
  readonly typed: { readonly name: string; readonly email: string }
  readonly fields: FieldSentences
}

export function PersonFields({ page, form, typed, fields }: PersonFieldsProps): Html {
  return (
    <>
      <TextField
        page={page}
        id={`${form}-name`}
        name="name"
        label="Name"
        value={typed.name}
        autocomplete="off"
        required
        error={fields['name']}
      />
      <TextField
        page={page}
        id={`${form}-email`}
        name="email"
        type="email"
        label="E-mail"
        hint="What they sign in with."
        value={typed.email}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        required
        error={fields['email']}
      />
    </>
  )
}

export function AttributesField({
  page,
  form,
  value,
  error,
}: Pick<PersonFieldsProps, 'page' | 'form'> & {
  /** A line each: `region: emea`. */
  readonly value: string
  readonly error: readonly string[] | undefined
}): Html {
  const attributes = {
    id: `${form}-attributes`,
    label: 'Attributes',
    hint: 'What rules compare records with, a line each, as in "region: emea". Often none.',
    error,
  }
  return (
    <Field page={page} {...attributes}>
      <Textarea {...controlTies(attributes)} name="attributes" rows={3} value={value} />
    </Field>
  )
}
