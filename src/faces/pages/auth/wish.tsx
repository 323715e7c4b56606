/**
 * What a visitor may ask for: a link to set a new password, or an account. The
 * answer is the same whoever the address belongs to, and whether it does.
 */

import type { Hono } from 'hono'
import { AdminError } from '../../../errors.ts'
import type { Env, RequestContext } from '../../../http/env.ts'
import type { House } from '../../house.ts'
import { Button } from '../components/button.tsx'
import { ErrorSummary, Form, fieldErrors } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import { StatusPage } from '../components/status.tsx'
import { type PageContext, pageContext } from '../context.ts'
import { AuthShell } from '../layout.tsx'
import { render } from '../render.ts'
import { renderReplaceable } from '../replaced.tsx'
import { onlyOne, type Refusal, refusalOf } from './flow.ts'
import { OwnEmail, OwnName } from './own-fields.tsx'
import { RefusalNote } from './sign-in-page.tsx'

type Wanted = 'forgot-password' | 'register'

export function addWishes(app: Hono<Env>, house: House): void {
  for (const wanted of ['forgot-password', 'register'] as const) {
    app.get(`/${wanted}`, (c) => {
      mustBeOffered(house, wanted)
      return show(c, house, wanted, { name: '', email: '' }, null)
    })
    app.post(`/${wanted}`, (c) => wish(c, house, wanted))
  }
}

/** @throws AdminError `not-found` where it is not part of the installation. */
function mustBeOffered({ identity }: House, wanted: Wanted): void {
  if (wanted === 'register' ? identity.canRegister : identity.canRecover) return
  throw new AdminError('not-found', 'There is nothing at this address.')
}

interface Typed {
  readonly name: string
  readonly email: string
}

async function wish(c: RequestContext, house: House, wanted: Wanted): Promise<Response> {
  mustBeOffered(house, wanted)
  const typed = { name: onlyOne(c, 'name').trim(), email: onlyOne(c, 'email').trim() }
  try {
    const origin = c.get('origin')
    if (wanted === 'register') await house.identity.register(typed, origin)
    else await house.identity.forgotPassword({ email: typed.email }, origin)
    return await showSent(pageContext(c, house), wanted)
  } catch (error) {
    return show(c, house, wanted, typed, refusalOf(error, c))
  }
}

function show(
  c: RequestContext,
  house: House,
  wanted: Wanted,
  typed: Typed,
  refusal: Refusal | null,
): Promise<Response> {
  const page = pageContext(c, house)
  const { name, email } = typed
  const own =
    wanted === 'register'
      ? ({ name: 'register', title: 'Ask for an account', values: { name, email } } as const)
      : ({ name: 'forgotPassword', title: 'Forgot your password?', values: { email } } as const)
  return renderReplaceable(page, {
    ...own,
    action: `/${wanted}`,
    refusal,
    draw: (drawn) => <WishPage page={drawn} wanted={wanted} typed={typed} refusal={refusal} />,
  })
}

function showSent(page: PageContext, wanted: Wanted): Promise<Response> {
  return render(
    page,
    <StatusPage page={page} title="Look into your mailbox" icon="inbox">
      {wanted === 'register' ? (
        <p>A letter with a way on is under way to that address. The link in it works for a day.</p>
      ) : (
        <p>
          If that address has an account, a letter with a link is under way to it. The link works once, for an
          hour.
        </p>
      )}
      <p class="muted">
        Nothing there after some minutes? Look among unwanted mail, or ask an administrator.
      </p>
    </StatusPage>,
    202,
  )
}

export interface WishPageProps {
  readonly page: PageContext
  readonly wanted: Wanted
  readonly typed: Typed
  readonly refusal: Refusal | null
}

export function WishPage({ page, wanted, typed, refusal }: WishPageProps): Html {
  const fields = refusal?.fields ?? {}
  const hasFields = Object.keys(fields).length > 0
  const isRegister = wanted === 'register'
  return (
    <AuthShell
      page={page}
      title={isRegister ? 'Ask for an account' : 'Forgot your password?'}
      lead={
        isRegister
          ? 'You get a letter to confirm your address. An administrator then lets you in.'
          : 'You get a letter with a link to set a new one. Your second factor stays as it is.'
      }
      foot={
        <a class="link" href={page.url('/sign-in')}>
          Back to sign-in
        </a>
      }
    >
      {hasFields ? (
        <ErrorSummary page={page} errors={fieldErrors(fields)} />
      ) : (
        <RefusalNote page={page} refusal={refusal} />
      )}
      <Form page={page} action={page.url(`/${wanted}`)} class="stack">
        {isRegister && (
          <OwnName page={page} value={typed.name} fields={fields} autofocus={refusal === null} />
        )}
        <OwnEmail
          page={page}
          value={typed.email}
          fields={fields}
          autofocus={!isRegister && refusal === null}
        />
        <Button page={page} variant="primary" wide>
          {isRegister ? 'Send the letter' : 'Send the link'}
        </Button>
      </Form>
    </AuthShell>
  )
}
