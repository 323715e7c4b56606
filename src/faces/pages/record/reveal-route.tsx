/** Answers the reveal of one masked value: why it is needed, then the value, once. */

import { AdminError } from '../../../errors.ts'
import type { Field, Model, Value } from '../../../model/model.ts'
import { fieldOf } from '../../../model/model.ts'
import type { Form as PostedForm } from '../../form.ts'
import { Button, LinkButton } from '../components/button.tsx'
import { Card, PageHead } from '../components/card.tsx'
import { DefinitionList } from '../components/display.tsx'
import { ErrorSummary, Form, Note } from '../components/form.tsx'
import type { Child, Html } from '../components/html.ts'
import type { PageContext } from '../context.ts'
import { ShowValue } from '../fields/show.tsx'
import { Shell } from '../layout.tsx'
import { performForm, postedForm, shownRefusal, statusOf } from '../perform.tsx'
import { render } from '../render.ts'
import { ReasonFields, summaryOf } from './edit.tsx'
import { afresh, evidenceOf } from './edit-route.tsx'
import { keyAt, modelAt } from './model-at.ts'
import { modelPath, recordPath } from './paths.ts'
import { recordName, recordTrail } from './record.tsx'
import { readRecord } from './record-route.tsx'

interface Place {
  readonly page: PageContext
  readonly model: Model
  readonly field: Field
  readonly key: string
  readonly heading: string
  readonly title: string
}

export async function answerRevealForm(page: PageContext): Promise<Response> {
  const place = await placeOf(page)
  return renderForm(place, null, null)
}

export async function answerReveal(page: PageContext): Promise<Response> {
  const place = await placeOf(page)
  const { model, field, key, heading, title } = place
  const form = postedForm(page)
  try {
    const performed = await performForm<{ readonly value: Value }>(page, form, {
      action: `${model.name}.reveal`,
      key,
      input: { field: field.name },
      title,
      purpose: `see the ${field.label.toLowerCase()} of ${heading}`,
      breadcrumb: recordTrail(page, model, key, heading, 'Reveal'),
      current: modelPath(model.name),
      cancelHref: page.url(recordPath(model.name, key)),
      submitLabel: 'Reveal',
    })
    if (performed.kind === 'answer') return performed.response
    return renderValue({ ...place, page: performed.page }, performed.result.value)
  } catch (error) {
    return renderForm({ ...place, page: afresh(page) }, shownRefusal(error), form)
  }
}

async function placeOf(page: PageContext): Promise<Place> {
  const model = modelAt(page)
  const key = keyAt(page)
  const { record } = await readRecord(page, model, key)
  const field = fieldOf(model, page.c.req.query('field') ?? '')
  if (!field || !record.masked.includes(field.name)) {
    throw new AdminError('not-found', 'There is no masked field of that name.')
  }
  const heading = recordName(model, record)
  return { page, model, field, key, heading, title: `Reveal ${field.label.toLowerCase()}` }
}

function renderForm(place: Place, refusal: AdminError | null, form: PostedForm | null): Promise<Response> {
  const { page, model, key, heading, field, title } = place
  const errors = refusal ? (refusal.fields ?? { '': [refusal.message] }) : {}
  const evidence = { ...evidenceOf(errors, form), asksReason: true }
  return render(
    page,
    <RevealShell place={place}>
      <Form page={page}>
        <PageHead title={title} />
        <div class="stack">
          <ErrorSummary page={page} errors={summaryOf(model, [], errors)} title="Nothing was revealed." />
          <Card title="Why do you need it?">
            <div class="stack">
              <p>
                The {field.label.toLowerCase()} of {heading} is personal. Each time it is shown is recorded
                with your name.
              </p>
              <ReasonFields page={page} errors={errors} evidence={evidence} />
            </div>
          </Card>
          <div class="step-actions">
            <LinkButton page={page} href={page.url(recordPath(model.name, key))}>
              Cancel
            </LinkButton>
            <Button page={page} variant="primary" icon="eye">
              Reveal
            </Button>
          </div>
        </div>
      </Form>
    </RevealShell>,
    refusal ? statusOf(refusal) : 200,
  )
}

function renderValue(place: Place, value: Value): Promise<Response> {
  const { page, model, key, heading, field } = place
  return render(
    page,
    <RevealShell place={place}>
      <PageHead title={field.label} note={heading} />
      <div class="stack">
        <Card>
          <DefinitionList
            entries={[
              { term: field.label, value: <ShowValue page={page} field={field} value={value} as="sheet" /> },
            ]}
          />
        </Card>
        <Note page={page} tone="info">
          Recorded in the audit log. The value is hidden again when you leave this page.
        </Note>
        <div class="step-actions">
          <LinkButton page={page} href={page.url(recordPath(model.name, key))} variant="primary">
            Back to the record
          </LinkButton>
        </div>
      </div>
    </RevealShell>,
  )
}

function RevealShell({ place, children }: { readonly place: Place; readonly children?: Child }): Html {
  const { page, model, key, heading, title } = place
  return (
    <Shell
      page={page}
      title={title}
      breadcrumb={recordTrail(page, model, key, heading, 'Reveal')}
      current={modelPath(model.name)}
      narrow
    >
      {children}
    </Shell>
  )
}
