/** The other pages of the gallery. */

import { Avatar, Badge } from '../../src/faces/pages/components/badge.tsx'
import { Button, LinkButton } from '../../src/faces/pages/components/button.tsx'
import { Card, Columns, PageHead } from '../../src/faces/pages/components/card.tsx'
import {
  Copy,
  DateTime,
  DefinitionList,
  Empty,
  Kpi,
  Kpis,
  MaskedValue,
  Meters,
  None,
} from '../../src/faces/pages/components/display.tsx'
import {
  Checkbox,
  controlTies,
  Field,
  Input,
  Radio,
  RelationPicker,
  Select,
  Switch,
  Textarea,
  TextField,
} from '../../src/faces/pages/components/field.tsx'
import { ErrorSummary, FieldGrid, Form, Note, SaveBar } from '../../src/faces/pages/components/form.tsx'
import type { Html } from '../../src/faces/pages/components/html.ts'
import { Icon } from '../../src/faces/pages/components/icon.tsx'
import { Chip, Menu, MenuLink, Toolbar } from '../../src/faces/pages/components/menu.tsx'
import { type Column, DataTable } from '../../src/faces/pages/components/table.tsx'
import {
  Diff,
  More,
  Timeline,
  TimelineDay,
  TimelineEntry,
} from '../../src/faces/pages/components/timeline.tsx'
import type { PageContext } from '../../src/faces/pages/context.ts'
import { Shell } from '../../src/faces/pages/layout.tsx'
import { NOW } from './world.ts'

interface PageProps {
  readonly page: PageContext
}

const HOUR = 3_600_000
const ORDER_TRAIL = [{ label: 'Orders', href: '/list' }, { label: '#10482' }]

export function Dashboard({ page }: PageProps): Html {
  return (
    <Shell page={page} title="Dashboard" current="/" breadcrumb={[{ label: 'Dashboard' }]}>
      <PageHead
        title="Good morning, Dana"
        below={`${page.format.day(NOW)} · all times ${page.format.timeZone}`}
      />
      <div class="stack">
        <Kpis>
          <Kpi label="Orders" value="1,284" note="as of now" href="/list" />
          <Kpi label="Customers" value="8,911" note="as of now" />
          <Kpi label="People" value="4" note="2 superadmins" />
          <Kpi label="Refusals today" value="37" note="in the audit log" />
        </Kpis>
        <div class="dashboard-grid">
          <Card title="Recent changes" aside={<a href="/audit">Audit log</a>}>
            <Activity page={page} />
          </Card>
          <Card title="Orders by channel">
            <Meters
              rows={[
                { label: 'Web', value: 712, text: '712' },
                { label: 'Marketplace', value: 389, text: '389' },
                { label: 'Retail', value: 183, text: '183' },
              ]}
            />
          </Card>
        </div>
      </div>
    </Shell>
  )
}

function Activity({ page }: PageProps): Html {
  return (
    <Timeline small>
      <TimelineEntry
        page={page}
        small
        actor="Dana Ruiz"
        sentence="changed Payment status"
        facts={[<DateTime page={page} at={NOW - 180_000} />]}
      />
      <TimelineEntry
        page={page}
        small
        actor="Jonas Lindqvist"
        sentence="added a note"
        facts={[<DateTime page={page} at={NOW - 2 * HOUR} />]}
      />
      <TimelineEntry
        page={page}
        small
        actor="System"
        isSystem
        sentence="created the order"
        facts={[<DateTime page={page} at={NOW - 30 * HOUR} />]}
      />
    </Timeline>
  )
}

function RecordAside({ page }: PageProps): Html {
  return (
    <>
      <Card title="Record">
        <DefinitionList
          entries={[
            {
              term: 'ID',
              value: (
                <Copy page={page} text="10482" what="id">
                  10482
                </Copy>
              ),
            },
            { term: 'Version', value: '7' },
            { term: 'Created', value: <DateTime page={page} at={NOW - 8 * HOUR} as="dateTime" /> },
            { term: 'Updated', value: <DateTime page={page} at={NOW - 180_000} /> },
          ]}
        />
      </Card>
      <Card title="Activity" aside={<a href="/audit">View all</a>}>
        <Activity page={page} />
      </Card>
    </>
  )
}

