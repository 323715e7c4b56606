/** Handing over the events that the explorer shows as a file, and the form that asks for it. */

import { AdminError } from '../../../errors.ts'
import { Unreasoned } from '../../../gate/evidence.ts'
import type { AuditExport } from '../../../gate/recorded.ts'
import { Form } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import { Menu, MenuButton, MenuLabel } from '../components/menu.tsx'
import { isPossible, type PageContext, pageContext } from '../context.ts'
import { type Asked, askReason, performForm, postedForm } from '../perform.tsx'
import { fileResponse } from '../record/own-action-route.tsx'
import { type AuditAddress, auditAddress, auditFilters, readAuditAddress } from './audit-address.ts'

const ACTION = 'castellan.audit.export'

const FORMATS = [
  { value: 'csv', label: 'CSV' },
  { value: 'jsonl', label: 'JSON Lines' },
  { value: 'ocsf', label: 'OCSF' },
  { value: 'ecs', label: 'ECS' },
  { value: 'cef', label: 'CEF' },
  { value: 'otel', label: 'OpenTelemetry' },
] as const

/** What the filters of that address match. */
export function DownloadForm({
  page,
  address,
}: {
  readonly page: PageContext
  readonly address: AuditAddress
}): Html | null {
  if (!isPossible(page, ACTION)) return null
  return (
    <Menu page={page} id="export-events" toStart button={{ icon: 'download', children: 'Export' }}>
      <Form page={page} action={auditAddress(page.url('/audit/export'), address)}>
        <MenuLabel>What is shown, as</MenuLabel>
        {FORMATS.map(({ value, label }) => (
          <MenuButton page={page} name="format" value={value}>
            {label}
          </MenuButton>
        ))}
      </Form>
    </Menu>
  )
}

export async function answerDownload(page: PageContext): Promise<Response> {
  const form = postedForm(page)
  const address = readAuditAddress(new URL(page.c.req.url).searchParams)
  const asked: Asked = {
    action: ACTION,
    input: {
      format: form.fields['format'] ?? 'csv',
      matching: { filters: auditFilters(address, page.house.clock()), search: address.search || null },
    },
    title: 'Export events of the audit log',
    purpose: 'export events of the audit log',
    breadcrumb: [{ label: 'Audit log', href: page.url('/audit') }, { label: 'Export' }],
    current: '/audit',
    cancelHref: auditAddress(page.url('/audit'), address),
    submitLabel: 'Export',
    shownPlan: form.fields['_plan'] ?? null,
  }
  try {
    const performed = await performForm<AuditExport>(page, form, asked)
    if (performed.kind === 'answer') return performed.response
    const { file } = performed.result
    if (!file) throw new AdminError('internal', 'The export holds no file.')
    return fileResponse(performed.page, file)
  } catch (error) {
    if (!(error instanceof Unreasoned)) throw error
    return askReason(pageContext(page.c, page.house), form, asked, error)
  }
}
