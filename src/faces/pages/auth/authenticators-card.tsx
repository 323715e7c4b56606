/** One's authenticators on one's own page. */

import type { AuthenticatorList, Passkey } from '../../../identity/identity.ts'
import { countOf } from '../../../identity/own-authenticators.ts'
import { Badge } from '../components/badge.tsx'
import { Button, LinkButton } from '../components/button.tsx'
import { Card } from '../components/card.tsx'
import { DateTime } from '../components/display.tsx'
import { Form, Note } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import { Icon } from '../components/icon.tsx'
import type { PageContext } from '../context.ts'

export interface AuthenticatorsCardProps {
  readonly page: PageContext
  readonly list: AuthenticatorList
  /** Whether passkeys can be made at this address. */
  readonly hasPasskeys: boolean
}

export function AuthenticatorsCard({ page, list, hasPasskeys }: AuthenticatorsCardProps): Html {
  const count = countOf(list)
  return (
    <Card
      title="Authenticators"
      id="authenticators"
      aside={page.format.plural(count, 'authenticator', 'authenticators')}
      flush
    >
      {count < list.wanted && (
        <div class="card-body">
          <AnotherNote page={page} />
        </div>
      )}
      <ul class="line-list">
        {list.passkeys.map((passkey) => (
          <PasskeyLine page={page} passkey={passkey} />
        ))}
        {list.app && <AppLine page={page} app={list.app} />}
        <RecoveryLine page={page} left={list.recoveryCodes} />
      </ul>
      <div class="card-body cluster">
        {hasPasskeys ? (
          <LinkButton page={page} href={page.url('/profile/passkeys/new')} icon="plus">
            Add a passkey
          </LinkButton>
        ) : (
          <p class="hint">{noPasskeysHere(page)}</p>
        )}
        {!list.needsDeviceBound && (
          <LinkButton page={page} href={page.url('/profile/app')}>
            {list.app ? 'Replace the authenticator app' : 'Add an authenticator app'}
          </LinkButton>
        )}
      </div>
    </Card>
  )
}

/** Browsers tie passkeys to a host name over HTTPS, which the option `publicUrl` says. */
function noPasskeysHere({ house, c }: PageContext): string {
  const { publicUrl, isDebug } = house.settings
  if (publicUrl !== null) {
    return `Passkeys need a host name with HTTPS, which ${publicUrl} is not. Whoever runs this admin changes "publicUrl".`
  }
  const { port } = new URL(c.req.url)
  return isDebug
    ? `Passkeys do not work at this address. Open the admin at http://localhost${port && `:${port}`} to add one.`
    : 'Passkeys do not work yet: whoever runs this admin sets "publicUrl" to the address that people type.'
}

/** Holders of privileged roles are asked for a second one, so that losing the first locks nobody out. */
export function AnotherNote({ page }: { readonly page: PageContext }): Html {
  return (
    <Note page={page} tone="warn" title="Add a second authenticator.">
      <p>
        Your role may do much here. With two authenticators, losing one neither locks you out nor makes you
        use a recovery code.
      </p>
    </Note>
  )
}

function PasskeyLine({ page, passkey }: { readonly page: PageContext; readonly passkey: Passkey }): Html {
  return (
    <li>
      <Icon page={page} name="key-round" />
      <div class="line">
        <p class="cluster">
          <span class="strong">{passkey.name}</span>
          <Badge plain>{passkey.isDeviceBound ? 'On one device' : 'Synchronised'}</Badge>
        </p>
        <Facts page={page} authenticator={passkey} />
      </div>
      <LinkButton
        page={page}
        small
        href={page.url(`/profile/passkeys/${encodeURIComponent(passkey.id)}`)}
        label={`Change passkey: ${passkey.name}`}
      >
        Change
      </LinkButton>
    </li>
  )
}

function AppLine({
  page,
  app,
}: {
  readonly page: PageContext
  readonly app: NonNullable<AuthenticatorList['app']>
}): Html {
  return (
    <li>
      <Icon page={page} name="smartphone" />
      <div class="line">
        <p class="strong">Authenticator app</p>
        <Facts page={page} authenticator={app} />
      </div>
      <Form page={page} action={page.url('/profile/authenticators/app/remove')}>
        <Button page={page} small label="Remove the authenticator app">
          Remove
        </Button>
      </Form>
    </li>
  )
}

function Facts({
  page,
  authenticator: { addedAt, usedAt },
}: {
  readonly page: PageContext
  readonly authenticator: { readonly addedAt: number; readonly usedAt: number | null }
}): Html {
  return (
    <p class="facts">
      <span>
        Added <DateTime page={page} at={new Date(addedAt).toISOString()} />
      </span>
      <span>
        {usedAt === null ? (
          'Never used'
        ) : (
          <>
            Last used <DateTime page={page} at={new Date(usedAt).toISOString()} />
          </>
        )}
      </span>
    </p>
  )
}

function RecoveryLine({ page, left }: { readonly page: PageContext; readonly left: number }): Html {
  return (
    <li>
      <Icon page={page} name="lock" />
      <div class="line">
        <p class="strong">Recovery codes</p>
        <p class="facts">{left === 0 ? 'None left' : `${page.format.plural(left, 'code', 'codes')} left`}</p>
      </div>
      <Form page={page} action={page.url('/profile/recovery-codes')}>
        <Button page={page} small label="New codes for recovery">
          New codes
        </Button>
      </Form>
    </li>
  )
}
