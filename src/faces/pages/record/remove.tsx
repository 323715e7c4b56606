/** Before a record is deleted: what else would go, be cleared, or stand in the way. */

import type { Plan } from '../../../gate/outcome.ts'
import type { RecordView } from '../../../gate/records.ts'
import type { Model } from '../../../model/model.ts'
import { Button, LinkButton } from '../components/button.tsx'
import { Card, PageHead } from '../components/card.tsx'
import { ErrorSummary, Form, Note } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import { Icon } from '../components/icon.tsx'
import type { PageContext } from '../context.ts'
import { type EvidenceFields, ReasonFields, summaryOf } from './edit.tsx'
import { recordPath } from './paths.ts'
import { recordHeading } from './record.tsx'

export interface DeleteProps {
  readonly page: PageContext
  readonly model: Model
  readonly record: RecordView
  readonly plan: Plan
  readonly evidence: EvidenceFields
  readonly errors: Readonly<Record<string, readonly string[]>>
  /** What stood in the way when it was tried, in a sentence. */
  readonly refusal: string | null
}

export function DeletePage(props: DeleteProps): Html {
  const { page, model, record, plan, evidence, errors, refusal } = props
  const isBlocked = plan.effects.some((effect) => effect.kind === 'blocks')
  const name = recordHeading(model, record)
  const href = page.url(recordPath(model.name, record.key ?? ''))
  return (
    <Form page={page}>
      <PageHead title={model.softDelete ? `Move ${name} to the trash` : `Delete ${name}`} />
      <div class="stack narrow-column">
        <ErrorSummary page={page} errors={summaryOf([], errors)} title="Nothing was deleted." />
        {refusal !== null && (
          <Note page={page} tone="bad" title="Nothing was deleted." alert>
            {refusal}
          </Note>
        )}
        <Card title="What will happen">
          <div class="stack">
            <p class="plan-sentence">{plan.sentence}</p>
            <Effects page={page} plan={plan} />
            {(evidence.asksReason || evidence.asksTicket) && (
              <ReasonFields page={page} errors={errors} evidence={evidence} />
            )}
            <p class="hint">The deletion is recorded in the audit log with your name.</p>
          </div>
        </Card>
        {record.version !== null && <input type="hidden" name="_version" value={record.version} />}
        <input type="hidden" name="_plan" value={JSON.stringify(plan)} />
        <div class="step-actions">
          <LinkButton page={page} href={href}>
            Cancel
          </LinkButton>
          <Button page={page} variant="danger-solid" icon="trash-2" disabled={isBlocked || undefined}>
            {model.softDelete ? 'Move to trash' : `Delete ${model.label.toLowerCase()}`}
          </Button>
        </div>
      </div>
    </Form>
  )
}

const EFFECT_ICONS = { deleted: 'trash-2', cleared: 'link', blocks: 'ban' } as const

function Effects({ page, plan }: { readonly page: PageContext; readonly plan: Plan }): Html {
  if (plan.effects.length === 0) return <p class="muted">Nothing else is touched, as far as you may see.</p>
  return (
    <ul class="effects">
      {plan.effects.map((effect) => (
        <li class={effect.kind}>
          <Icon page={page} name={EFFECT_ICONS[effect.kind]} />
          <span>{effect.sentence}</span>
        </li>
      ))}
    </ul>
  )
}
