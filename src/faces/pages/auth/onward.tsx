/**
 * A page that leads on by itself. A redirect would not do: after a form the
 * browser follows one to this site alone (`form-action`), and after a link from
 * another site it keeps the cookies of this one back (SameSite=Strict).
 */

import type { Html } from '../components/html.ts'
import type { PageContext } from '../context.ts'
import { AuthShell } from '../layout.tsx'
import { render } from '../render.ts'

export function answerOnward(page: PageContext, title: string, address: string): Promise<Response> {
  return render(page, <OnwardPage page={page} title={title} address={address} />)
}

function OnwardPage({
  page,
  title,
  address,
}: {
  readonly page: PageContext
  readonly title: string
  readonly address: string
}): Html {
  return (
    <AuthShell page={page} title={title} onward={address}>
      <p>
        <a class="link" href={address} rel="noreferrer">
          Go on
        </a>{' '}
        if nothing happens.
      </p>
    </AuthShell>
  )
}
