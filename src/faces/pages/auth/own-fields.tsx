/** Name and address as people type their own: where the first administrator is set up, and where an account is asked for. */

import { TextField } from '../components/field.tsx'
import type { FieldSentences } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import type { PageContext } from '../context.ts'

export interface OwnFieldProps {
  readonly page: PageContext
  readonly value: string
  readonly fields: FieldSentences
  readonly autofocus?: boolean
}

export function OwnName({ page, value, fields, autofocus = false }: OwnFieldProps): Html {
  return (
    <TextField
      page={page}
      id="name"
      name="name"
      label="Name"
      value={value}
      autocomplete="name"
      required
      unmarked
      autofocus={autofocus}
      error={fields['name']}
    />
  )
}

/** @param props.username What the application calls it, where it knows who people are. */
export function OwnEmail(props: OwnFieldProps & { readonly username?: string | undefined }): Html {
  const { page, value, fields, autofocus = false, username } = props
  return (
    <TextField
      page={page}
      id="email"
      name="email"
      type={username === undefined ? 'email' : 'text'}
      label={username ?? 'Work e-mail'}
      value={value}
      autocomplete="username"
      autocapitalize="none"
      spellcheck={false}
      required
      unmarked
      autofocus={autofocus}
      error={fields['email']}
    />
  )
}
