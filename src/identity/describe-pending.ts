/** What the page of a sign-in that is under way shows. */

import type { PasskeyOptions, RelyingParty } from './authenticators/passkey.ts'
import { seedUri } from './authenticators/totp.ts'
import type { PendingSignIn } from './identity.ts'
import type { Parts } from './parts.ts'
import { creationOptions, proofChoices } from './passkey-proof.ts'
import { findPending, type Pending, pendingBinding, seedOf } from './pending.ts'
import { standingOf } from './standing.ts'

/** Null when it is gone. */
export async function describePending(
  parts: Parts,
  token: string,
  site: RelyingParty | null,
): Promise<PendingSignIn | null> {
  const connection = parts.store.now
  const pending = await findPending(parts, connection, token)
  if (!pending) return null
  const { email, id } = pending.person
  const standing = await standingOf(parts, connection, id)
  if (pending.row.stage === 'second-factor') {
    const use = { purpose: 'second-factor', binding: pendingBinding(pending) } as const
    return { stage: 'second-factor', email, ...(await proofChoices(parts, standing, site, use)) }
  }
  const passkey = await enrolOptions(parts, pending, site)
  if (pending.row.secret === null) return { stage: 'enrol-passkey', email, passkey }
  const secret = seedOf(parts, pending)
  if (secret === null) return null
  return { stage: 'enrol', email, secret, uri: seedUri(secret, parts.options.title, email), passkey }
}

async function enrolOptions(
  parts: Parts,
  pending: Pending,
  site: RelyingParty | null,
): Promise<PasskeyOptions | null> {
  if (!site) return null
  const use = { purpose: 'enrol', binding: pendingBinding(pending) } as const
  return await creationOptions(parts, parts.store.now, { person: pending.person, site, use })
}
