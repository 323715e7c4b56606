/** One's own page: who one is here, the theme, the password, and where one is signed in. */

import type { Hono } from 'hono'
import type { RecordList } from '../../../gate/records.ts'
import type { Env, RequestContext } from '../../../http/env.ts'
import { relyingPartyOf } from '../../../http/relying-party.ts'
import type { House } from '../../house.ts'
import { readPart } from '../ask.ts'
import { type PageContext, pageContext, principalOf } from '../context.ts'
import { renderReplaceable } from '../replaced.tsx'
import { type Refusal, refusalOf } from './flow.ts'
import { newPasswordOf } from './new-password.tsx'
import { endSession } from './own-session.ts'
import { type OwnSession, ProfilePage } from './profile-page.tsx'

/** More than anybody has at once; the rest end by themselves. */
const MAX_SESSIONS = 50

export function addProfile(app: Hono<Env>, house: House): void {
  app.get('/profile', (c) => showProfile(c, house, null))
  app.post('/profile/password', (c) => changePassword(c, house))
  app.post('/profile/sessions/:key/end', (c) => endSession(pageContext(c, house), c.req.param('key')))
}

export async function showProfile(
  c: RequestContext,
  house: House,
  refusal: Refusal | null,
  linkRefusal: Refusal | null = null,
): Promise<Response> {
  const page = pageContext(c, house)
  const done = doneText(c.req.query('done'))
  const { oidc } = house.identity
  const links = oidc.providers.length > 0 ? await oidc.links(principalOf(page).subject.id) : []
  const shown = {
    sessions: await ownSessions(page),
    roles: await house.identity.ownRoles(principalOf(page)),
    authenticators: await house.identity.authenticators.list(principalOf(page)),
    hasPasskeys: relyingPartyOf(house.settings, c) !== null,
    links,
    refusal,
    linkRefusal,
    done,
  }
  return renderReplaceable(page, {
    name: 'profile',
    title: 'Profile',
    values: { done },
    action: '/profile/password',
    refusal: refusal ?? linkRefusal,
    draw: (drawn) => <ProfilePage page={drawn} {...shown} />,
  })
}

const DONE: Readonly<Record<string, string>> = {
  password: 'Password changed. Your other sessions were ended.',
  session: 'Session ended.',
  passkey: 'Passkey added.',
  renamed: 'Passkey renamed.',
  linked: 'Linked. You can sign in with it from now on.',
  unlinked: 'Taken away. Your other sessions were ended.',
  removed: 'Authenticator removed. Your other sessions were ended.',
  app: 'Authenticator app set up. Your other sessions were ended.',
  last: 'Nothing was removed: it is your last authenticator. Add another one first.',
}

/** What was just done here, as its address says; words of others are not repeated. */
function doneText(done = ''): string | null {
  return Object.hasOwn(DONE, done) ? (DONE[done] ?? null) : null
}

async function changePassword(c: RequestContext, house: House): Promise<Response> {
  const form = c.get('form')
  const principal = principalOf(pageContext(c, house))
  try {
    const input = { current: form?.get('current') ?? '', next: newPasswordOf(c, 'next') }
    await house.identity.changePassword(principal, input, c.get('origin'))
    return c.redirect(`${house.settings.basePath}/profile?done=password`, 303)
  } catch (error) {
    return showProfile(c, house, refusalOf(error, c))
  }
}

/** Null when the policy shows nobody their sessions. */
async function ownSessions(page: PageContext): Promise<readonly OwnSession[] | null> {
  const { subject, sessionId } = principalOf(page)
  const list = await readPart<RecordList>(page, {
    action: 'castellan.sessions.list',
    input: {
      filters: [{ field: 'person_id', operator: 'eq', value: subject.id }],
      sort: [{ field: 'last_seen_at', direction: 'desc' }],
      limit: MAX_SESSIONS,
    },
  })
  if (!list) return null
  return list.records.map(({ key, values }) => ({
    key: key ?? '',
    isThis: key === sessionId,
    address: textOf(values['address']),
    userAgent: textOf(values['user_agent']),
    methods: textOf(values['methods']),
    startedAt: textOf(values['created_at']),
    lastSeenAt: textOf(values['last_seen_at']),
  }))
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
