/**
 * The pages between asking and doing: a confirmation that shows what would
 * happen, and the proof of who asks.
 *
 * Both send the original form again to the same address, with `_confirmation`
 * or `_code` beside its fields. Nothing is kept on the server meanwhile.
 */

import type { Plan } from '../../../gate/outcome.ts'
import type { ProofChoices } from '../../../identity/identity.ts'
import type { PageContext } from '../context.ts'
import { Shell } from '../layout.tsx'
import { Button, LinkButton } from './button.tsx'
import { Card, type Crumb, PageHead } from './card.tsx'
import { controlTies, Field, Textarea, TextField } from './field.tsx'
import { ErrorSummary, Form, fieldErrors, HiddenFields, Note } from './form.tsx'
import type { Html } from './html.ts'
import { Icon } from './icon.tsx'
import { PasskeyProof } from './passkey.tsx'
import { Diff } from './timeline.tsx'
import { UndoDetails } from './undo.tsx'

interface StepProps {
  readonly page: PageContext
  /** "Delete order #10482". */
  readonly title: string
  readonly breadcrumb: readonly Crumb[]
  readonly current?: string | undefined
  /** The form that led here. */
  readonly fields: URLSearchParams
  readonly cancelHref: string
  /** Where the form goes; absent: where it came from. */
  readonly action?: string | undefined
  /** From an `invalid-input` refusal: `reason`, `ticket`, `code`. */
  readonly errors?: Readonly<Record<string, readonly string[]>> | undefined
}

export interface Alternative {
  readonly label: string
  /** Where the form goes then. */
  readonly action: string
}

export interface ConfirmPageProps extends StepProps {
  readonly plan: Plan
  /** Absent on a page that asks before the gate does: then only the fields are sent. */
  readonly confirmation?: string | undefined
  /** The verb and its count: "Delete 3 orders". */
  readonly submitLabel: string
  readonly danger?: boolean | undefined
  /** Another way to do it, beside the first: the same form, sent elsewhere. */
  readonly alternative?: Alternative | null | undefined
  /** Which of the two it asks for. */
  readonly asks?: readonly ('reason' | 'ticket')[] | undefined
}

export function ConfirmPage(props: ConfirmPageProps): Html {
  const { page, title, plan, errors = {}, asks = [] } = props
  const isBlocked = plan.effects.some((effect) => effect.kind === 'blocks')
  return (
    <Shell page={page} title={title} breadcrumb={props.breadcrumb} current={props.current} narrow>
      <PageHead title={title} />
      <Form page={page} action={props.action ?? addressOf(page)} class="stack">
        <HiddenFields fields={props.fields} except={['_confirmation', ...asks.map((name) => `_${name}`)]} />
        {props.confirmation !== undefined && (
          <input type="hidden" name="_confirmation" value={props.confirmation} />
        )}
        <ErrorSummary
          page={page}
          errors={fieldErrors(errors)}
          title={'' in errors ? 'Nothing was done.' : undefined}
        />
        <PlanCard page={page} plan={plan} />
        {asks.length > 0 && <AskCard page={page} fields={props.fields} asks={asks} errors={errors} />}
        <div class="step-actions">
          <LinkButton page={page} href={props.cancelHref}>
            Cancel
          </LinkButton>
          {props.alternative && (
            <Button page={page} formaction={props.alternative.action}>
              {props.alternative.label}
            </Button>
          )}
          {!isBlocked && (
            <Button page={page} variant={props.danger ? 'danger-solid' : 'primary'}>
              {props.submitLabel}
            </Button>
          )}
        </div>
      </Form>
    </Shell>
  )
}

const EFFECT_ICONS = { deleted: 'trash-2', cleared: 'undo-2', blocks: 'ban' } as const

/** What would happen: the sentence, what else is touched, and the fields before and after. */
export function PlanCard({ page, plan }: { readonly page: PageContext; readonly plan: Plan }): Html {
  const blocking = plan.effects.filter((effect) => effect.kind === 'blocks')
  const isBlocked = blocking.length > 0
  // what stands in the way comes first: the rest won't happen before it is gone
  const effects = [...blocking, ...plan.effects.filter((effect) => effect.kind !== 'blocks')]
  return (
    <Card title="What will happen">
      <div class="stack">
        <p class="plan-sentence">{plan.sentence}</p>
        {plan.selected && <SelectedRecords page={page} selected={plan.selected} />}
        {effects.length > 0 && (
          <ul class="effects">
            {effects.map((effect) => (
              <li class={effect.kind}>
                <Icon page={page} name={EFFECT_ICONS[effect.kind]} />
                {effect.sentence}
              </li>
            ))}
          </ul>
        )}
        {plan.changes.length > 0 && <Diff lines={plan.changes} />}
        {plan.undo && <UndoDetails page={page} undo={plan.undo} />}
        {isBlocked && !plan.undo && (
          <Note page={page} tone="bad" title="This cannot be done now.">
            <p>Remove what stands in the way first.</p>
          </Note>
        )}
      </div>
    </Card>
  )
}

