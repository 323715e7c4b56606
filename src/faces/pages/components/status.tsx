/** The page that stands where another can't: refused, missing, in conflict, too often, failed. */

import type { AdminError } from '../../../errors.ts'
import type { PageContext } from '../context.ts'
import { AuthShell, Shell } from '../layout.tsx'
import { Button, LinkButton } from './button.tsx'
import { Copy } from './display.tsx'
import { Form, HiddenFields } from './form.tsx'
import type { Child, Html } from './html.ts'
import { Icon } from './icon.tsx'
import type { IconName } from './icon-names.ts'
import { addressOf } from './steps.tsx'

export interface StatusPageProps {
  readonly page: PageContext
  readonly title: string
  readonly icon?: IconName | undefined
  /** What was tried, why it is refused, what to do. */
  readonly children?: Child
  /** Ids of the rules that refused. */
  readonly rules?: readonly string[] | undefined
  /** Ways on; absent: back to the dashboard or to sign-in. */
  readonly actions?: Child
}

export function StatusPage(props: StatusPageProps): Html {
  const { page, title } = props
  if (!page.principal) {
    return (
      <AuthShell page={page} title={title}>
        <StatusText {...props} />
      </AuthShell>
    )
  }
  return (
    <Shell page={page} title={title} breadcrumb={[{ label: title }]}>
      <div class="status-page">
        <span class="status-icon">
          <Icon page={page} name={props.icon ?? 'circle-alert'} />
        </span>
        <h1 tabindex={-1}>{title}</h1>
        <StatusText {...props} />
      </div>
    </Shell>
  )
}

function StatusText({ page, children, rules = [], actions }: StatusPageProps): Html {
  const requestId = page.c.get('origin').id
  return (
    <div class="status-text stack">
      {children}
      {rules.length > 0 && (
        <p class="muted">
          {rules.length === 1 ? 'Rule: ' : 'Rules: '}
          {rules.map((rule, index) => (
            <>
              {index > 0 && ', '}
              <code>{rule}</code>
            </>
          ))}
        </p>
      )}
      <div class="status-actions">
        {actions ?? (
          <LinkButton page={page} href={page.url(page.principal ? '/' : '/sign-in')}>
            {page.principal ? 'Back to the dashboard' : 'Go to sign-in'}
          </LinkButton>
        )}
      </div>
      <p class="status-request">
        Request{' '}
        <Copy page={page} text={requestId} what="request id">
          {requestId}
        </Copy>
      </p>
    </div>
  )
}

interface Wording {
  readonly title: string
  readonly icon: IconName
  /** Instead of the error's message, where that says too much or too little. */
  readonly text?: string
}

const WORDINGS: Readonly<Record<AdminError['code'], Wording>> = {
  'invalid-input': { title: 'This could not be read', icon: 'circle-alert' },
  unauthenticated: { title: 'Sign in first', icon: 'log-in' },
  denied: { title: 'You may not do this', icon: 'lock' },
  'forged-request': {
    title: 'This form is too old',
    icon: 'shield-alert',
    text: 'It was opened before you signed in, or came from another site, so nothing was done. Go back, reload the page and send it again.',
  },
  'not-found': {
    title: 'Not found',
    icon: 'search',
    text: 'There is nothing at this address, or it is not visible to you.',
  },
  conflict: { title: 'Somebody else was faster', icon: 'history' },
  'too-large': { title: 'Too large', icon: 'circle-alert' },
  'limit-exceeded': { title: 'Too many attempts', icon: 'clock' },
  'data-source-failed': { title: 'The database could not do this', icon: 'database' },
  misconfigured: {
    title: 'Not set up correctly',
    icon: 'settings',
    text: 'The people who run this installation find the reason in its log.',
  },
  internal: {
    title: 'Something went wrong here',
    icon: 'triangle-alert',
    text: 'We are sorry. The people who run this installation find the reason by the request id.',
  },
}

export interface ErrorPageProps {
  readonly page: PageContext
  readonly error: AdminError
  /** The form that was sent, where sending it again can help. */
  readonly again?: URLSearchParams | null
}

/** The page for a refusal or a fault that no form can show. */
export function ErrorPage({ page, error, again = null }: ErrorPageProps): Html {
  const { title, icon, text } = WORDINGS[error.code]
  if (again && error.code !== 'data-source-failed') return <KeptFormPage page={page} fields={again} />
  return (
    <StatusPage
      page={page}
      title={title}
      icon={icon}
      rules={error.rules}
      {...(error.code === 'data-source-failed' && { actions: <TryAgain page={page} fields={again} /> })}
    >
      <p>{text ?? error.message}</p>
      {again && <p>Nothing was changed. What you sent is kept on this page.</p>}
      {!again && isSent(page) && !page.principal && <p>Reload this page to send the same once more.</p>}
      {error.retryAfterSeconds !== undefined && <p>Try again in {waitText(error.retryAfterSeconds)}.</p>}
    </StatusPage>
  )
}

/** The session had ended before the form came: what was typed waits here until somebody has signed in. */
function KeptFormPage({
  page,
  fields,
}: {
  readonly page: PageContext
  readonly fields: URLSearchParams
}): Html {
  const { principal } = page
  const title = principal ? 'Send it once more' : 'Your session has ended'
  return (
    <StatusPage
      page={page}
      title={title}
      icon="log-in"
      actions={
        <>
          {!principal && (
            <LinkButton page={page} href={page.url('/sign-in')} variant="primary" target="_blank">
              Sign in again
            </LinkButton>
          )}
          <Form page={page} action={addressOf(page)}>
            <HiddenFields fields={fields} />
            <Button page={page} variant={principal ? 'primary' : 'default'}>
              {principal ? 'Send again' : 'Go on'}
            </Button>
          </Form>
        </>
      }
    >
      <p>Nothing was changed. What you sent is kept on this page.</p>
      {principal ? (
        <p>
          The form was opened in an earlier session. You are signed in as {principal.name}: send it again if
          that is right.
        </p>
      ) : (
        <p>Sign in again, which opens another tab. Then come back to this page and go on.</p>
      )}
    </StatusPage>
  )
}

function isSent(page: PageContext): boolean {
  return page.c.req.method === 'POST'
}

interface TryAgainProps {
  readonly page: PageContext
  readonly fields: URLSearchParams | null
}

/** The same once more: by a form with what was sent, or by its address. */
function TryAgain({ page, fields }: TryAgainProps): Html {
  if (!fields) {
    return (
      <LinkButton page={page} href={isSent(page) ? page.url('/') : addressOf(page)}>
        {isSent(page) ? 'Back to the dashboard' : 'Try again'}
      </LinkButton>
    )
  }
  return (
    <Form page={page} action={addressOf(page)}>
      <HiddenFields fields={fields} />
      <Button page={page} variant="primary">
        Send again
      </Button>
    </Form>
  )
}

/** "40 seconds", "4 minutes": rounded up, so that waiting as long is enough. */
export function waitText(seconds: number): string {
  if (seconds < 60) return seconds === 1 ? '1 second' : `${seconds} seconds`
  const minutes = Math.ceil(seconds / 60)
  if (minutes < 60) return minutes === 1 ? '1 minute' : `${minutes} minutes`
  const hours = Math.ceil(minutes / 60)
  return hours === 1 ? '1 hour' : `${hours} hours`
}
