/** One record, to be read: its fields, what belongs to it, what happened to it, why one may see it. */

import type { RecordRead, RecordView } from '../../../gate/records.ts'
import type { Model } from '../../../model/model.ts'
import { Badge, toneOf } from '../components/badge.tsx'
import { LinkButton } from '../components/button.tsx'
import { Card, Columns, PageHead } from '../components/card.tsx'
import { Copy, type Definition, DefinitionList } from '../components/display.tsx'
import type { Html } from '../components/html.ts'
import { Menu, MenuLink, MenuRule } from '../components/menu.tsx'
import type { PageContext } from '../context.ts'
import { principalOf } from '../context.ts'
import { hasTones, ShowField, ShowValue } from '../fields/show.tsx'
import { labelOf } from '../fields/widget.ts'
import type { EventView } from '../security/event.ts'
import { EventList } from '../security/event-list.tsx'
import { type ShownLinks, ShownLinksCard } from './links.tsx'
import { canCreate } from './model-at.ts'
import { recordButtons } from './own-action.ts'
import { OwnActionButton, OwnActionItem, splitButtons } from './own-action-page.tsx'
import { modelPath, recordPath } from './paths.ts'
import { accessReasons, isInTrash, isLongValue, momentsOf, shownFields } from './record-view.ts'
import { RelatedCard, type RelatedRecords } from './related.tsx'

export interface RecordProps {
  readonly page: PageContext
  readonly model: Model
  /** The key as it stands in an address. */
  readonly encodedKey: string
  readonly read: RecordRead
  readonly links: readonly ShownLinks[]
  readonly related: readonly RelatedRecords[]
  /** The latest events, newest first; null where the history may not be read. */
  readonly activity: readonly EventView[] | null
}

export function RecordPage(props: RecordProps): Html {
  const { page, model, read, links, related } = props
  const { record } = read
  return (
    <>
      <PageHead
        title={recordHeading(model, record)}
        badges={<StatusBadges model={model} record={record} />}
        actions={<RecordActions {...props} />}
      />
      <Columns aside={<Aside {...props} />}>
        <Card title="Details">
          <DefinitionList layout="sheet" entries={sheetOf(props)} />
        </Card>
        {links.map((one) => (
          <ShownLinksCard page={page} links={one} />
        ))}
        {related.map((one) => (
          <RelatedCard page={page} related={one} />
        ))}
      </Columns>
    </>
  )
}

/** "Order #10482"; a title that already says what it is stands alone. */
export function recordHeading(model: Model, record: Pick<RecordView, 'title'>): string {
  return record.title.startsWith('#') ? `${model.label} ${record.title}` : record.title
}

/** The same within a sentence: "order #10482". */
export function recordName(model: Model, record: Pick<RecordView, 'title'>): string {
  return record.title.startsWith('#') ? `${model.label.toLowerCase()} ${record.title}` : record.title
}

function StatusBadges({ model, record }: { readonly model: Model; readonly record: RecordView }): Html {
  const statuses = model.fields.filter(
    (field) =>
      typeof record.values[field.name] === 'string' &&
      (field.type === 'enum' ? hasTones(field) : /(^|_)(status|state)$/.test(field.name)),
  )
  return (
    <>
      {isInTrash(model, record) && <Badge tone="bad">In the trash</Badge>}
      {statuses.slice(0, 3).map((field) => {
        const value = String(record.values[field.name])
        const label = field.choices?.find((choice) => choice.value === value)?.label ?? value
        return <Badge tone={toneOf(value)}>{label}</Badge>
      })}
    </>
  )
}

