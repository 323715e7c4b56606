/**
 * What is said before a session ends, and when it has: a dialog over the page,
 * so that what was typed stays. It needs scripts; without them the form is kept
 * by the page that answers it.
 */

import { Button, LinkButton } from './components/button.tsx'
import type { Html } from './components/html.ts'
import { type PageContext, principalOf } from './context.ts'

export function SessionDialog({ page }: { readonly page: PageContext }): Html {
  return (
    <dialog
      id="session"
      class="session-dialog"
      aria-labelledby="session-title"
      data-address={page.url('/session')}
      data-person={principalOf(page).subject.id}
      data-soon="Your session is about to end"
      data-limit="Your session is about to end"
      data-ended="Your session has ended"
      data-other="Somebody else has signed in"
    >
      <p id="session-title" class="strong" tabindex={-1} />
      <div class="stack" data-part="soon">
        <p>It ends by itself after a while without use. Nothing you typed is lost if you stay.</p>
        <div class="step-actions">
          <Button page={page} type="button" variant="primary" data-session="stay">
            Stay signed in
          </Button>
        </div>
      </div>
      <div class="stack" data-part="limit" hidden>
        <p>
          It has come to the longest time that a session may take. Save what you are doing. If it ends before
          that, what you typed stays here until you have signed in again.
        </p>
        <div class="step-actions">
          <Button page={page} type="button" variant="primary" data-session="close">
            Go on
          </Button>
        </div>
      </div>
      <div class="stack" data-part="ended" hidden>
        <p>What you typed is still here. Sign in again in another tab, come back and go on.</p>
        <div class="step-actions">
          <Button page={page} type="button" data-session="check">
            I have signed in
          </Button>
          <LinkButton page={page} href={page.url('/sign-in')} variant="primary" target="_blank">
            Sign in again
          </LinkButton>
        </div>
      </div>
      <div class="stack" data-part="other" hidden>
        <p>This page was opened by another person. Load it anew to go on.</p>
        <div class="step-actions">
          <LinkButton page={page} href={page.url('/')} variant="primary">
            To the dashboard
          </LinkButton>
        </div>
      </div>
    </dialog>
  )
}
