/** Answers the audit explorer, one event, and a verification. */

import { AdminError } from '../../../errors.ts'
import type { AuditList, AuditRead, AuditVerified } from '../../../gate/recorded.ts'
import type { Filter } from '../../../model/filter.ts'
import { read } from '../ask.ts'
import type { PageContext } from '../context.ts'
import { Shell } from '../layout.tsx'
import { performForm, postedForm } from '../perform.tsx'
import { render } from '../render.ts'
import { logCondition } from './alarms.ts'
import { AuditPage, type AuditProps } from './audit.tsx'
import { type AuditAddress, auditFilters, NEWEST_FIRST, readAuditAddress } from './audit-address.ts'
import { answerErase, type Refused } from './audit-erase.tsx'
import { AuditEventPage } from './audit-event.tsx'

const PER_PAGE = 50
const MODEL = 'castellan.audit'

export function answerAudit(page: PageContext): Promise<Response> {
  return show(page, null)
}

/** Verifies the log and shows what was found above the events. */
export async function answerVerify(page: PageContext): Promise<Response> {
  const performed = await performForm<AuditVerified>(page, postedForm(page), {
    action: `${MODEL}.verify`,
    input: {},
    title: 'Verify the audit log',
    purpose: 'verify the audit log',
    breadcrumb: [{ label: 'Audit log', href: page.url('/audit') }, { label: 'Verify' }],
    current: '/audit',
    cancelHref: page.url('/audit'),
    submitLabel: 'Verify',
  })
  if (performed.kind === 'answer') return performed.response
  const { report, lines } = performed.result
  return show(performed.page, { isGood: report.kind === 'verified', lines })
}

async function show(page: PageContext, verified: AuditProps['verified']): Promise<Response> {
  const address = readAuditAddress(new URL(page.c.req.url).searchParams)
  const [list, condition] = await Promise.all([events(page, address), logCondition(page)])
  return render(
    page,
    <Shell
      page={page}
      title="Audit log"
      breadcrumb={[{ label: 'Security' }, { label: 'Audit log' }]}
      current="/audit"
    >
      <AuditPage page={page} address={address} list={list} condition={condition} verified={verified} />
    </Shell>,
  )
}

/** A cursor of another search gives the newest. */
async function events(page: PageContext, address: AuditAddress): Promise<AuditList> {
  const input = {
    // To the minute, so that a cursor still fits the list it came from.
    filters: auditFilters(address, Math.floor(page.house.clock() / 60_000) * 60_000),
    search: address.search || null,
    sort: NEWEST_FIRST,
    limit: PER_PAGE,
  }
  try {
    return await read<AuditList>(page, {
      action: `${MODEL}.list`,
      input: { ...input, cursor: address.cursor },
    })
  } catch (error) {
    if (address.cursor === null || !(error instanceof AdminError) || error.code !== 'invalid-input')
      throw error
    return read<AuditList>(page, { action: `${MODEL}.list`, input })
  }
}

/** By number, or by id while an event has none. */
export async function answerEvent(page: PageContext): Promise<Response> {
  return showEvent(page, await eventAt(page))
}

/** Erases the personal values that the log holds of the record that the event is about. */
export async function answerEraseAt(page: PageContext): Promise<Response> {
  const found = await eventAt(page)
  return answerErase(page, found, (now, wrong) => showEvent(now, found, wrong))
}

async function eventAt(page: PageContext): Promise<AuditRead> {
  return await read<AuditRead>(page, { action: `${MODEL}.read`, key: await keyAt(page) })
}

function showEvent(page: PageContext, found: AuditRead, erasing?: Refused): Promise<Response> {
  const label = found.sequence === null ? 'Event' : `Event ${found.sequence}`
  return render(
    page,
    <Shell
      page={page}
      title={label}
      breadcrumb={[{ label: 'Security' }, { label: 'Audit log', href: page.url('/audit') }, { label }]}
      current="/audit"
    >
      <AuditEventPage page={page} read={found} {...(erasing && { erasing })} />
    </Shell>,
    erasing?.status ?? 200,
  )
}

async function keyAt(page: PageContext): Promise<string> {
  const place = page.c.req.param('sequence') ?? ''
  if (/^[0-9a-f]{32}$/.test(place)) return place
  if (!/^[1-9]\d{0,14}$/.test(place)) throw notThere(place)
  const filters: readonly Filter[] = [{ field: 'sequence', operator: 'eq', value: BigInt(place) }]
  const list = await read<AuditList>(page, { action: `${MODEL}.list`, input: { filters, limit: 1 } })
  const key = list.records[0]?.key
  if (!key) throw notThere(place)
  return key
}

function notThere(place: string): AdminError {
  return new AdminError('not-found', `No event "${place}".`)
}
