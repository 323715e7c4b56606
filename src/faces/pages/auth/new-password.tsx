/** The two fields of a new password, wherever one is chosen: what is typed twice, and the check that it was. */

import { AdminError } from '../../../errors.ts'
import type { RequestContext } from '../../../http/env.ts'
import { TextField } from '../components/field.tsx'
import type { FieldSentences } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import type { PageContext } from '../context.ts'
import { askStrength, StrengthLine } from './password-strength.tsx'

export interface NewPasswordProps {
  readonly page: PageContext
  readonly errors: FieldSentences
  readonly autofocus?: boolean
}

export function NewPassword({ page, errors, autofocus = false }: NewPasswordProps): Html {
  return (
    <>
      <NewPasswordField
        page={page}
        id="password"
        label="New password"
        autofocus={autofocus}
        error={errors['password']}
      />
      <TextField
        page={page}
        id="repeat"
        name="repeat"
        type="password"
        label="New password again"
        autocomplete="new-password"
        required
        unmarked
        revealable
        error={errors['repeat']}
      />
    </>
  )
}

export interface NewPasswordFieldProps {
  readonly page: PageContext
  /** Its name as well. */
  readonly id: 'password' | 'next'
  readonly label: string
  /** What follows on how a good one is made. */
  readonly also?: string
  readonly autofocus?: boolean
  readonly error: readonly string[] | undefined
}

/** One field for a password that is to be set, with what the server says of it while it is typed. */
export function NewPasswordField(props: NewPasswordFieldProps): Html {
  const { page, id, label, also, autofocus = false, error } = props
  const hint = 'At least 15 characters. Four or five words that only you put together do well.'
  return (
    <div>
      <TextField
        page={page}
        id={id}
        name={id}
        type="password"
        label={label}
        hint={also === undefined ? hint : `${hint} ${also}`}
        autocomplete="new-password"
        required
        unmarked
        revealable
        autofocus={autofocus}
        error={error}
        {...askStrength(page, id)}
      />
      <StrengthLine id={id} />
    </div>
  )
}

/** @throws AdminError `invalid-input` at `repeat` when the two differ. */
export function newPasswordOf(c: RequestContext, name = 'password'): string {
  const form = c.get('form')
  const password = form?.get(name) ?? ''
  if (password === (form?.get('repeat') ?? '')) return password
  const problem = 'The two new passwords differ. Type the same one twice.'
  throw new AdminError('invalid-input', problem, { fields: { repeat: [problem] } })
}
