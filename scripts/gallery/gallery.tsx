/** The gallery's routes: each page form once, with the policy that browsers hold real pages to. */

import { randomBytes } from 'node:crypto'
import { Hono } from 'hono'
import { AdminError } from '../../src/errors.ts'
import { serveAsset } from '../../src/faces/pages/assets.ts'
import { EnrolPage } from '../../src/faces/pages/auth/enrol-page.tsx'
import { ProfilePage } from '../../src/faces/pages/auth/profile-page.tsx'
import { RecoveryCodesPage } from '../../src/faces/pages/auth/recovery-codes-page.tsx'
import { SetUpPage } from '../../src/faces/pages/auth/set-up.tsx'
import { SecondFactorPage, SignInPage } from '../../src/faces/pages/auth/sign-in-page.tsx'
import type { Html } from '../../src/faces/pages/components/html.ts'
import { ErrorPage } from '../../src/faces/pages/components/status.tsx'
import { ConfirmPage, StepUpPage } from '../../src/faces/pages/components/steps.tsx'
import { type PageContext, pageContext } from '../../src/faces/pages/context.ts'
import { render } from '../../src/faces/pages/render.ts'
import { contentSecurityPolicy } from '../../src/http/headers.ts'
import { OrderList } from './list.tsx'
import { AuditLog, Dashboard, EditForm, EmptyList, Parts, RecordPage } from './pages.tsx'
import { establish, HOUSE, NOW, PRINCIPAL } from './world.ts'

export const gallery: Hono = new Hono()

gallery.get('/assets/:name', (c) => serveAsset(c))
gallery.get('/lookup', (c) =>
  c.json(
    ['Amara Okafor', 'Lena Fischer', 'Mateo Silva', 'Priya Raman']
      .filter((name) => name.toLowerCase().includes((c.req.query('q') ?? '').toLowerCase()))
      .map((label, index) => ({
        value: String(index),
        label,
        secondary: `${label.split(' ')[0]}@example.com`,
      })),
  ),
)

type Show = (page: PageContext) => Html

function show(path: string, content: Show, { isVisitor = false } = {}): void {
  gallery.get(path, async (c) => {
    const nonce = randomBytes(16).toString('base64')
    c.header('Content-Security-Policy', contentSecurityPolicy(nonce))
    return render(
      pageContext(establish(c, nonce, isVisitor ? null : PRINCIPAL), HOUSE),
      content(pageContext(establish(c, nonce, isVisitor ? null : PRINCIPAL), HOUSE)),
    )
  })
}

const TRAIL = [{ label: 'Orders', href: '/list' }, { label: '#10482' }]
const FIELDS = new URLSearchParams({ status: 'paid', note: 'hold until Friday' })
const REFUSAL = {
  status: 401,
  message: 'The e-mail or the password is wrong. Check both and try again.',
  fields: {},
} as const