function RecordActions({ page, model, encodedKey, read }: RecordProps): Html {
  const path = recordPath(model.name, encodedKey)
  const may = (verb: string): boolean => read.verbs.includes(verb)
  const isDeletable = may('delete') || may('purge')
  const isCopied = canCreate(page, model)
  const { head, menu } = splitButtons(recordButtons(page, model, read))
  return (
    <>
      {may('history') && (
        <LinkButton page={page} href={page.url(`${path}/history`)} icon="history" shortcut="h">
          History
        </LinkButton>
      )}
      {may('restore') && (
        <LinkButton page={page} href={page.url(`${path}/restore`)} icon="rotate-ccw">
          Restore
        </LinkButton>
      )}
      {head.map((button) => (
        <OwnActionButton page={page} button={button} />
      ))}
      {may('update') && read.writable.length > 0 && (
        <LinkButton page={page} href={page.url(`${path}/edit`)} variant="primary" icon="pencil" shortcut="e">
          Edit
        </LinkButton>
      )}
      {(isDeletable || isCopied || menu.length > 0) && (
        <Menu page={page} id="record-actions" toStart button={{ icon: 'ellipsis', label: 'More actions' }}>
          {menu.map((button) => (
            <OwnActionItem page={page} button={button} />
          ))}
          {isCopied && (
            <MenuLink page={page} href={page.url(`${path}/duplicate`)} icon="copy">
              Duplicate
            </MenuLink>
          )}
          {isDeletable && (isCopied || menu.length > 0) && <MenuRule />}
          {may('delete') && (
            <MenuLink page={page} href={page.url(`${path}/delete`)} icon="trash-2" danger>
              Delete {model.label.toLowerCase()}…
            </MenuLink>
          )}
          {may('purge') && (
            <MenuLink page={page} href={page.url(`${path}/purge`)} icon="trash-2" danger>
              Delete for good…
            </MenuLink>
          )}
        </Menu>
      )}
    </>
  )
}

function sheetOf({ page, model, encodedKey, read }: RecordProps): readonly Definition[] {
  const { record, verbs } = read
  const revealPath = `${recordPath(model.name, encodedKey)}/reveal`
  return shownFields(model, record).map((field) => ({
    term: labelOf(model, field),
    full: isLongValue(field, record),
    value: (
      <ShowField
        page={page}
        model={model}
        field={field}
        record={record}
        as="sheet"
        revealHref={
          verbs.includes('reveal')
            ? page.url(`${revealPath}?field=${encodeURIComponent(field.name)}`)
            : undefined
        }
      />
    ),
  }))
}

function Aside(props: RecordProps): Html {
  const { page, model, encodedKey, activity, read } = props
  const path = recordPath(model.name, encodedKey)
  return (
    <>
      <Card title="Record">
        <DefinitionList entries={aboutOf(props)} />
      </Card>
      {activity && (
        <Card
          title="Activity"
          aside={
            <a class="link" href={page.url(`${path}/history`)}>
              View all
            </a>
          }
        >
          {activity.length > 0 ? (
            <EventList page={page} events={activity} isAboutOne />
          ) : (
            <p class="muted">Nothing has been recorded about it yet.</p>
          )}
        </Card>
      )}
      <WhyCard page={page} model={model} canEdit={read.verbs.includes('update')} />
    </>
  )
}

function aboutOf({ page, model, encodedKey, read }: RecordProps): readonly Definition[] {
  const { record } = read
  return [
    {
      term: 'Key',
      value: (
        <Copy page={page} text={encodedKey} what="key">
          {encodedKey}
        </Copy>
      ),
    },
    ...(record.version === null
      ? []
      : [{ term: 'Version', value: record.version.slice(0, 8), isCode: true }]),
    ...momentsOf(model, record).map(({ label, field }) => ({
      term: label,
      value: <ShowValue page={page} field={field} value={record.values[field.name] ?? null} as="cell" />,
    })),
  ]
}

function WhyCard({
  page,
  model,
  canEdit,
}: {
  readonly page: PageContext
  readonly model: Model
  readonly canEdit: boolean
}): Html {
  const { roles } = principalOf(page).subject
  const reasons = accessReasons(page.house.gate.policy.document, roles, model.name)
  return (
    <Card title="Why can I see this?">
      {reasons.length === 0 && <p class="muted">A rule for everyone who is signed in permits it.</p>}
      <ul class="reasons">
        {reasons.map((reason) => (
          <li>
            <p>
              <span class="strong">{reason.role}</span> {reason.sentence}
            </p>
            <p class="hint">
              <code>{reason.id}</code>
            </p>
          </li>
        ))}
      </ul>
      {!canEdit && <p class="hint">You may not change it. Whoever manages roles can grant that.</p>}
    </Card>
  )
}

/** The trail to a record: its list, then itself. */
export function recordTrail(
  page: PageContext,
  model: Model,
  encodedKey: string,
  title: string,
  last?: string,
): readonly { readonly label: string; readonly href?: string }[] {
  const list = { label: model.labelPlural, href: page.url(modelPath(model.name)) }
  if (last === undefined) return [list, { label: title }]
  return [list, { label: title, href: page.url(recordPath(model.name, encodedKey)) }, { label: last }]
}
