/** On one's own page: the providers that one can sign in with, and those that can be added. */

import type { OidcLink } from '../../../identity/oidc/oidc.ts'
import { Button } from '../components/button.tsx'
import { Card } from '../components/card.tsx'
import { DateTime } from '../components/display.tsx'
import { Form } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import { Icon } from '../components/icon.tsx'
import type { PageContext } from '../context.ts'
import type { Refusal } from './flow.ts'
import { RefusalNote } from './sign-in-page.tsx'

export interface ProvidersCardProps {
  readonly page: PageContext
  readonly links: readonly OidcLink[]
  readonly refusal: Refusal | null
}

/** Nothing where no provider is configured. */
export function ProvidersCard({ page, links, refusal }: ProvidersCardProps): Html | null {
  const { providers } = page.house.identity.oidc
  if (providers.length === 0) return null
  return (
    <Card title="Other ways to sign in" id="providers" flush>
      {refusal && (
        <div class="card-body">
          <RefusalNote page={page} refusal={refusal} />
        </div>
      )}
      <ul class="line-list">
        {providers.map((provider) => (
          <ProviderLine page={page} {...provider} link={links.find(({ id }) => id === provider.id) ?? null} />
        ))}
      </ul>
    </Card>
  )
}

interface ProviderLineProps {
  readonly page: PageContext
  readonly id: string
  readonly label: string
  readonly link: OidcLink | null
}

function ProviderLine({ page, id, label, link }: ProviderLineProps): Html {
  return (
    <li>
      <Icon page={page} name="key-round" />
      <div class="line">
        <p class="strong">{label}</p>
        <p class="facts">{link ? <LinkedFacts page={page} link={link} /> : <span>Not linked</span>}</p>
      </div>
      <Form page={page} action={page.url(`/profile/providers/${id}/${link ? 'unlink' : 'link'}`)}>
        <Button page={page} small label={link ? `Take ${label} away` : `Link ${label}`}>
          {link ? 'Take away' : 'Link'}
        </Button>
      </Form>
    </li>
  )
}

function LinkedFacts({ page, link }: { readonly page: PageContext; readonly link: OidcLink }): Html {
  const { linkedAt, lastUsedAt } = link
  return (
    <>
      <span>
        Linked <DateTime page={page} at={new Date(linkedAt).toISOString()} />
      </span>
      {lastUsedAt !== null && (
        <span>
          Last used <DateTime page={page} at={new Date(lastUsedAt).toISOString()} />
        </span>
      )}
    </>
  )
}
