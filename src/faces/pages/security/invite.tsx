/** The form that invites somebody, and the page that hands their link over. */

import { Button, LinkButton } from '../components/button.tsx'
import { Card, PageHead } from '../components/card.tsx'
import { Copy, DateTime } from '../components/display.tsx'
import { Checkbox, Field, Radio } from '../components/field.tsx'
import { ErrorSummary, type FieldError, type FieldSentences, Form, Note } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import type { PageContext } from '../context.ts'
import { AttributesField, PersonFields } from './person-fields.tsx'

export interface TypedPerson {
  readonly name: string
  readonly email: string
  readonly roles: readonly string[]
  /** A line each: `region: emea`. */
  readonly attributes: string
  readonly by: 'mail' | 'link' | null
}

export interface InvitePageProps {
  readonly page: PageContext
  readonly typed: TypedPerson
  /** Those that whoever asks could give. */
  readonly roles: readonly string[]
  readonly errors: readonly FieldError[]
  readonly fields: FieldSentences
}

export function InvitePage({ page, typed, roles, errors, fields }: InvitePageProps): Html {
  const { byMail } = page.house.identity
  return (
    <>
      <PageHead
        title="Invite a person"
        below="They choose their own password and add a second factor. Nobody else learns either."
      />
      <div class="stack">
        <ErrorSummary page={page} errors={errors} title="Nobody was invited." />
        <Card title="Who">
          <Form page={page} action={page.url('/people/new')} class="stack" guarded>
            <PersonFields page={page} form="invite" typed={typed} fields={fields} />
            <Roles page={page} typed={typed} roles={roles} error={fields['roles']} />
            <AttributesField
              page={page}
              form="invite"
              value={typed.attributes}
              error={fields['attributes']}
            />
            {byMail && (
              <Field page={page} id="invite-by" label="The invitation" group error={fields['by']}>
                <Radio name="by" value="mail" checked={typed.by !== 'link'}>
                  Send it by e-mail
                </Radio>
                <Radio name="by" value="link" checked={typed.by === 'link'}>
                  Show me a link, and I hand it over myself
                </Radio>
              </Field>
            )}
            <div class="cluster">
              <Button page={page} variant="primary">
                Invite
              </Button>
              <LinkButton page={page} href={page.url('/people')}>
                Cancel
              </LinkButton>
            </div>
          </Form>
        </Card>
      </div>
    </>
  )
}

function Roles({
  page,
  typed,
  roles,
  error,
}: Pick<InvitePageProps, 'page' | 'typed' | 'roles'> & {
  readonly error: readonly string[] | undefined
}): Html {
  const known = page.house.gate.policy.document.roles
  return (
    <Field
      page={page}
      id="invite-roles"
      label="Roles"
      hint={
        roles.length > 0
          ? 'None: they see an empty admin until they are given one.'
          : 'You hold none that you could give.'
      }
      group
      error={error}
    >
      {roles.map((role) => (
        <Checkbox
          name={`role.${role}`}
          value="true"
          checked={typed.roles.includes(role)}
          hint={known[role]?.description}
        >
          {known[role]?.title ?? role}
        </Checkbox>
      ))}
    </Field>
  )
}

export interface HandOverProps {
  readonly page: PageContext
  readonly title: string
  readonly name: string
  readonly link: string
  readonly expiresAt: string
  readonly personHref: string
}

export function HandOver({ page, title, name, link, expiresAt, personHref }: HandOverProps): Html {
  return (
    <>
      <PageHead title={title} below="Shown this once, and stored nowhere as it is." />
      <Card title="The link">
        <div class="stack">
          <p class="secret-text" dir="ltr">
            <Copy page={page} text={link} what="link">
              {link}
            </Copy>
          </p>
          <p>
            It works once, until <DateTime page={page} at={expiresAt} as="dateTime" />.
          </p>
          <Note page={page} tone="warn">
            Whoever has it chooses the password of {name}. Hand it to them in person, or over something that
            only they read.
          </Note>
          <div>
            <LinkButton page={page} href={personHref}>
              Go to {name}
            </LinkButton>
          </div>
        </div>
      </Card>
    </>
  )
}
