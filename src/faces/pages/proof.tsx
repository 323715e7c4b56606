/** When a page can only be shown to someone who has just proved who they are. */

import { AdminError } from '../../errors.ts'
import { readForm } from '../form.ts'
import { StepUpPage } from './components/steps.tsx'
import type { PageContext } from './context.ts'
import { proofIn, stepUp, stepUpChoices } from './perform.tsx'
import { render } from './render.ts'

/** Asks for the proof; the form is sent to the page's own address, which then shows it. */
export async function answerProofNeeded(
  page: PageContext,
  refusal: AdminError | null = null,
): Promise<Response> {
  return render(
    page,
    <StepUpPage
      page={page}
      title="Confirm that it is you"
      purpose="see this page"
      breadcrumb={[{ label: 'Confirm that it is you' }]}
      fields={new URLSearchParams()}
      choices={await stepUpChoices(page, null)}
      cancelHref={page.url('/')}
      {...(refusal && { errors: { code: [refusal.message] } })}
    />,
    403,
  )
}

/** Takes the proof for a page that is only read, and goes back to it. */
export async function takeProof(page: PageContext): Promise<Response> {
  const proof = proofIn(page, readForm(page.c.get('form') ?? new URLSearchParams()).evidence)
  if (!proof) throw new AdminError('not-found', 'There is nothing to send at this address.')
  try {
    await stepUp(page, proof)
  } catch (error) {
    if (error instanceof AdminError && error.code !== 'internal') return answerProofNeeded(page, error)
    throw error
  }
  const { pathname, search } = new URL(page.c.req.url)
  return page.c.redirect(`${pathname}${search}`, 303)
}
