/** What the audit explorer shows and leaves out: a search, a chip for each filter, and a form for all of them. */

import { Button } from '../components/button.tsx'
import { Checkbox, Input, SearchInput, Select } from '../components/field.tsx'
import type { Child, Html } from '../components/html.ts'
import { Chip, Menu, MenuLabel, Toolbar } from '../components/menu.tsx'
import type { PageContext } from '../context.ts'
import { type AuditAddress, auditAddress, OUTCOMES, PERIODS } from './audit-address.ts'

export function AuditFilters({
  page,
  address,
}: {
  readonly page: PageContext
  readonly address: AuditAddress
}): Html {
  const path = page.url('/audit')
  return (
    <Toolbar>
      <form method="get" action={path} role="search">
        <SearchInput
          page={page}
          label="Search the audit log"
          name="q"
          value={address.search}
          placeholder="Search who, record, reason"
          maxlength={200}
        />
        <AddressState address={address} except="q" />
      </form>
      <AuditChips page={page} address={address} />
      <Menu
        page={page}
        id="audit-filters"
        button={{ variant: 'ghost', icon: 'list-filter', shortcut: 'f', children: 'Filter' }}
      >
        <MenuLabel>Show only</MenuLabel>
        <AuditFilterForm page={page} address={address} />
      </Menu>
    </Toolbar>
  )
}

/** Each filter in force; the period and the reads always say how they stand. */
function AuditChips({ page, address }: { readonly page: PageContext; readonly address: AuditAddress }): Html {
  const path = page.url('/audit')
  const chips: readonly (readonly [keyof AuditAddress, string, string])[] = [
    ['actor', 'Who', `contains ${address.actor}`],
    ['action', 'Action', `contains ${address.action}`],
    ['model', 'Model', `is ${page.house.gate.models.get(address.model)?.labelPlural ?? address.model}`],
    ['record', 'Record', `is ${address.record}`],
    ['outcome', 'Outcome', `is ${address.outcome}`],
    ['ip', 'Address', `starts with ${address.ip}`],
    ['session', 'Session', `starts with ${address.session.slice(0, 16)}`],
    ['request', 'Request', `is ${address.request}`],
  ]
  const period = PERIODS.find((one) => one.value === address.period)
  return (
    <>
      {chips
        .filter(([name]) => address[name] !== '')
        .map(([name, field, value]) => (
          <Chip
            page={page}
            field={field}
            value={value}
            removeHref={auditAddress(path, address, { [name]: '' })}
          />
        ))}
      {address.period !== '' && period && (
        <Chip
          page={page}
          field="Period"
          value={period.label.toLowerCase()}
          removeHref={auditAddress(path, address, { period: '' })}
        />
      )}
      {!address.withReads && (
        <Chip
          page={page}
          field="Action"
          value="all but reads"
          removeHref={auditAddress(path, address, { withReads: true })}
        />
      )}
    </>
  )
}

function AddressState({
  address,
  except,
}: {
  readonly address: AuditAddress
  readonly except: string
}): Html {
  const [, query = ''] = auditAddress('', address).split('?')
  return (
    <>
      {[...new URLSearchParams(query)]
        .filter(([name]) => name !== except)
        .map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
    </>
  )
}

function AuditFilterForm({
  page,
  address,
}: {
  readonly page: PageContext
  readonly address: AuditAddress
}): Html {
  const models = [...page.house.gate.models.values()].map((model) => ({
    value: model.name,
    label: model.labelPlural,
  }))
  return (
    <form method="get" action={page.url('/audit')} class="filter-form">
      {address.search && <input type="hidden" name="q" value={address.search} />}
      <Labelled label="Who">
        <Input name="actor" value={address.actor} maxlength={200} autocomplete="off" />
      </Labelled>
      <Labelled label="Action">
        <Input
          name="action"
          value={address.action}
          placeholder="orders.update"
          maxlength={200}
          autocomplete="off"
        />
      </Labelled>
      <Labelled label="Model">
        <Select name="model" options={models} value={address.model} blank="Any" />
      </Labelled>
      <Labelled label="Record key">
        <Input name="record" value={address.record} maxlength={200} autocomplete="off" />
      </Labelled>
      <Labelled label="Outcome">
        <Select
          name="outcome"
          options={OUTCOMES.map((value) => ({ value, label: value }))}
          value={address.outcome}
          blank="Any"
        />
      </Labelled>
      <Labelled label="Address">
        <Input name="ip" value={address.ip} placeholder="203.0.113." maxlength={200} autocomplete="off" />
      </Labelled>
      <Labelled label="Session">
        <Input name="session" value={address.session} maxlength={200} autocomplete="off" />
      </Labelled>
      <Labelled label="Request id">
        <Input name="request" value={address.request} maxlength={200} autocomplete="off" />
      </Labelled>
      <Labelled label="Period">
        <Select name="period" options={PERIODS} value={address.period} />
      </Labelled>
      <Checkbox name="reads" value="1" checked={address.withReads}>
        Reads and lists too
      </Checkbox>
      <Button page={page} variant="primary" small>
        Show
      </Button>
    </form>
  )
}

function Labelled({ label, children }: { readonly label: string; readonly children?: Child }): Html {
  return (
    <label class="filter-line">
      <span>{label}</span>
      {children}
    </label>
  )
}
