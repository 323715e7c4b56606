/** Adding a second factor: a passkey, or an authenticator app with the picture, the secret for typing, and its first code as the proof. */

import type { PendingSignIn } from '../../../identity/identity.ts'
import { Button } from '../components/button.tsx'
import { Form, Note } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import { PasskeyProof } from '../components/passkey.tsx'
import type { PageContext } from '../context.ts'
import { AuthShell } from '../layout.tsx'
import { AppSteps } from './app-steps.tsx'
import type { Refusal } from './flow.ts'
import { Next, RefusalNote } from './sign-in-page.tsx'

export interface EnrolPageProps {
  readonly page: PageContext
  readonly pending: Extract<PendingSignIn, { stage: 'enrol' }>
  readonly next: string | null
  readonly refusal: Refusal | null
}

export function EnrolPage({ page, pending, next, refusal }: EnrolPageProps): Html {
  const { passkey } = pending
  return (
    <AuthShell
      page={page}
      wide
      title={passkey === null ? 'Add an authenticator app' : 'Add a second factor'}
      lead={
        passkey === null
          ? 'A password alone is not enough here. From now on you sign in with a code from your phone as well.'
          : 'A password alone is not enough here. Add a passkey, which is the safest, or an authenticator app.'
      }
    >
      <RefusalNote page={page} refusal={refusal} />
      <Form page={page} action={page.url('/sign-in/enrol')} class="stack">
        <Next next={next} />
        <PasskeyProof
          page={page}
          name="passkey"
          options={passkey}
          label="Add a passkey"
          isNew
          or="or an authenticator app"
        />
        <AppSteps page={page} app={pending} refusal={refusal} />
        <Button page={page} variant="primary" wide>
          Add and sign in
        </Button>
      </Form>
    </AuthShell>
  )
}

export interface EnrolPasskeyPageProps {
  readonly page: PageContext
  readonly pending: Extract<PendingSignIn, { stage: 'enrol-passkey' }>
  readonly next: string | null
  readonly refusal: Refusal | null
}

/** Where a role takes nothing else. */
export function EnrolPasskeyPage({ page, pending, next, refusal }: EnrolPasskeyPageProps): Html {
  return (
    <AuthShell
      page={page}
      wide
      title="Add a passkey that stays on one device"
      lead="Your role takes nothing else: a security key, or the lock of this device where it keeps its keys to itself."
    >
      <RefusalNote page={page} refusal={refusal} />
      {pending.passkey === null ? (
        <Note page={page} tone="bad">
          Passkeys do not work at this address. Ask whoever runs this admin for its own name.
        </Note>
      ) : (
        <Form page={page} action={page.url('/sign-in/enrol')} class="stack">
          <Next next={next} />
          <PasskeyProof
            page={page}
            name="passkey"
            options={pending.passkey}
            label="Add a passkey"
            isNew
            or={null}
          />
        </Form>
      )}
    </AuthShell>
  )
}
