/** Erasing the personal values that the log holds of a record: the card beside one of its events, and its form's answer. */

import { Unreasoned } from '../../../gate/evidence.ts'
import type { AuditRead } from '../../../gate/recorded.ts'
import { Button } from '../components/button.tsx'
import { Card } from '../components/card.tsx'
import { TextField } from '../components/field.tsx'
import { Form } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import { isPossible, type PageContext, pageContext } from '../context.ts'
import {
  type Asked,
  askReason,
  performForm,
  postedForm,
  seeOther,
  shownRefusal,
  statusOf,
} from '../perform.tsx'
import type { EventView } from './event.ts'

const ACTION = 'castellan.audit.erase'

export interface EraseProps {
  readonly page: PageContext
  readonly event: EventView
  readonly sequence: number | null
  readonly errors: readonly string[]
  /** As it was typed. */
  readonly ground: string
}

/** Only where the event holds personal values of a record, and its reader may erase them. */
export function EraseCard({ page, event, sequence, errors, ground }: EraseProps): Html | null {
  const isPersonal = event.changes.some((change) => change.class === 'personal')
  if (!isPersonal || !event.target?.key || !isPossible(page, ACTION)) return null
  return (
    <Card title="Personal values">
      <Form page={page} action={page.url(`/audit/${sequence ?? event.id}/erase`)}>
        <div class="stack">
          <p class="muted">
            The log keeps them sealed, under a key of this record. Erasing the key makes them unreadable in
            every event of it, for good; the proof of the log stays.
          </p>
          <TextField
            page={page}
            id="erase-ground"
            name="ground"
            label="Ground"
            hint="What obliges to it, such as the request of the person."
            error={errors}
            value={ground}
            maxlength={500}
            required
          />
          <Button page={page} variant="danger">
            Erase personal values
          </Button>
        </div>
      </Form>
    </Card>
  )
}

/** What is wrong with the form, and what stands in it. */
export interface Refused {
  readonly errors: readonly string[]
  readonly ground: string
  readonly status: ReturnType<typeof statusOf>
}

/** @param show The page of the event again, with what is wrong with the form. */
export async function answerErase(
  page: PageContext,
  { event, sequence }: AuditRead,
  show: (page: PageContext, wrong: Refused) => Promise<Response>,
): Promise<Response> {
  const form = postedForm(page)
  const { model = '', key = null } = event?.target ?? {}
  const path = `/audit/${sequence ?? event?.id ?? ''}`
  const asked: Asked = {
    action: ACTION,
    input: { model, key: key ?? '', ground: form.fields['ground'] ?? '' },
    title: 'Erase personal values',
    purpose: 'erase personal values from the audit log',
    breadcrumb: [{ label: 'Audit log', href: page.url('/audit') }, { label: 'Erase personal values' }],
    current: '/audit',
    cancelHref: page.url(path),
    submitLabel: 'Erase for good',
    isDanger: true,
    shownPlan: form.fields['_plan'] ?? null,
  }
  try {
    const performed = await performForm(page, form, asked)
    return performed.kind === 'answer' ? performed.response : seeOther(page, path, performed.event)
  } catch (error) {
    const now = pageContext(page.c, page.house)
    if (error instanceof Unreasoned) return askReason(now, form, asked, error)
    const refusal = shownRefusal(error)
    const errors = refusal.fields?.['ground']?.map((problem) => `Ground ${problem}.`) ?? [refusal.message]
    return show(now, { errors, ground: form.fields['ground'] ?? '', status: statusOf(refusal) })
  }
}
