/** The two fields of a new password, wherever one is chosen: what is typed twice, and the check that it was. */

import { AdminError } from '../../../errors.ts'
import type { RequestContext } from '../../../http/env.ts'
import { TextField } from '../components/field.tsx'
import type { FieldSentences } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import type { PageContext } from '../context.ts'

export interface NewPasswordProps {
  readonly page: PageContext
  readonly errors: FieldSentences
  readonly autofocus?: boolean
}

export function NewPassword({ page, errors, autofocus = false }: NewPasswordProps): Html {
  return (
    <>
      <TextField
        page={page}
        id="password"
        name="password"
        type="password"
        label="New password"
        hint="At least 15 characters. Four or five words that only you put together do well."
        autocomplete="new-password"
        required
        unmarked
        revealable
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

/** @throws AdminError `invalid-input` at `repeat` when the two differ. */
export function newPasswordOf(c: RequestContext, name = 'password'): string {
  const form = c.get('form')
  const password = form?.get(name) ?? ''
  if (password === (form?.get('repeat') ?? '')) return password
  const problem = 'The two new passwords differ. Type the same one twice.'
  throw new AdminError('invalid-input', problem, { fields: { repeat: [problem] } })
}