export function RecordPage({ page }: PageProps): Html {
  return (
    <Shell
      page={page}
      title="Order #10482"
      current="/m/orders"
      breadcrumb={ORDER_TRAIL}
      toast={
        <>
          Order #10482 saved. <a href="/audit">See the event</a>
        </>
      }
    >
      <PageHead
        title="Order #10482"
        badges={
          <>
            <Badge tone="ok">Paid</Badge>
            <Badge tone="info">Packing</Badge>
          </>
        }
        actions={
          <>
            <LinkButton page={page} icon="history" href="/audit" shortcut="h" class="secondary">
              History
            </LinkButton>
            <LinkButton page={page} variant="primary" icon="pencil" href="/edit" shortcut="e">
              Edit
            </LinkButton>
            <Menu page={page} id="more" toStart button={{ icon: 'ellipsis', label: 'More actions' }}>
              <MenuLink page={page} icon="copy" href="/parts">
                Duplicate
              </MenuLink>
              <MenuLink page={page} icon="trash-2" danger href="/confirm">
                Delete order…
              </MenuLink>
            </Menu>
          </>
        }
      />
      <Columns aside={<RecordAside page={page} />}>
        <Card title="Details">
          <DefinitionList
            layout="sheet"
            entries={[
              {
                term: 'Customer',
                value: (
                  <a class="link" href="/parts">
                    Amara Okafor
                  </a>
                ),
              },
              { term: 'Contact e-mail', value: <bdi dir="ltr">amara@okafor.example</bdi> },
              { term: 'Total', value: page.format.money('1299.80', 'USD') },
              { term: 'Discount', value: <None /> },
              { term: 'Tax number', value: <MaskedValue page={page} label="Tax number" revealHref="#" /> },
              { term: 'Placed', value: <DateTime page={page} at={NOW - 8 * HOUR} as="dateTime" /> },
              { term: 'Internal note', value: 'Customer asked to hold delivery until Friday.', full: true },
            ]}
          />
        </Card>
        <Card title="Order items" aside="3 items" flush>
          <ItemTable page={page} />
        </Card>
      </Columns>
    </Shell>
  )
}

interface Item {
  readonly name: string
  readonly quantity: number
  readonly price: string
}

const ITEMS: readonly Item[] = [
  { name: 'Walnut desk organiser', quantity: 2, price: '48.00' },
  { name: 'Linen notebook A5', quantity: 5, price: '14.50' },
  { name: 'Brass page markers', quantity: 1, price: '22.00' },
]

function ItemTable({ page }: PageProps): Html {
  const columns: readonly Column<Item>[] = [
    { label: 'Product', phone: 'title', cell: ({ name }) => <span class="strong">{name}</span> },
    { label: 'Quantity', align: 'end', cell: ({ quantity }) => String(quantity) },
    { label: 'Price', align: 'end', cell: ({ price }) => page.format.money(price, 'USD') },
  ]
  return <DataTable page={page} label="Items of this order" columns={columns} rows={ITEMS} />
}

