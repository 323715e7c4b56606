/**
 * One's own authenticators: adding, renaming and removing them, and new
 * recovery codes. Each change asks for a proof that is no older than ten minutes.
 */

import type { Hono } from 'hono'
import { AdminError } from '../../../errors.ts'
import type { Env } from '../../../http/env.ts'
import { relyingPartyOf } from '../../../http/relying-party.ts'
import type { House } from '../../house.ts'
import { answering, reading } from '../answer.ts'
import { ProofNeeded } from '../ask.ts'
import { type PageContext, principalOf } from '../context.ts'
import { isProvenRecently, postedForm, proven } from '../perform.tsx'
import { render } from '../render.ts'
import { AppPage, NewPasskeyPage, PasskeyPage } from './authenticators-page.tsx'
import { deviceName } from './device.ts'
import { type Refusal, refusalOf } from './flow.ts'
import { codeOf, showRecoveryCodes } from './sign-in.tsx'

export function addAuthenticators(app: Hono<Env>, house: House): void {
  reading(app, house, '/profile/passkeys/new', (page) => showNewPasskey(page, null))
  app.post('/profile/passkeys', answering(house, addPasskey))
  app.get(
    '/profile/passkeys/:id',
    answering(house, (page) => showPasskey(page, null)),
  )
  app.post('/profile/passkeys/:id', answering(house, renamePasskey))
  app.post('/profile/authenticators/:id/remove', answering(house, remove))
  reading(app, house, '/profile/app', (page) => showApp(page, null))
  app.post('/profile/app/confirm', answering(house, setApp))
  app.post('/profile/recovery-codes', answering(house, renewRecoveryCodes))
}

async function showNewPasskey(page: PageContext, refusal: Refusal | null): Promise<Response> {
  await mustBeProven(page)
  const site = relyingPartyOf(page.house.settings, page.c)
  const options = site && (await authenticatorsOf(page).passkeyOptions(principalOf(page), site))
  const typed = page.c.get('form')?.get('name')
  const name = typed ?? deviceName(page.c.req.header('user-agent'))
  const content = <NewPasskeyPage page={page} options={options} name={name} refusal={refusal} />
  return render(page, content, refusal?.status)
}

async function addPasskey(page: PageContext): Promise<Response> {
  return changing(page, 'Add a passkey', 'add a passkey', {
    async change(proved, { passkey = '', name = '' }) {
      const site = relyingPartyOf(page.house.settings, page.c)
      if (!site) throw new AdminError('not-found', 'Passkeys do not work at this address.')
      const input = { answer: passkey, site, name }
      await authenticatorsOf(page).addPasskey(principalOf(proved), input, page.c.get('origin'))
      return toProfile(page, 'passkey')
    },
    again: showNewPasskey,
  })
}

async function showPasskey(page: PageContext, refusal: Refusal | null): Promise<Response> {
  const id = page.c.req.param('id')
  const { passkeys } = await authenticatorsOf(page).list(principalOf(page))
  const passkey = passkeys.find((one) => one.id === id)
  if (!passkey) throw new AdminError('not-found', 'You have no such passkey.')
  const name = page.c.get('form')?.get('name') ?? passkey.name
  const content = <PasskeyPage page={page} passkey={passkey} name={name} refusal={refusal} />
  return render(page, content, refusal?.status)
}

async function renamePasskey(page: PageContext): Promise<Response> {
  const id = page.c.req.param('id') ?? ''
  return changing(page, 'Change a passkey', 'rename your passkey', {
    async change(proved, { name = '' }) {
      await authenticatorsOf(page).renamePasskey(principalOf(proved), { id, name }, page.c.get('origin'))
      return toProfile(page, 'renamed')
    },
    again: showPasskey,
  })
}

async function remove(page: PageContext): Promise<Response> {
  const id = page.c.req.param('id') ?? ''
  return changing(page, 'Remove an authenticator', 'remove this authenticator', {
    async change(proved) {
      await authenticatorsOf(page).remove(principalOf(proved), id, page.c.get('origin'))
      return toProfile(page, 'removed')
    },
    again: (proved, refusal) => (id === 'app' ? toProfile(proved, 'last') : showPasskey(proved, refusal)),
  })
}

async function showApp(page: PageContext, refusal: Refusal | null): Promise<Response> {
  await mustBeProven(page)
  const app = authenticatorsOf(page).newApp(principalOf(page))
  return render(page, <AppPage page={page} app={app} refusal={refusal} />, refusal?.status)
}

async function setApp(page: PageContext): Promise<Response> {
  return changing(page, 'Set up an authenticator app', 'set up an authenticator app', {
    async change(proved, { app: sealed = '' }) {
      const input = { sealed, code: codeOf(page.c) }
      await authenticatorsOf(page).setApp(principalOf(proved), input, page.c.get('origin'))
      return toProfile(page, 'app')
    },
    again: showApp,
  })
}

async function renewRecoveryCodes(page: PageContext): Promise<Response> {
  return changing(page, 'New recovery codes', 'make new recovery codes', {
    async change(proved) {
      const codes = await authenticatorsOf(page).renewRecoveryCodes(principalOf(proved), page.c.get('origin'))
      return showRecoveryCodes(proved, codes, page.url('/profile'))
    },
    again: (proved) => toProfile(proved, 'last'),
  })
}

interface OwnChange {
  change(page: PageContext, fields: Readonly<Record<string, string>>): Promise<Response>
  /** The page that shows why nothing was changed. */
  again(page: PageContext, refusal: Refusal): Promise<Response> | Response
}

/** One change, after a proof that is recent enough; what was typed travels through the page that asks for it. */
async function changing(
  page: PageContext,
  title: string,
  purpose: string,
  { change, again }: OwnChange,
): Promise<Response> {
  const form = postedForm(page)
  const breadcrumb = [{ label: 'Profile', href: page.url('/profile') }, { label: title }]
  const cancelHref = page.url('/profile')
  const proved = await proven(page, form, { title, purpose, breadcrumb, current: '/profile', cancelHref })
  if (proved instanceof Response) return proved
  try {
    return await change(proved, form.fields)
  } catch (error) {
    return again(proved, refusalOf(error, page.c))
  }
}

async function mustBeProven(page: PageContext): Promise<void> {
  if (!(await isProvenRecently(page))) throw new ProofNeeded('one’s own authenticators')
}

function authenticatorsOf(page: PageContext): House['identity']['authenticators'] {
  return page.house.identity.authenticators
}

function toProfile(page: PageContext, done: string): Response {
  return page.c.redirect(page.url(`/profile?done=${done}#authenticators`), 303)
}
