/** The form that changes what is known of a person. */

import { Card, PageHead } from '../components/card.tsx'
import {
  ErrorSummary,
  type FieldError,
  type FieldSentences,
  Form,
  Note,
  SaveBar,
} from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import type { PageContext } from '../context.ts'
import { AttributesField, PersonFields } from './person-fields.tsx'

/** What can be typed. */
export interface PersonTexts {
  readonly name: string
  readonly email: string
  /** A line each: `region: emea`. */
  readonly attributes: string
}

export interface PersonEditProps {
  readonly page: PageContext
  readonly title: string
  readonly path: string
  readonly typed: PersonTexts
  /** As the form was first shown: only what was changed in it is changed. */
  readonly was: PersonTexts
  readonly isSelf: boolean
  readonly errors: readonly FieldError[]
  readonly fields: FieldSentences
}

export function PersonEditPage(props: PersonEditProps): Html {
  const { page, title, path, typed, was, isSelf, errors, fields } = props
  const { host } = page.house.identity
  return (
    <>
      <PageHead title={`Edit ${title}`} />
      <Form page={page} action={page.url(`${path}/edit`)} class="stack" guarded>
        <ErrorSummary page={page} errors={errors} title="Nothing was changed." />
        {Object.entries(was).map(([name, value]) => (
          <input type="hidden" name={`was.${name}`} value={value} />
        ))}
        <Card title="Person">
          <div class="stack">
            {host ? (
              <Note page={page} tone="neutral">
                Name and sign-in name are those of the record in the application. Change them there.
              </Note>
            ) : (
              <PersonFields page={page} form="person" typed={typed} fields={fields} />
            )}
            {isSelf ? (
              <p class="hint">Nobody changes their own attributes. Ask another administrator.</p>
            ) : (
              <AttributesField
                page={page}
                form="person"
                value={typed.attributes}
                error={fields['attributes']}
              />
            )}
          </div>
        </Card>
        {!host && page.house.identity.byMail && (
          <p class="hint">
            Another e-mail address is told to both addresses, the one before and the new one.
          </p>
        )}
        <SaveBar page={page} cancelHref={page.url(path)} />
      </Form>
    </>
  )
}