export function EditForm({ page }: PageProps): Html {
  const email = {
    id: 'email',
    label: 'Contact e-mail',
    error: 'Contact e-mail must include a domain such as example.com.',
    required: true,
  }
  const customer = {
    id: 'customer',
    label: 'Customer',
    hint: 'Type to search 8,911 customers by name or e-mail.',
    required: true,
  }
  return (
    <Shell page={page} title="Edit order #10482" current="/m/orders" breadcrumb={ORDER_TRAIL}>
      <Form page={page} guarded action="/edit">
        <PageHead title="Edit order #10482" badges={<Badge tone="ok">Paid</Badge>} />
        <ErrorSummary
          page={page}
          errors={[
            { field: 'email', message: email.error },
            { field: 'total', message: 'Total must be at least 0.00.' },
          ]}
        />
        <Columns aside={<RecordAside page={page} />}>
          <Card title="Details">
            <FieldGrid>
              <Field page={page} {...customer}>
                <RelationPicker page={page} source="/lookup" label="customers">
                  <Select
                    {...controlTies(customer)}
                    name="customer_id"
                    value="1"
                    options={[
                      { value: '1', label: 'Amara Okafor' },
                      { value: '2', label: 'Lena Fischer' },
                    ]}
                  />
                </RelationPicker>
              </Field>
              <TextField page={page} {...email} type="email" name="email" value="amara@okafor" />
              <Field page={page} id="status" label="Payment status">
                <Select
                  id="status"
                  name="status"
                  value="paid"
                  options={[
                    { value: 'paid', label: 'Paid' },
                    { value: 'pending', label: 'Pending' },
                  ]}
                />
              </Field>
              <TextField
                page={page}
                id="total"
                name="total"
                label="Total"
                class="number"
                inputmode="decimal"
                value="-20.00"
                error="Total must be at least 0.00."
              />
              <Field page={page} id="placed" label="Placed on" hint="Europe/Berlin">
                <Input id="placed" type="datetime-local" name="placed" value="2026-11-20T09:41" />
              </Field>
              <Field page={page} id="priority" label="Priority" group>
                <Checkbox name="priority" value="true" checked hint="Before all other orders of the day.">
                  Ship within 24 hours
                </Checkbox>
              </Field>
              <Field page={page} id="channel" label="Channel" group>
                <div class="choices">
                  <Radio name="channel" value="web" checked>
                    Web
                  </Radio>
                  <Radio name="channel" value="retail">
                    Retail
                  </Radio>
                </div>
              </Field>
              <Field page={page} id="gift" label="Gift" group>
                <Switch name="gift" value="true">
                  Wrap it as a gift
                </Switch>
              </Field>
              <Field page={page} id="note" label="Internal note" hint="Visible to staff only." full>
                <Textarea id="note" name="note" value="Customer asked to hold delivery until Friday." />
              </Field>
              <Field page={page} id="number" label="Order number" full>
                <p class="read-only">
                  <Icon page={page} name="lock" small />
                  10482
                </p>
              </Field>
            </FieldGrid>
          </Card>
        </Columns>
        <SaveBar page={page} cancelHref="/record">
          <Button page={page} name="then" value="stay" class="hide-on-phone">
            Save and keep editing
          </Button>
        </SaveBar>
      </Form>
    </Shell>
  )
}

const LINES = [
  { label: 'Payment status', before: 'Pending', after: 'Paid' },
  { label: 'Shipping address', before: '14 Elm Street, Leeds LS1', after: '9 Oak Road, York YO1' },
  { label: 'Internal note', before: null, after: 'Customer asked to hold delivery until Friday.' },
  { label: 'Tax number', before: null, after: null, isMasked: true },
]

