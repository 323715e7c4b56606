/**
 * The site that passkeys are made for and asked at: the origin of the
 * configuration, never what a request says of its host.
 *
 * In debug, without one, `localhost` on whatever port it is: nobody else can
 * answer there, and it is the one name without TLS that browsers take.
 */

import type { RelyingParty } from '../identity/authenticators/passkey.ts'
import type { RequestContext } from './env.ts'
import type { HttpSettings } from './settings.ts'

/** Null where browsers have no passkeys: at an address in place of a name, or where no origin is configured. */
export function relyingPartyOf(
  { publicUrl, isDebug }: Pick<HttpSettings, 'publicUrl' | 'isDebug'>,
  c: RequestContext,
): RelyingParty | null {
  if (publicUrl !== null) return ofOrigin(new URL(publicUrl))
  const here = new URL(c.req.url)
  return isDebug && here.hostname === 'localhost' ? ofOrigin(here) : null
}

function ofOrigin({ hostname, origin, protocol }: URL): RelyingParty | null {
  const isName = /[a-z]/i.test(hostname) && !hostname.includes(':')
  const isSecure = protocol === 'https:' || hostname === 'localhost'
  return isName && isSecure ? { id: hostname, origin } : null
}
