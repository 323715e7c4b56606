/** The page of an application's action: what it is for, and the form of its input. */

import type { Model } from '../../../model/model.ts'
import { Button, LinkButton } from '../components/button.tsx'
import { Card, type Crumb, PageHead } from '../components/card.tsx'
import { ErrorSummary, FieldGrid, Form } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import { MenuButton, MenuLink } from '../components/menu.tsx'
import type { PageContext } from '../context.ts'
import { FormWidget } from '../fields/form-widget.tsx'
import type { FormField, PickerOptions } from '../fields/widget-props.ts'
import { Shell } from '../layout.tsx'
import { type EvidenceFields, ReasonFields, summaryOf } from './edit.tsx'
import type { OwnButton } from './own-action.ts'

export interface OwnActionPageProps {
  readonly page: PageContext
  /** The form's fields as those of a model. */
  readonly model: Model
  readonly button: OwnButton
  readonly title: string
  readonly trail: readonly Crumb[]
  readonly current: string
  readonly cancelHref: string
  readonly rows: readonly FormField[]
  readonly pickers: ReadonlyMap<string, PickerOptions>
  readonly errors: Readonly<Record<string, readonly string[]>>
  readonly evidence: EvidenceFields
}

export function OwnActionPage(props: OwnActionPageProps): Html {
  const { page, model, button, title, rows, errors, evidence } = props
  const asks = evidence.asksReason || evidence.asksTicket
  return (
    <Shell page={page} title={title} breadcrumb={props.trail} current={props.current} narrow>
      <Form page={page} guarded={rows.length > 0} action={page.url(button.path)}>
        <PageHead title={title} below={button.own.description ?? undefined} />
        <div class="stack">
          <ErrorSummary
            page={page}
            errors={summaryOf(model, rows, errors)}
            title={nothingDone(page, errors)}
          />
          {rows.length > 0 && (
            <Card title="Details">
              <FieldGrid>
                {rows.map((row) => (
                  <FormWidget
                    page={page}
                    model={model}
                    row={row}
                    picker={props.pickers.get(row.field.name)}
                  />
                ))}
              </FieldGrid>
            </Card>
          )}
          {asks && (
            <Card title="For the audit log">
              <ReasonFields page={page} errors={errors} evidence={evidence} />
            </Card>
          )}
          <div class="step-actions">
            <LinkButton page={page} href={props.cancelHref}>
              Cancel
            </LinkButton>
            <Button
              page={page}
              variant={button.own.isDangerous ? 'danger-solid' : 'primary'}
              icon={button.icon}
            >
              {button.action.label}
            </Button>
          </div>
        </div>
      </Form>
    </Shell>
  )
}

function nothingDone(page: PageContext, errors: OwnActionPageProps['errors']): string {
  const count = Object.keys(errors).filter((name) => name !== '').length
  if (count === 0) return 'Nothing was done.'
  return `${page.format.plural(count, 'field needs', 'fields need')} attention. Nothing was done.`
}

interface OwnButtonProps {
  readonly page: PageContext
  readonly button: OwnButton
}

/** Whether the button itself does it: there is nothing to ask before. */
function isPlain({ own, action }: OwnButton): boolean {
  const { reason = false, tickets = [] } = action.obligations ?? {}
  return own.fields.length === 0 && !reason && tickets.length === 0
}

/** In the head of a page. */
export function OwnActionButton({ page, button }: OwnButtonProps): Html {
  const { action, icon } = button
  const href = page.url(button.path)
  if (!isPlain(button)) {
    return (
      <LinkButton page={page} href={href} icon={icon}>
        {action.label}…
      </LinkButton>
    )
  }
  return (
    <Form page={page} action={href}>
      <Button page={page} icon={icon}>
        {action.label}
      </Button>
    </Form>
  )
}

/** In the menu of what is done less often. */
export function OwnActionItem({ page, button }: OwnButtonProps): Html {
  const { action, icon, own } = button
  const href = page.url(button.path)
  if (!isPlain(button)) {
    return (
      <MenuLink page={page} href={href} icon={icon} danger={own.isDangerous}>
        {action.label}…
      </MenuLink>
    )
  }
  return (
    <Form page={page} action={href}>
      <MenuButton page={page} icon={icon} danger={own.isDangerous}>
        {action.label}
      </MenuButton>
    </Form>
  )
}

/** How many of them stand in the head of a page; the rest is in its menu. */
const IN_HEAD = 2

/** The buttons of the head, and the entries of the menu. What can't be undone is never a button of the head. */
export function splitButtons(buttons: readonly OwnButton[]): {
  readonly head: readonly OwnButton[]
  readonly menu: readonly OwnButton[]
} {
  const head = buttons.filter(({ own }) => !own.isDangerous).slice(0, IN_HEAD)
  return { head, menu: buttons.filter((button) => !head.includes(button)) }
}