export function AuditLog({ page }: PageProps): Html {
  return (
    <Shell
      page={page}
      title="Audit log"
      current="/audit"
      breadcrumb={[{ label: 'Security' }, { label: 'Audit log' }]}
    >
      <PageHead
        title="Audit log"
        badges={<Badge tone="ok">Log verified 11:50</Badge>}
        actions={
          <LinkButton page={page} icon="badge-check" href="/parts">
            Verify now
          </LinkButton>
        }
      />
      <Toolbar>
        <Chip page={page} field="Action" value="all but reads" removeHref="#" />
        <Chip page={page} field="total:gt" value="filter ignored" removeHref="#" bad />
      </Toolbar>
      <section>
        <TimelineDay>{page.format.day(NOW)}</TimelineDay>
        <Timeline>
          <TimelineEntry
            page={page}
            actor="Dana Ruiz"
            sentence={
              <>
                updated <a href="/record">Order #10482</a>
              </>
            }
            facts={[
              <DateTime page={page} at={NOW} as="time" />,
              '203.0.113.24',
              'Ticket SUP-2291: customer changed address',
            ]}
          >
            <Diff lines={LINES} />
            <More page={page}>
              <p class="facts">
                <code>seq 12408</code>
                <code>leaf 9f2c…e1</code>
              </p>
            </More>
          </TimelineEntry>
          <TimelineEntry
            page={page}
            actor="Jonas Lindqvist"
            sentence={
              <>
                was denied <a href="/parts">Export of Customers</a>
              </>
            }
            badges={<Badge tone="bad">Denied</Badge>}
            facts={[<DateTime page={page} at={NOW - HOUR} as="time" />, '198.51.100.7']}
          />
          <TimelineEntry
            page={page}
            actor="System"
            isSystem
            sentence="sealed 214 events"
            badges={<Badge tone="info">Bulk</Badge>}
            facts={[<DateTime page={page} at={NOW - 2 * HOUR} as="time" />]}
          />
        </Timeline>
      </section>
    </Shell>
  )
}

export function EmptyList({ page }: PageProps): Html {
  return (
    <Shell page={page} title="Coupons" breadcrumb={[{ label: 'Coupons' }]}>
      <PageHead title="Coupons" note="0 records" />
      <DataTable
        page={page}
        label="Coupons"
        columns={[{ label: 'Code', cell: () => '' }]}
        rows={[]}
        empty={
          <Empty
            page={page}
            icon="search"
            title="No coupons match"
            action={
              <LinkButton page={page} href="/parts">
                Clear filters
              </LinkButton>
            }
          >
            Try fewer filters or another word.
          </Empty>
        }
      />
    </Shell>
  )
}

export function Parts({ page }: PageProps): Html {
  return (
    <Shell page={page} title="Parts" breadcrumb={[{ label: 'Parts' }]} narrow>
      <PageHead title="Parts" note="each once" />
      <div class="stack">
        <Card title="Buttons">
          <div class="cluster">
            <Button page={page} variant="primary" icon="check">
              Primary
            </Button>
            <Button page={page}>Default</Button>
            <Button page={page} variant="ghost">
              Ghost
            </Button>
            <Button page={page} variant="danger" icon="trash-2">
              Danger
            </Button>
            <Button page={page} variant="danger-solid">
              Delete 3 orders
            </Button>
            <Button page={page} disabled>
              Disabled
            </Button>
            <Button page={page} small icon="copy">
              Small
            </Button>
            <Button page={page} icon="ellipsis" label="More" />
          </div>
        </Card>
        <Card title="Badges and people">
          <div class="cluster">
            <Badge>Refunded</Badge>
            <Badge tone="ok">Paid</Badge>
            <Badge tone="warn">Pending</Badge>
            <Badge tone="bad">Failed</Badge>
            <Badge tone="info">Authorised</Badge>
            <Badge plain>Superadmin</Badge>
            {['Amara Okafor', 'Lena Fischer', 'Mateo Silva', 'Priya Raman', 'Yuki Tanaka', 'Omar'].map(
              (name) => (
                <Avatar page={page} name={name} large />
              ),
            )}
            <Avatar page={page} name="System" system large />
          </div>
        </Card>
        <Card title="Notes">
          <div class="stack">
            <Note page={page}>Deletions are recorded with a reason.</Note>
            <Note page={page} tone="ok">
              The log is verified.
            </Note>
            <Note page={page} tone="warn" title="Read-only mode">
              Nothing can be changed until 14:00.
            </Note>
            <Note page={page} tone="bad">
              The e-mail or the password is wrong.
            </Note>
            <Note page={page} tone="neutral">
              Rules are written in code here.
            </Note>
          </div>
        </Card>
      </div>
    </Shell>
  )
}
