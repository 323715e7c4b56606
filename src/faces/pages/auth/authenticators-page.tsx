/** The pages on which one adds, renames and removes one's authenticators. */

import type { PasskeyOptions } from '../../../identity/authenticators/passkey.ts'
import type { Passkey } from '../../../identity/identity.ts'
import { Button, LinkButton } from '../components/button.tsx'
import { Card, PageHead } from '../components/card.tsx'
import { TextField } from '../components/field.tsx'
import { Form, Note } from '../components/form.tsx'
import type { Child, Html } from '../components/html.ts'
import { PasskeyProof } from '../components/passkey.tsx'
import type { PageContext } from '../context.ts'
import { Shell } from '../layout.tsx'
import { AppSteps } from './app-steps.tsx'
import type { Refusal } from './flow.ts'
import { RefusalNote } from './sign-in-page.tsx'

interface OwnPageProps {
  readonly page: PageContext
  readonly refusal: Refusal | null
}

function OwnPage({
  page,
  title,
  children,
}: {
  readonly page: PageContext
  readonly title: string
  readonly children?: Child
}): Html {
  const breadcrumb = [{ label: 'Profile', href: page.url('/profile') }, { label: title }]
  return (
    <Shell page={page} title={title} breadcrumb={breadcrumb} current="/profile" narrow>
      <PageHead title={title} />
      <Card>{children}</Card>
    </Shell>
  )
}

export interface NewPasskeyPageProps extends OwnPageProps {
  readonly options: PasskeyOptions | null
  readonly name: string
}

export function NewPasskeyPage({ page, options, name, refusal }: NewPasskeyPageProps): Html {
  if (options === null) {
    return (
      <OwnPage page={page} title="Add a passkey">
        <Note page={page} tone="bad">
          Passkeys do not work at this address. Ask whoever runs this admin for its own name.
        </Note>
      </OwnPage>
    )
  }
  return (
    <OwnPage page={page} title="Add a passkey">
      <Form page={page} action={page.url('/profile/passkeys')} class="stack narrow-form">
        <RefusalNote page={page} refusal={refusal} />
        <NameField page={page} name={name} refusal={refusal} />
        <PasskeyProof page={page} name="passkey" options={options} label="Add a passkey" isNew or={null} />
        <LinkButton page={page} href={page.url('/profile')} variant="ghost">
          Cancel
        </LinkButton>
      </Form>
    </OwnPage>
  )
}

function NameField({ page, name, refusal }: OwnPageProps & { readonly name: string }): Html {
  return (
    <TextField
      page={page}
      id="name"
      name="name"
      label="Name"
      hint="How you tell it from your others: the device that it is on."
      value={name}
      maxlength={100}
      autocomplete="off"
      required
      unmarked
      error={refusal?.fields['name']}
    />
  )
}

export interface PasskeyPageProps extends OwnPageProps {
  readonly passkey: Passkey
  readonly name: string
}

export function PasskeyPage({ page, passkey, name, refusal }: PasskeyPageProps): Html {
  const path = `/profile/passkeys/${encodeURIComponent(passkey.id)}`
  return (
    <OwnPage page={page} title="Change a passkey">
      <div class="stack narrow-form">
        <RefusalNote page={page} refusal={refusal} />
        <Form page={page} action={page.url(path)} class="stack">
          <NameField page={page} name={name} refusal={refusal} />
          <div class="cluster">
            <Button page={page} variant="primary">
              Save
            </Button>
            <LinkButton page={page} href={page.url('/profile')} variant="ghost">
              Cancel
            </LinkButton>
          </div>
        </Form>
        <Form
          page={page}
          action={page.url(`/profile/authenticators/${encodeURIComponent(passkey.id)}/remove`)}
        >
          <Button page={page} variant="danger">
            Remove this passkey
          </Button>
        </Form>
        <p class="hint">When you remove it, your other sessions end.</p>
      </div>
    </OwnPage>
  )
}

export interface AppPageProps extends OwnPageProps {
  readonly app: { readonly secret: string; readonly uri: string; readonly sealed: string }
}

export function AppPage({ page, app, refusal }: AppPageProps): Html {
  return (
    <OwnPage page={page} title="Set up an authenticator app">
      <Form page={page} action={page.url('/profile/app/confirm')} class="stack narrow-form">
        <RefusalNote page={page} refusal={refusal} />
        <input type="hidden" name="app" value={app.sealed} />
        <AppSteps
          page={page}
          app={app}
          refusal={refusal}
          hint="The app that you have now stops working, and your other sessions end."
        />
        <div class="cluster">
          <Button page={page} variant="primary">
            Use this app
          </Button>
          <LinkButton page={page} href={page.url('/profile')} variant="ghost">
            Cancel
          </LinkButton>
        </div>
      </Form>
    </OwnPage>
  )
}
