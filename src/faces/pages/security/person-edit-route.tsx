/** Answers the form of a person: what was changed in it is changed, and nothing else. */

import { AdminError } from '../../../errors.ts'
import type { PersonRead } from '../../../gate/standing.ts'
import { read } from '../ask.ts'
import type { FieldError } from '../components/form.tsx'
import { isPossible, type PageContext, pageContext, principalOf } from '../context.ts'
import { problemSentence } from '../fields/widget-props.ts'
import { Shell } from '../layout.tsx'
import { performForm, postedForm, seeOther, shownRefusal, statusOf } from '../perform.tsx'
import { render } from '../render.ts'
import { attributeLines, attributesIn, attributesOf } from './attribute-lines.ts'
import { textIn } from './own-list.ts'
import { PersonEditPage, type PersonTexts } from './person-edit.tsx'

export async function answerPersonEdit(page: PageContext): Promise<Response> {
  const person = await readPerson(page)
  const texts = textsOf(person)
  return show(page, person, { typed: texts, was: texts }, null)
}

export async function answerPersonEdited(page: PageContext): Promise<Response> {
  const form = postedForm(page)
  const person = await readPerson(page)
  const key = person.record.key ?? ''
  const path = pathOf(person)
  const now = textsOf(person)
  const was = textsIn(form.fields, 'was.', now)
  const typed = textsIn(form.fields, '', was)
  try {
    const title = `Change ${person.record.title}`
    const performed = await performForm<null>(page, form, {
      action: 'castellan.people.update',
      key,
      input: changesIn(typed, was),
      title,
      purpose: `change ${person.record.title}`,
      breadcrumb: trail(page, person),
      current: '/people',
      cancelHref: page.url(path),
      submitLabel: 'Save',
    })
    if (performed.kind === 'answer') return performed.response
    return seeOther(page, path, performed.event)
  } catch (error) {
    return show(pageContext(page.c, page.house), person, { typed, was }, shownRefusal(error))
  }
}

/** Whoever may not change people gets what an address without a page gets. */
function readPerson(page: PageContext): Promise<PersonRead> {
  if (!isPossible(page, 'castellan.people.update')) {
    throw new AdminError('not-found', 'There is nothing at this address.')
  }
  return read<PersonRead>(page, { action: 'castellan.people.read', key: page.c.req.param('id') ?? '' })
}

function textsOf({ record }: PersonRead): PersonTexts {
  return {
    name: textIn(record, 'name') ?? '',
    email: textIn(record, 'email') ?? '',
    attributes: attributeLines(attributesOf(textIn(record, 'attributes'))),
  }
}

/** What the form has no field for is as in `otherwise`. Browsers send line breaks as two characters. */
function textsIn(
  fields: Readonly<Record<string, string>>,
  prefix: string,
  otherwise: PersonTexts,
): PersonTexts {
  const text = (name: keyof PersonTexts): string =>
    fields[`${prefix}${name}`]?.replaceAll('\r\n', '\n') ?? otherwise[name]
  return { name: text('name'), email: text('email'), attributes: text('attributes') }
}

/** @throws AdminError `invalid-input` at `attributes`. */
function changesIn(typed: PersonTexts, was: PersonTexts): Readonly<Record<string, unknown>> {
  return {
    ...(typed.name !== was.name && { name: typed.name }),
    ...(typed.email !== was.email && { email: typed.email }),
    ...(typed.attributes !== was.attributes && { attributes: attributesIn(typed.attributes) }),
  }
}

function pathOf({ record }: PersonRead): string {
  return `/people/${encodeURIComponent(record.key ?? '')}`
}

function trail(page: PageContext, person: PersonRead) {
  return [
    { label: 'Security' },
    { label: 'People', href: page.url('/people') },
    { label: person.record.title, href: page.url(pathOf(person)) },
    { label: 'Edit' },
  ]
}

function show(
  page: PageContext,
  person: PersonRead,
  texts: { readonly typed: PersonTexts; readonly was: PersonTexts },
  refusal: AdminError | null,
): Promise<Response> {
  const { record } = person
  const sentences = refusal ? sentencesIn(refusal) : {}
  return render(
    page,
    <Shell
      page={page}
      title={`Edit ${record.title}`}
      breadcrumb={trail(page, person)}
      current="/people"
      narrow
    >
      <PersonEditPage
        page={page}
        title={record.title}
        path={pathOf(person)}
        {...texts}
        isSelf={principalOf(page).subject.id === record.key}
        errors={refusal ? errorsOf(refusal, sentences) : []}
        fields={sentences}
      />
    </Shell>,
    refusal ? statusOf(refusal) : 200,
  )
}

const LABELS: Readonly<Record<string, string>> = { name: 'Name', email: 'E-mail', attributes: 'Attributes' }

function sentencesIn({ fields }: AdminError): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(fields ?? {}).map(([name, problems]) => [
      name,
      problems.map((problem) => problemSentence(LABELS[name] ?? name, problem)),
    ]),
  )
}

function errorsOf(
  { message }: AdminError,
  sentences: Readonly<Record<string, readonly string[]>>,
): readonly FieldError[] {
  const named = Object.entries(sentences).flatMap(([field, messages]) =>
    messages.map((message) => ({ field: `person-${field}`, message })),
  )
  return named.length > 0 ? named : [{ message }]
}