/** The first of them by what they are called, and how many there are beside. */
function SelectedRecords({
  page,
  selected: { count, titles },
}: {
  readonly page: PageContext
  readonly selected: NonNullable<Plan['selected']>
}): Html | null {
  if (count < 2) return null
  const more = count - titles.length
  return (
    <ul class="plan-records">
      {titles.map((title) => (
        <li>{title}</li>
      ))}
      {more > 0 && <li class="more">and {page.format.number(more)} more</li>}
    </ul>
  )
}

interface AskProps {
  readonly page: PageContext
  readonly fields: URLSearchParams
  readonly asks: readonly ('reason' | 'ticket')[]
  readonly errors: Readonly<Record<string, readonly string[]>>
}

function AskCard({ page, fields, asks, errors }: AskProps): Html {
  const reason = {
    id: 'reason',
    label: 'Reason',
    hint: 'Kept in the audit log with your name.',
    error: errors['reason'],
    required: true,
  }
  return (
    <Card title="For the record">
      <div class="stack">
        {asks.includes('reason') && (
          <Field page={page} {...reason}>
            <Textarea
              {...controlTies(reason)}
              name="_reason"
              rows={2}
              maxlength={500}
              value={fields.get('_reason') ?? ''}
            />
          </Field>
        )}
        {asks.includes('ticket') && (
          <TextField
            page={page}
            id="ticket"
            name="_ticket"
            label="Ticket"
            error={errors['ticket']}
            required
            value={fields.get('_ticket') ?? ''}
          />
        )}
      </div>
    </Card>
  )
}

export interface StepUpPageProps extends StepProps {
  /** What it is for, as part of a sentence: "delete order #10482". */
  readonly purpose: string
  readonly choices: ProofChoices
}

export function StepUpPage(props: StepUpPageProps): Html {
  const { page, choices, errors = {} } = props
  return (
    <Shell page={page} title={props.title} breadcrumb={props.breadcrumb} current={props.current} narrow>
      <div class="step-up">
        <Form page={page} action={props.action ?? addressOf(page)} class="card step-up-card">
          <HiddenFields fields={props.fields} except={['_code', '_passkey']} />
          <span class="step-up-icon">
            <Icon page={page} name="shield-check" />
          </span>
          <h1 tabindex={-1}>Confirm that it is you</h1>
          <p class="muted">
            To {props.purpose}, {askedFor(choices)}. What you typed is kept.
          </p>
          <PasskeyProof page={page} name="_passkey" options={choices.passkey} label="Use your passkey" />
          <CodeField
            page={page}
            id="code"
            name="_code"
            label={choices.hasApp ? 'Code' : 'Recovery code'}
            error={errors['code']}
          />
          <div class="step-actions">
            <LinkButton page={page} href={props.cancelHref}>
              Cancel
            </LinkButton>
            <Button page={page} variant="primary">
              Continue
            </Button>
          </div>
        </Form>
      </div>
    </Shell>
  )
}

function askedFor({ hasApp, passkey }: ProofChoices): string {
  if (passkey === null) return 'enter the code that your authenticator app shows now'
  return hasApp
    ? 'use your passkey, or enter the code that your authenticator app shows now'
    : 'use your passkey, or enter a recovery code'
}

export interface CodeFieldProps {
  readonly page: PageContext
  readonly id: string
  readonly name: string
  readonly label?: string | undefined
  readonly hint?: string | undefined
  readonly error?: string | readonly string[] | undefined
}

/** One field for the six digits (a recovery code fits as well); authenticators and pasting fill it. */
export function CodeField(props: CodeFieldProps): Html {
  const { page, id, name, label = 'Code', hint, error } = props
  return (
    <TextField
      page={page}
      id={id}
      name={name}
      label={label}
      hint={hint}
      error={error}
      required
      unmarked
      class="code-input"
      inputmode="numeric"
      autocomplete="one-time-code"
      autocapitalize="none"
      spellcheck={false}
      maxlength={32}
      autofocus
    />
  )
}

/** The path and query of this request, where its form came from. */
export function addressOf(page: PageContext): string {
  const { pathname, search } = new URL(page.c.req.url)
  return `${pathname}${search}`
}
