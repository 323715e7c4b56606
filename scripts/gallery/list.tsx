/** A list as record pages build theirs. */

import { Avatar, Badge, toneOf } from '../../src/faces/pages/components/badge.tsx'
import { Button, LinkButton } from '../../src/faces/pages/components/button.tsx'
import { PageHead, Tabs } from '../../src/faces/pages/components/card.tsx'
import { DateTime } from '../../src/faces/pages/components/display.tsx'
import { SearchInput } from '../../src/faces/pages/components/field.tsx'
import type { Html } from '../../src/faces/pages/components/html.ts'
import {
  Chip,
  Menu,
  MenuButton,
  MenuLabel,
  MenuLink,
  MenuRule,
  Toolbar,
} from '../../src/faces/pages/components/menu.tsx'
import { type Column, DataTable, Pager, RowLink } from '../../src/faces/pages/components/table.tsx'
import type { PageContext } from '../../src/faces/pages/context.ts'
import { Shell } from '../../src/faces/pages/layout.tsx'
import { NOW } from './world.ts'

interface Order {
  readonly id: number
  readonly customer: string
  readonly payment: string
  readonly fulfilment: string
  readonly total: string
  readonly placedAt: number
}

const NAMES = [
  'Amara Okafor',
  'Lena Fischer',
  'Mateo Silva',
  'Priya Raman',
  'Jonas Lindqvist',
  'Omar Haddad',
  'Sofia Rossi',
]
const PAYMENTS = ['Paid', 'Pending', 'Refunded', 'Failed', 'Paid', 'Authorised', 'Paid']
const FULFILMENTS = ['Shipped', 'Unfulfilled', 'Packing', 'On hold', 'Returned']

const ORDERS: readonly Order[] = Array.from({ length: 15 }, (_, index) => ({
  id: 10482 - index,
  customer: NAMES[(index * 5) % 7] ?? '',
  payment: PAYMENTS[(index * 3) % 7] ?? '',
  fulfilment: FULFILMENTS[(index * 2) % 5] ?? '',
  total: `${((index * 7919) % 180000) / 100 + 12}`,
  placedAt: NOW - index * index * 47 * 60_000 - 180_000,
}))

function columnsOf(page: PageContext): readonly Column<Order>[] {
  return [
    {
      label: 'Order',
      sort: { href: '?sort=id', direction: null },
      phone: 'title',
      cell: ({ id }) => <RowLink href="/record">#{id}</RowLink>,
    },
    {
      label: 'Customer',
      sort: { href: '?sort=customer', direction: null },
      phone: 'subtitle',
      cell: ({ customer }) => (
        <span class="person">
          <Avatar page={page} name={customer} />
          {customer}
        </span>
      ),
    },
    {
      label: 'Payment',
      phone: 'status',
      cell: ({ payment }) => <Badge tone={toneOf(payment)}>{payment}</Badge>,
    },
    {
      label: 'Fulfilment',
      phone: 'hidden',
      cell: ({ fulfilment }) => <Badge tone={toneOf(fulfilment)}>{fulfilment}</Badge>,
    },
    {
      label: 'Total',
      align: 'end',
      phone: 'value',
      sort: { href: '?sort=total', direction: null },
      cell: ({ total }) => <span class="strong">{page.format.money(total, 'USD')}</span>,
    },
    {
      label: 'Placed',
      phone: 'hidden',
      sort: { href: '?sort=placed_at', direction: 'desc' },
      cell: ({ placedAt }) => <DateTime page={page} at={placedAt} />,
    },
    {
      label: 'Actions',
      isLabelHidden: true,
      phone: 'action',
      cell: ({ id }) => (
        <LinkButton
          page={page}
          variant="ghost"
          small
          icon="ellipsis"
          label={`Actions for order ${id}`}
          href="#"
        />
      ),
    },
  ]
}

export function OrderList({ page }: { readonly page: PageContext }): Html {
  return (
    <Shell
      page={page}
      title="Orders"
      current="/m/orders"
      breadcrumb={[{ label: 'Commerce' }, { label: 'Orders' }]}
    >
      <PageHead
        title="Orders"
        note="1,284 records"
        actions={
          <>
            <LinkButton page={page} icon="upload" href="#" class="secondary">
              Import
            </LinkButton>
            <LinkButton page={page} icon="download" href="#" class="secondary">
              Export
            </LinkButton>
            <LinkButton
              page={page}
              variant="primary"
              icon="plus"
              href="/edit"
              shortcut="c"
              data-command="New order"
            >
              New order
            </LinkButton>
          </>
        }
      />
      <Tabs
        label="Saved views"
        tabs={[
          { label: 'All', href: '#', count: '1,284', isCurrent: true },
          { label: 'Unpaid', href: '#', count: '552' },
          { label: 'To ship', href: '#', count: '257' },
          { label: 'Flagged by risk', href: '#', count: '9' },
          { label: 'EU wholesale', href: '#', count: '73' },
        ]}
      />
      <Toolbar
        end={
          <Menu page={page} id="columns" toStart button={{ icon: 'columns-3', children: 'Columns' }}>
            <MenuLabel>Columns</MenuLabel>
            <MenuButton page={page} chosen>
              Payment
            </MenuButton>
            <MenuRule />
            <MenuLink page={page} href="#" danger icon="trash-2">
              Reset
            </MenuLink>
          </Menu>
        }
      >
        <form>
          <SearchInput
            page={page}
            name="q"
            label="Search orders"
            placeholder="Search number, customer, email"
          />
        </form>
        <Chip page={page} field="Placed" value="last 30 days" removeHref="#" />
        <Chip page={page} field="Channel" value="is Web or Retail" removeHref="#" />
        <Menu
          page={page}
          id="filters"
          button={{ variant: 'ghost', icon: 'list-filter', children: 'Filter', shortcut: 'f' }}
        >
          <MenuLabel>Add a filter</MenuLabel>
          <MenuLink page={page} href="#">
            Payment status
          </MenuLink>
          <MenuLink page={page} href="#">
            Total
          </MenuLink>
        </Menu>
        <noscript>
          <Button page={page}>Search</Button>
        </noscript>
      </Toolbar>
      <DataTable
        page={page}
        label="Orders"
        columns={columnsOf(page)}
        rows={ORDERS}
        foot={<Pager page={page} summary="1–15 of 1,284" previous={null} next="?cursor=x" />}
      />
    </Shell>
  )
}
