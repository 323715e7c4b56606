/** Making the first administrator, by the one-time link that the server printed. */

import type { Hono } from 'hono'
import { AdminError } from '../../../errors.ts'
import type { Env, RequestContext } from '../../../http/env.ts'
import type { House } from '../../house.ts'
import { Button } from '../components/button.tsx'
import { TextField } from '../components/field.tsx'
import { ErrorSummary, Form, fieldErrors } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import { StatusPage } from '../components/status.tsx'
import { type PageContext, pageContext } from '../context.ts'
import { AuthShell } from '../layout.tsx'
import { render } from '../render.ts'
import { renderReplaceable } from '../replaced.tsx'
import { carryOn, type Refusal, refusalOf } from './flow.ts'
import { NewPasswordField } from './new-password.tsx'
import { OwnEmail, OwnName } from './own-fields.tsx'
import { RefusalNote } from './sign-in-page.tsx'

export interface Typed {
  readonly token: string
  readonly name: string
  readonly email: string
}

export function addSetUp(app: Hono<Env>, house: House): void {
  app.get('/set-up', async (c) => {
    const page = pageContext(c, house)
    const token = c.req.query('token') ?? ''
    if (!(await house.identity.isSetUpTokenValid(token))) return noLonger(page)
    return show(page, { token, name: '', email: '' }, null)
  })
  app.post('/set-up', (c) => setUp(c, house))
}

async function setUp(c: RequestContext, house: House): Promise<Response> {
  const form = c.get('form')
  const typed = {
    token: form?.get('token') ?? '',
    name: form?.get('name')?.trim() ?? '',
    email: form?.get('email')?.trim() ?? '',
  }
  try {
    const input = { ...typed, password: form?.get('password') ?? '' }
    return carryOn(c, house, await house.identity.setUp(input, c.get('origin')))
  } catch (error) {
    const page = pageContext(c, house)
    if (error instanceof AdminError && error.code === 'not-found') return noLonger(page)
    return show(page, typed, refusalOf(error, c))
  }
}

function show(page: PageContext, typed: Typed, refusal: Refusal | null): Promise<Response> {
  return renderReplaceable(page, {
    name: 'setUp',
    title: 'Set up the first administrator',
    values: typed,
    action: '/set-up',
    hidden: { token: typed.token },
    refusal,
    draw: (drawn) => <SetUpPage page={drawn} typed={typed} refusal={refusal} />,
  })
}

/** The same for a used, an old and a made-up token. */
function noLonger(page: PageContext): Promise<Response> {
  return render(
    page,
    <StatusPage page={page} title="This set-up link does not work">
      <p>
        It was used already, is older than an hour, or a newer one was made. Where nobody is set up yet, the
        server prints a new link when it starts.
      </p>
    </StatusPage>,
    404,
  )
}

export interface SetUpPageProps {
  readonly page: PageContext
  readonly typed: Typed
  readonly refusal: Refusal | null
}

export function SetUpPage({ page, typed, refusal }: SetUpPageProps): Html {
  const fields = refusal?.fields ?? {}
  const hasFields = Object.keys(fields).length > 0
  const { host } = page.house.identity
  return (
    <AuthShell
      page={page}
      wide
      title="Set up the first administrator"
      lead={
        host
          ? 'Sign in as you do in the application. You may then do everything here, and give roles to the others. A second factor comes next.'
          : 'This person may do everything, and invites the others. A second factor comes next.'
      }
    >
      {hasFields ? (
        <ErrorSummary page={page} errors={fieldErrors(fields)} />
      ) : (
        <RefusalNote page={page} refusal={refusal} />
      )}
      <Form page={page} action={page.url('/set-up')} class="stack">
        <input type="hidden" name="token" value={typed.token} />
        {!host && <OwnName page={page} value={typed.name} fields={fields} autofocus={refusal === null} />}
        <OwnEmail page={page} value={typed.email} fields={fields} username={host?.usernameLabel} />
        {host ? (
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
            error={fields['password']}
          />
        ) : (
          <NewPasswordField page={page} id="password" label="Password" error={fields['password']} />
        )}
        <Button page={page} variant="primary" wide>
          Continue
        </Button>
      </Form>
    </AuthShell>
  )
}
