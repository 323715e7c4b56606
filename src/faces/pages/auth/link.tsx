/**
 * Where a one-time link leads: an invitation, a new password, a registration
 * that goes on. The address from a letter is opened by GET and changes nothing;
 * the password is what uses it up.
 */

import type { Hono } from 'hono'
import { AdminError } from '../../../errors.ts'
import { clearSessionCookies } from '../../../http/cookies.ts'
import type { Env, RequestContext } from '../../../http/env.ts'
import type { LinkView } from '../../../identity/identity.ts'
import type { House } from '../../house.ts'
import { Button } from '../components/button.tsx'
import { ErrorSummary, Form, fieldErrors } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import { StatusPage } from '../components/status.tsx'
import { type PageContext, pageContext } from '../context.ts'
import { AuthShell } from '../layout.tsx'
import { render } from '../render.ts'
import { renderReplaceable } from '../replaced.tsx'
import { carryOn, onlyOne, type Refusal, refusalOf } from './flow.ts'
import { NewPassword, newPasswordOf } from './new-password.tsx'
import { RefusalNote } from './sign-in-page.tsx'

const PATHS: Readonly<Record<LinkView['purpose'], string>> = {
  invitation: '/invitation',
  password: '/reset-password',
  registration: '/register/confirm',
}

export function addLinks(app: Hono<Env>, house: House): void {
  for (const path of Object.values(PATHS)) {
    app.get(path, (c) => show(c, house, c.req.query('token') ?? '', null))
    app.post(path, (c) => follow(c, house))
  }
}

async function show(
  c: RequestContext,
  house: House,
  token: string,
  refusal: Refusal | null,
): Promise<Response> {
  const page = pageContext(c, house)
  const link = await house.identity.link(token)
  if (!link) return noLonger(page)
  return renderReplaceable(page, {
    name: 'link',
    title: wordsOf(link, house.settings.title).title,
    values: { purpose: link.purpose, name: link.name, token },
    action: PATHS[link.purpose],
    hidden: { token },
    refusal,
    draw: (drawn) => <LinkPage page={drawn} link={link} token={token} refusal={refusal} />,
  })
}

async function follow(c: RequestContext, house: House): Promise<Response> {
  const token = onlyOne(c, 'token')
  try {
    const input = { token, password: newPasswordOf(c) }
    const used = await house.identity.followLink(input, c.get('origin'))
    if (used.kind === 'waiting') return await showWaiting(pageContext(c, house))
    // whoever was signed in here goes on as the person of the link
    clearSessionCookies(c)
    return carryOn(c, house, used.step)
  } catch (error) {
    if (error instanceof AdminError && error.code === 'not-found') return noLonger(pageContext(c, house))
    return show(c, house, token, refusalOf(error, c))
  }
}

/** The same for a used, an old and a made-up one. */
function noLonger(page: PageContext): Promise<Response> {
  return render(
    page,
    <StatusPage page={page} title="This link does not work">
      <p>It was used already, is too old, or a newer one was made.</p>
      <p>
        {page.house.identity.canRecover
          ? 'Have another one sent from the sign-in page, or ask whoever gave it to you.'
          : 'Ask whoever gave it to you for another.'}
      </p>
    </StatusPage>,
    404,
  )
}

function showWaiting(page: PageContext): Promise<Response> {
  return render(
    page,
    <StatusPage page={page} title="Your account waits" icon="inbox">
      <p>An administrator has to let you in. You get a letter when that has happened.</p>
    </StatusPage>,
  )
}

export interface LinkPageProps {
  readonly page: PageContext
  readonly link: LinkView
  readonly token: string
  readonly refusal: Refusal | null
}

interface Words {
  readonly title: string
  readonly lead: string
  readonly button: string
}

function wordsOf({ purpose, name }: LinkView, title: string): Words {
  switch (purpose) {
    case 'invitation':
      return {
        title: `Welcome to ${title}`,
        lead: `Hello ${name}. Choose the password that you sign in with. A second factor comes next.`,
        button: 'Set the password',
      }
    case 'password':
      return {
        title: 'Set a new password',
        lead: 'Every session of yours ends. Your second factor is asked for as before.',
        button: 'Set the password',
      }
    case 'registration':
      return {
        title: `An account at ${title}`,
        lead: `Hello ${name}. Choose a password. An administrator then lets you in.`,
        button: 'Ask for the account',
      }
  }
}

export function LinkPage({ page, link, token, refusal }: LinkPageProps): Html {
  const words = wordsOf(link, page.house.settings.title)
  const fields = refusal?.fields ?? {}
  const hasFields = Object.keys(fields).length > 0
  return (
    <AuthShell page={page} wide title={words.title} lead={words.lead}>
      {hasFields ? (
        <ErrorSummary page={page} errors={fieldErrors(fields)} />
      ) : (
        <RefusalNote page={page} refusal={refusal} />
      )}
      <Form page={page} action={page.url(PATHS[link.purpose])} class="stack">
        <input type="hidden" name="token" value={token} />
        <p class="hint">
          You sign in as <bdi dir="ltr">{link.email}</bdi>.
        </p>
        <input
          class="visually-hidden"
          type="email"
          autocomplete="username"
          value={link.email}
          readonly
          tabindex={-1}
          aria-hidden="true"
        />
        <NewPassword page={page} errors={fields} autofocus={refusal === null} />
        <Button page={page} variant="primary" wide>
          {words.button}
        </Button>
      </Form>
    </AuthShell>
  )
}
