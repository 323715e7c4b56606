/** The two pages of a sign-in with a password. */

import { Button } from '../components/button.tsx'
import { TextField } from '../components/field.tsx'
import { Form, Note } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import { CodeField } from '../components/steps.tsx'
import type { PageContext } from '../context.ts'
import { AuthShell } from '../layout.tsx'
import type { Refusal } from './flow.ts'

interface StepPageProps {
  readonly page: PageContext
  readonly next: string | null
  readonly refusal: Refusal | null
}

export interface SignInPageProps extends StepPageProps {
  readonly email: string
  readonly isSetUp: boolean
}

export function SignInPage({ page, email, next, refusal, isSetUp }: SignInPageProps): Html {
  return (
    <AuthShell
      page={page}
      title="Sign in"
      lead="Staff access only. Activity is recorded."
      foot="Lost your password? An administrator can give you a new one."
    >
      {!isSetUp && (
        <Note page={page} tone="info">
          {page.house.identity.host ? 'Nobody administers this yet.' : 'Nobody can sign in yet.'} Open the
          set-up link that the server printed when it started.
        </Note>
      )}
      <RefusalNote page={page} refusal={refusal} />
      <Form page={page} action={page.url('/sign-in')} class="stack">
        <Next next={next} />
        <TextField
          page={page}
          id="email"
          name="email"
          type={page.house.identity.host ? 'text' : 'email'}
          label={page.house.identity.host?.usernameLabel ?? 'Work e-mail'}
          value={email}
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          required
          unmarked
          autofocus={refusal === null}
          error={refusal?.fields['email']}
        />
        <TextField
          page={page}
          id="password"
          name="password"
          type="password"
          label="Password"
          autocomplete="current-password"
          required
          unmarked
          revealable
          error={refusal?.fields['password']}
        />
        <Button page={page} variant="primary" wide>
          Continue
        </Button>
      </Form>
    </AuthShell>
  )
}

export function SecondFactorPage({ page, next, refusal }: StepPageProps): Html {
  return (
    <AuthShell
      page={page}
      title="Enter your code"
      lead="Open your authenticator app and type the six digits it shows for this site."
      foot={
        <>
          No authenticator at hand? A recovery code works here too.{' '}
          <a class="link" href={page.url('/sign-in')}>
            Start again
          </a>
        </>
      }
    >
      <RefusalNote page={page} refusal={refusal} />
      <Form page={page} action={page.url('/sign-in/second-factor')} class="stack">
        <Next next={next} />
        <CodeField page={page} id="code" name="code" error={refusal?.fields['code']} />
        <Button page={page} variant="primary" wide>
          Sign in
        </Button>
      </Form>
    </AuthShell>
  )
}

/** Above the form; read out at once. */
export function RefusalNote({
  page,
  refusal,
}: {
  readonly page: PageContext
  readonly refusal: Refusal | null
}): Html | null {
  if (!refusal) return null
  return (
    <Note page={page} tone="bad" alert>
      {refusal.message}
    </Note>
  )
}

export function Next({ next }: { readonly next: string | null }): Html | null {
  return next === null ? null : <input type="hidden" name="next" value={next} />
}
