/** The two pages of a sign-in: with a passkey alone or a password, then the second factor. */

import type { PasskeyOptions } from '../../../identity/authenticators/passkey.ts'
import type { ProofChoices } from '../../../identity/identity.ts'
import { Button } from '../components/button.tsx'
import { TextField } from '../components/field.tsx'
import { Form, Note } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import { PasskeyProof } from '../components/passkey.tsx'
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
  /** What a passkey is asked; null: none alone signs in here. */
  readonly passkey: PasskeyOptions | null
}

export function SignInPage({ page, email, next, refusal, isSetUp, passkey }: SignInPageProps): Html {
  return (
    <AuthShell
      page={page}
      title="Sign in"
      lead="Staff access only. Activity is recorded."
      foot={<WaysOn page={page} />}
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
        <PasskeyProof
          page={page}
          name="passkey"
          options={passkey}
          label="Sign in with a passkey"
          renewFrom={page.url('/sign-in/passkey')}
        />
        <TextField
          page={page}
          id="email"
          name="email"
          type={page.house.identity.host ? 'text' : 'email'}
          label={page.house.identity.host?.usernameLabel ?? 'Work e-mail'}
          value={email}
          autocomplete={passkey === null ? 'username' : 'username webauthn'}
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
      <ProviderButtons page={page} next={next} />
    </AuthShell>
  )
}

/** For whoever can't sign in. */
function WaysOn({ page }: { readonly page: PageContext }): Html {
  const { canRecover, canRegister } = page.house.identity
  return (
    <>
      {canRecover ? (
        <a class="link" href={page.url('/forgot-password')}>
          Forgot your password?
        </a>
      ) : (
        'Lost your password? An administrator can have you choose a new one.'
      )}
      {canRegister && (
        <>
          {' · '}
          <a class="link" href={page.url('/register')}>
            Ask for an account
          </a>
        </>
      )}
    </>
  )
}

/** One for each provider; each a form of its own, since beginning is not to be had by a link. */
function ProviderButtons({ page, next }: Pick<StepPageProps, 'page' | 'next'>): Html | null {
  const { providers } = page.house.identity.oidc
  if (providers.length === 0) return null
  return (
    <div class="auth-providers stack">
      <p class="auth-or">or</p>
      {providers.map(({ id, label }) => (
        <Form page={page} action={page.url(`/sign-in/with/${id}`)}>
          <Next next={next} />
          <Button page={page} wide>
            Sign in with {label}
          </Button>
        </Form>
      ))}
    </div>
  )
}

export interface SecondFactorPageProps extends StepPageProps {
  readonly choices: ProofChoices
}

export function SecondFactorPage({ page, next, refusal, choices }: SecondFactorPageProps): Html {
  const { hasApp, passkey } = choices
  return (
    <AuthShell
      page={page}
      title={hasApp ? 'Enter your code' : 'Use your passkey'}
      lead={leadOf(choices)}
      foot={
        <>
          {hasApp ? 'No authenticator at hand? A recovery code works here too.' : 'Lost your passkey?'}{' '}
          <a class="link" href={page.url('/sign-in')}>
            Start again
          </a>
        </>
      }
    >
      <RefusalNote page={page} refusal={refusal} />
      <Form page={page} action={page.url('/sign-in/second-factor')} class="stack">
        <Next next={next} />
        <PasskeyProof page={page} name="passkey" options={passkey} label="Use your passkey" />
        <CodeField
          page={page}
          id="code"
          name="code"
          label={hasApp ? 'Code' : 'Recovery code'}
          error={refusal?.fields['code']}
        />
        <Button page={page} variant="primary" wide>
          Sign in
        </Button>
      </Form>
    </AuthShell>
  )
}

function leadOf({ hasApp, passkey }: ProofChoices): string {
  const app = 'Open your authenticator app and type the six digits it shows for this site.'
  if (hasApp)
    return passkey === null
      ? app
      : `Use your passkey, or the app: type the six digits it shows for this site.`
  return passkey === null
    ? 'Passkeys do not work at this address. A recovery code does.'
    : 'Your device asks for your finger, face or PIN. A recovery code works as well.'
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
