import { expect, test } from 'vitest'
import { checklist, type Facts, type Grade, type StoreFacts } from './checklist.ts'

const ana = { email: 'ana@example.com', roles: ['superadmin'], isActive: true, hasSecondFactor: true }
const ben = { ...ana, email: 'ben@example.com' }

const anchor = {
  label: 'file /mnt/anchor.txt',
  size: 4,
  keptAt: '2026-11-21T10:00:00.000Z',
  code: null,
  isLate: false,
}

const goodStore: StoreFacts = {
  people: [ana, ben],
  fileMode: 0o100600,
  audit: { isVerified: true, line: 'verified 4 events, 2 checkpoints, root 00' },
  keys: [
    { ring: 'access', state: 'next', ageDays: 29 },
    { ring: 'checkpoint', state: 'next', ageDays: 900 },
  ],
  sources: [],
  anchors: [anchor],
  sinks: [],
}

const checked: Facts['checked'] = {
  basePath: '/admin',
  debug: false,
  enforceHttps: true,
  secureCookies: true,
  allowedIps: [],
  allowedNetworks: ['192.0.2.0/24'],
  publicUrl: 'https://admin.example.com',
  sessionTimeoutMinutes: 30,
  accessTokenMinutes: 15,
  keyRotationDays: 30,
  inTheClear: [],
  heldAlone: [],
  store: { label: '/srv/shop.db', file: '/srv/shop.db', isTemporary: false },
}

/** Grades by name, of a good installation but for what a test changes. */
function grades(facts: Partial<Facts> = {}): Record<string, Grade> {
  const good: Facts = {
    checked,
    isProduction: true,
    secret: 'configured',
    nodeVersion: '24.21.0',
    mail: { by: 'smtp', host: 'mail.example.com:587', code: null },
    store: goodStore,
  }
  return Object.fromEntries(checklist({ ...good, ...facts }).map(({ name, grade }) => [name, grade]))
}

test('passes a good installation', () => {
  const found = grades()

  expect(Object.keys(found)).toHaveLength(15)
  expect(Object.entries(found).filter(([, grade]) => grade !== 'pass')).toEqual([])
})

test.each<[string, Partial<Facts>, Record<string, Grade>]>([
  ['no anchor', { store: { ...goodStore, anchors: [] } }, { anchors: 'fail' }],
  [
    'no anchor, in development',
    { isProduction: false, store: { ...goodStore, anchors: [] } },
    { anchors: 'warn', debug: 'warn' },
  ],
  [
    'an anchor that keeps nothing',
    { store: { ...goodStore, anchors: [anchor, { ...anchor, isLate: true, code: 'ECONNREFUSED' }] } },
    { anchors: 'fail' },
  ],
  ['no mail', { mail: { by: 'off' } }, { mail: 'warn' }],
  [
    'a mail server that is not there',
    { mail: { by: 'smtp', host: 'mail:587', code: 'ESOCKET' } },
    { mail: 'fail' },
  ],
  ['mail by the application', { mail: { by: 'application' } }, {}],
  [
    'sinks that keep up',
    {
      store: {
        ...goodStore,
        sinks: [{ name: 'siem', behindSince: null, failingSince: null, isLate: false }],
      },
    },
    { sinks: 'pass' },
  ],
  [
    'a sink that fails',
    {
      store: {
        ...goodStore,
        sinks: [{ name: 'siem', behindSince: null, failingSince: '2026-11-21T10:00:00.000Z', isLate: false }],
      },
    },
    { sinks: 'fail' },
  ],
  [
    'a sink that nobody serves',
    {
      store: {
        ...goodStore,
        sinks: [{ name: 'siem', behindSince: '2026-11-21T10:00:00.000Z', failingSince: null, isLate: true }],
      },
    },
    { sinks: 'fail' },
  ],
  ['a generated secret', { secret: 'generated' }, { secret: 'warn' }],
  ['debug', { checked: { ...checked, debug: true } }, { debug: 'fail' }],
  ['no NODE_ENV', { isProduction: false }, { debug: 'warn' }],
  ['plain HTTP', { checked: { ...checked, enforceHttps: false } }, { https: 'fail' }],
  ['insecure cookies', { checked: { ...checked, secureCookies: false } }, { https: 'fail' }],
  ['no public address', { checked: { ...checked, publicUrl: null } }, { https: 'warn' }],
  ['no allow-list', { checked: { ...checked, allowedNetworks: [] } }, { 'allow-list': 'warn' }],
  ['an old Node.js', { nodeVersion: '24.9.0' }, { node: 'fail' }],
  ['one superadmin', { store: { ...goodStore, people: [ana] } }, { superadmins: 'warn' }],
  ['no superadmin', { store: { ...goodStore, people: [] } }, { superadmins: 'fail' }],
  [
    'a deactivated superadmin',
    { store: { ...goodStore, people: [ana, { ...ben, isActive: false }] } },
    { superadmins: 'warn' },
  ],
  [
    'someone without a second factor',
    { store: { ...goodStore, people: [ana, ben, { ...ben, hasSecondFactor: false }] } },
    { 'second factor': 'fail' },
  ],
  ['a file for everyone', { store: { ...goodStore, fileMode: 0o100644 } }, { 'store file': 'fail' }],
  ['a file for a group', { store: { ...goodStore, fileMode: 0o100640 } }, { 'store file': 'warn' }],
  [
    'a log that does not verify',
    { store: { ...goodStore, audit: { isVerified: false, line: 'TAMPERED at sequence 3: x' } } },
    { 'audit log': 'fail' },
  ],
  [
    'keys that nobody turns',
    { store: { ...goodStore, keys: [{ ring: 'seal', state: 'next', ageDays: 91 }] } },
    { keys: 'warn' },
  ],
  [
    'keys that are turned twice a year, as configured',
    {
      checked: { ...checked, keyRotationDays: 180 },
      store: { ...goodStore, keys: [{ ring: 'seal', state: 'next', ageDays: 181 }] },
    },
    { keys: 'pass' },
  ],
  [
    'a database in the clear',
    { checked: { ...checked, inTheClear: ['postgres://db.example.com/shop'] } },
    { transport: 'fail' },
  ],
  [
    'no store',
    { store: null },
    { 'second factor': 'fail', superadmins: 'fail', 'store file': 'fail', 'audit log': 'fail' },
  ],
])('grades %s', (_, facts, expected) => {
  expect(grades(facts)).toMatchObject(expected)
})

test('says the remedy where it does not pass', () => {
  const [secret] = checklist({
    checked,
    isProduction: true,
    secret: 'generated',
    mail: { by: 'off' },
    nodeVersion: '24.21.0',
    store: null,
  })

  expect(secret?.text).toBe(
    'a generated one in a file. Set CASTELLAN_SECRET_KEY to what "castellan secret" prints.',
  )
})