show('/', (page) => <Dashboard page={page} />)
show('/list', (page) => <OrderList page={page} />)
show('/record', (page) => <RecordPage page={page} />)
show('/edit', (page) => <EditForm page={page} />)
show('/audit', (page) => <AuditLog page={page} />)
show('/parts', (page) => <Parts page={page} />)
show('/empty', (page) => <EmptyList page={page} />)
show('/confirm', (page) => (
  <ConfirmPage
    page={page}
    title="Delete order #10482"
    breadcrumb={TRAIL}
    current="/m/orders"
    fields={FIELDS}
    cancelHref="/record"
    confirmation="sealed"
    submitLabel="Delete order"
    danger
    asks={['reason', 'ticket']}
    errors={{ reason: ['Reason must say why, in at least one word.'] }}
    plan={{
      sentence: 'Delete order #10482 and 3 order items.',
      effects: [
        { kind: 'deleted', count: 3, sentence: '3 order items are deleted too.' },
        { kind: 'cleared', count: 1, sentence: '1 payment loses its order.' },
      ],
      changes: [],
    }}
  />
))
show('/blocked', (page) => (
  <ConfirmPage
    page={page}
    title="Delete customer Amara Okafor"
    breadcrumb={TRAIL}
    current="/m/customers"
    fields={FIELDS}
    cancelHref="/record"
    submitLabel="Delete customer"
    danger
    plan={{
      sentence: 'Delete customer Amara Okafor.',
      effects: [{ kind: 'blocks', count: 12, sentence: '12 orders refer to this customer.' }],
      changes: [
        { field: 'status', label: 'Status', before: 'active', after: null, isMasked: false },
        { field: 'tax', label: 'Tax number', before: null, after: null, isMasked: true },
      ],
    }}
  />
))
show('/step-up', (page) => (
  <StepUpPage
    page={page}
    title="Grant role"
    breadcrumb={TRAIL}
    fields={FIELDS}
    cancelHref="/record"
    purpose="grant Grace Kim the role Finance"
    choices={{ hasApp: true, passkey: {} }}
    errors={{ code: ['The code is wrong or was used already. Wait for the next one.'] }}
  />
))
show('/profile', (page) => (
  <ProfilePage
    page={page}
    refusal={null}
    links={[]}
    linkRefusal={null}
    done={null}
    hasPasskeys
    roles={[
      { role: 'admin', expiresAt: null },
      { role: 'support', expiresAt: NOW + 5 * 86_400_000 },
    ]}
    authenticators={{
      app: { addedAt: NOW - 86_400_000, usedAt: NOW },
      passkeys: [],
      recoveryCodes: 10,
      wanted: 2,
      needsDeviceBound: false,
    }}
    sessions={[
      session('s1', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) Safari/605', 4, '203.0.113.24'),
      session('s2', 'Mozilla/5.0 (iPhone; CPU iPhone OS 18) Mobile Safari/604', 300, '198.51.100.7'),
    ]}
  />
))
show('/refused', (page) => (
  <ErrorPage
    page={page}
    error={
      new AdminError('denied', 'customers.export refused: no rule permits it. Ask an administrator for it.', {
        rules: ['exports-need-a-reason'],
      })
    }
  />
))
show('/failed', (page) => <ErrorPage page={page} error={new AdminError('internal', '')} />, {
  isVisitor: true,
})

const visitor = { isVisitor: true }
show(
  '/sign-in',
  (page) => <SignInPage page={page} email="" next={null} refusal={null} isSetUp={false} passkey={null} />,
  visitor,
)
show(
  '/sign-in-refused',
  (page) => (
    <SignInPage
      page={page}
      email="dana@northwind.example"
      next={null}
      refusal={REFUSAL}
      isSetUp
      passkey={null}
    />
  ),
  visitor,
)
show(
  '/second-factor',
  (page) => (
    <SecondFactorPage page={page} next={null} refusal={null} choices={{ hasApp: true, passkey: null }} />
  ),
  visitor,
)
show(
  '/enrol',
  (page) => (
    <EnrolPage
      page={page}
      next={null}
      refusal={null}
      pending={{
        stage: 'enrol',
        email: 'dana@northwind.example',
        secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
        uri: 'otpauth://totp/Northwind:dana@northwind.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Northwind',
        passkey: null,
      }}
    />
  ),
  visitor,
)
show(
  '/recovery-codes',
  (page) => (
    <RecoveryCodesPage
      page={page}
      next="/"
      codes={Array.from({ length: 10 }, (_, index) => `k7f${index}-9xqp-4m${index}d`)}
    />
  ),
  visitor,
)
show(
  '/set-up',
  (page) => (
    <SetUpPage
      page={page}
      typed={{ token: 't', name: 'Dana', email: '' }}
      refusal={{
        status: 422,
        message: '',
        fields: {
          email: ['E-mail must not be empty.'],
          password: ['Password must be at least 15 characters long.'],
        },
      }}
    />
  ),
  visitor,
)

function session(key: string, userAgent: string, minutesAgo: number, address: string) {
  const at = new Date(NOW - minutesAgo * 60_000).toISOString()
  return {
    key,
    isThis: key === 's1',
    address,
    userAgent,
    methods: '["password","totp"]',
    startedAt: at,
    lastSeenAt: at,
  }
}
