import { expect, test } from 'vitest'
import { field, model } from '../../model/fixture.ts'
import type { Model } from '../../model/model.ts'
import type { Checked, FoundSource } from './command.ts'
import { reportLines } from './report.ts'

const CHECKED: Checked = {
  basePath: '/admin',
  debug: false,
  enforceHttps: true,
  secureCookies: true,
  allowedIps: [],
  allowedNetworks: [],
  publicUrl: null,
  sessionTimeoutMinutes: 30,
  accessTokenMinutes: 15,
  keyRotationDays: 30,
  inTheClear: [],
  heldAlone: [],
  store: { label: '/srv/shop.db', file: '/srv/shop.db', isTemporary: false },
}

function source(models: readonly Model[], differing: Partial<FoundSource> = {}): FoundSource {
  return {
    id: 'application',
    engine: 'sqlite',
    label: '/srv/shop.db',
    models,
    warnings: [],
    rows: new Map(),
    sharesStore: true,
    waiting: [],
    changedSince: null,
    ...differing,
  }
}

function report(sources: readonly FoundSource[], checked: Partial<Checked> = {}): readonly string[] {
  return reportLines({ sources, checked: { ...CHECKED, ...checked } })
}

function readOnly(name: string, reason: string): Model {
  return model(name, [field('id')], { writable: { create: false, update: false, delete: false, reason } })
}

test('says what there is, with sizes where they are known, and where the own tables are', () => {
  const rows = new Map([
    ['orders', 3_120_000],
    ['customers', 12],
  ])

  expect(
    report([source([model('orders', []), model('customers', []), model('notes', [])], { rows })]),
  ).toEqual([
    'Found 3 models in /srv/shop.db, with about so many records:',
    '  orders 3.1M, customers 12, notes.',
    "Castellan's own tables (castellan_…) are in /srv/shop.db.",
  ])
})

test('says each reason once, with all that it keeps from being edited', () => {
  const lines = report([
    source(
      [
        readOnly('big', 'This is a view.'),
        readOnly('log', 'It has no key.'),
        readOnly('top', 'This is a view.'),
      ],
      {
        warnings: [
          { code: 'no-key', model: 'log', field: null, detail: 'Without a key nothing opens.' },
          {
            code: 'unknown-type',
            model: 'log',
            field: 'where',
            detail: 'The type "point" is shown as text.',
          },
          { code: 'no-foreign-keys', model: null, field: null, detail: 'No relations are known.' },
        ],
      },
    ),
  ])

  expect(lines.slice(2, 6)).toEqual([
    '  This is a view: big, top.',
    '  It has no key: log.',
    '  The type "point" is shown as text: log.where.',
    '  No relations are known.',
  ])
})

test('says which fields nobody reads, and which are masked', () => {
  const people = model('people', [
    field('id'),
    field('password_hash', 'text', { sensitivity: 'secret' }),
    field('iban', 'text', { sensitivity: 'personal' }),
  ])

  expect(report([source([people])]).slice(2, 4)).toEqual([
    '  Never shown (secret): people.password_hash.',
    '  Masked until revealed (personal): people.iban.',
  ])
})

test('stays readable for a hundred tables', () => {
  const models = Array.from({ length: 100 }, (_, index) => readOnly(`some_longer_table_${index}`, 'A view.'))

  const lines = report([source(models)])

  expect(lines.length).toBeLessThan(70)
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100)
  expect(lines.join(' ').split('some_longer_table_99')).toHaveLength(3)
})

test('calls several databases by their ids, and says which ones commit apart from the log', () => {
  const lines = report([
    source([model('orders', [])], { id: 'shop', engine: 'postgres', label: 'postgres://db/shop' }),
    source([model('crm.accounts', [])], { id: 'crm', label: '/srv/crm.db', sharesStore: false }),
  ])

  expect(lines).toEqual([
    'Found 1 model in shop (postgres://db/shop), with about so many records:',
    '  orders.',
    'Found 1 model in crm (/srv/crm.db), with about so many records:',
    '  crm.accounts.',
    `Castellan's own tables (schema "castellan") are in /srv/shop.db.`,
    'Changes to crm and their audit events commit one after the other, since these are two databases.',
  ])
})

test('lets no name drive the terminal', () => {
  expect(report([source([model('a\u001b[2Jb\nc', [])])]).join('')).not.toMatch(/\p{Cc}/u)
})

test('says what is less than production asks for, with the remedy', () => {
  const { length } = report([source([])])
  const last = (checked: Partial<Checked>) => report([source([])], checked).slice(length)

  expect(last({ secureCookies: false })).toEqual([
    'Cookies travel over plain HTTP: set CASTELLAN_SECURE_COOKIES=true.',
  ])
  expect(last({ enforceHttps: false, secureCookies: false })).toEqual([
    'Plain HTTP is accepted: set CASTELLAN_ENFORCE_HTTPS=true.',
    'Cookies travel over plain HTTP: set CASTELLAN_SECURE_COOKIES=true.',
  ])
  expect(last({ debug: true, enforceHttps: false, secureCookies: false })).toEqual([
    'Debug is on: plain HTTP is accepted, for this machine alone.',
  ])
})
