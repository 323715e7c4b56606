/** Ending one of one's own sessions, through the gate as any other. */

import type { PageContext } from '../context.ts'
import { performForm, postedForm } from '../perform.tsx'

export async function endSession(page: PageContext, key: string): Promise<Response> {
  const performed = await performForm(page, postedForm(page), {
    action: 'castellan.sessions.end',
    key,
    input: {},
    title: 'End session',
    purpose: 'end this session',
    breadcrumb: [{ label: 'Profile', href: page.url('/profile') }, { label: 'End session' }],
    current: '/profile',
    cancelHref: page.url('/profile'),
    submitLabel: 'End session',
  })
  if (performed.kind === 'answer') return performed.response
  return page.c.redirect(page.url('/profile?done=session'), 303)
}
