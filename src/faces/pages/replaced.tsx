/**
 * Draws a page that the application may have put another in the place of.
 *
 * What it throws, answers too late or answers wrongly goes to whoever runs the
 * admin, and our own page is shown: nobody is kept from signing in by it.
 */

import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { PasskeyOptions } from '../../identity/authenticators/passkey.ts'
import type {
  OwnComponent,
  OwnComponentName,
  OwnComponentProps,
  OwnComponentValues,
  OwnFormProps,
  OwnSlots,
  Replacements,
} from '../own-component.ts'
import { HiddenFields } from './components/form.tsx'
import type { Html } from './components/html.ts'
import { PasskeyProof } from './components/passkey.tsx'
import type { PageContext } from './context.ts'
import { AuthShell, Shell } from './layout.tsx'
import { render } from './render.ts'

/** How long a component may think about it. */
const LIMIT_MS = 5000

export interface Replaceable<Name extends OwnComponentName> {
  readonly name: Name
  readonly title: string
  readonly values: OwnComponentValues[Name]
  /** Where its form is sent to, as a path of ours. */
  readonly action: string
  readonly hidden?: Readonly<Record<string, string | null>>
  readonly passkey?: { readonly options: PasskeyOptions | null; readonly isNew?: boolean }
  readonly refusal?: Refused | null
  /** Our own page, drawn with that context. */
  draw(page: PageContext): Html
}

interface Refused {
  readonly status: ContentfulStatusCode
  readonly message: string
  readonly fields: Readonly<Record<string, readonly string[]>>
}

export async function renderReplaceable<Name extends OwnComponentName>(
  page: PageContext,
  asked: Replaceable<Name>,
): Promise<Response> {
  const { replaced } = page.house
  const component = replaced?.components[asked.name]
  const own = replaced && component ? await drawn(page, asked, component, replaced) : null
  return render(page, own ?? asked.draw(page), asked.refusal?.status)
}

/** Null when it failed. */
async function drawn<Name extends OwnComponentName>(
  page: PageContext,
  asked: Replaceable<Name>,
  component: OwnComponent<Name>,
  replaced: Replacements,
): Promise<Html | null> {
  try {
    const work = (async () => component(await propsOf(page, asked, replaced)))()
    const content = <>{await inTime(work)}</>
    if (String(content) === '') throw new TypeError(`The component "${asked.name}" showed nothing.`)
    return String(content).startsWith('<html')
      ? content
      : layoutOf(page, asked)({ title: asked.title, children: content })
  } catch (error) {
    replaced.onError(error, { requestId: page.c.get('origin').id })
    return null
  }
}

async function propsOf<Name extends OwnComponentName>(
  page: PageContext,
  asked: Replaceable<Name>,
  { context }: Replacements,
): Promise<OwnComponentProps<Name>> {
  return {
    Default: (slots) => asked.draw(withSlots(page, slots)),
    Layout: layoutOf(page, asked),
    values: asked.values,
    form: formOf(page, asked),
    context: (await context?.({ page: asked.name, principal: page.principal })) ?? {},
    page,
  }
}

function formOf(page: PageContext, asked: Replaceable<OwnComponentName>): OwnFormProps {
  const { refusal, passkey, hidden = {} } = asked
  const fields = new URLSearchParams(
    Object.entries(hidden).filter((entry): entry is [string, string] => entry[1] !== null),
  )
  return {
    action: page.url(asked.action),
    hidden: <HiddenFields fields={fields} />,
    passkey: passkey ? (
      <PasskeyProof
        page={page}
        name="passkey"
        options={passkey.options}
        label={passkey.isNew ? 'Add a passkey' : 'Use your passkey'}
        isNew={passkey.isNew}
      />
    ) : null,
    message: refusal?.message || null,
    errors: refusal?.fields ?? {},
  }
}

/** Before sign-in the lone card; the profile stands beside the navigation. */
function layoutOf(page: PageContext, { name }: Replaceable<OwnComponentName>): OwnComponentProps['Layout'] {
  return ({ title, lead, foot, children, ...slots }) => {
    const own = withSlots(page, slots)
    if (name === 'profile') {
      return (
        <Shell page={own} title={title} breadcrumb={[{ label: title }]} current="/profile" narrow>
          {children}
        </Shell>
      )
    }
    return (
      <AuthShell page={own} title={title} lead={lead} foot={foot}>
        {children}
      </AuthShell>
    )
  }
}

function withSlots(page: PageContext, slots: OwnSlots): PageContext {
  return { ...page, slots }
}

async function inTime<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It took more than ${LIMIT_MS} ms.`)), LIMIT_MS)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
