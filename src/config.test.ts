import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import {
  type AdminOptions,
  type Configuration,
  configure,
  type Environment,
  readEnvironment,
} from './config.ts'
import { AdminError, type Mistake } from './errors.ts'

const SECRET = 'kB9w2pXr7tLq4VnZ8cMd1fGh5jYs3aEu6oRiTyWx'
const folder = mkdtempSync(join(tmpdir(), 'castellan-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A configuration that is right but for what a test changes. */
function configured(options: AdminOptions = {}, environment: Environment = {}, host?: string): Configuration {
  return configure(
    { database: 'sqlite::memory:', secretKeys: [SECRET], ...options },
    environment,
    host === undefined ? {} : { host },
  )
}

function mistakes(options: AdminOptions, environment: Environment = {}, host?: string): readonly Mistake[] {
  try {
    configured(options, environment, host)
  } catch (error) {
    if (error instanceof AdminError) return error.mistakes
    throw error
  }
  return []
}

const PEOPLE = { model: 'users', usernameField: 'email', authenticate: () => null }

const ids = (found: readonly Mistake[]): string[] => found.map(({ id }) => id)

test('fills in every default', () => {
  expect(configured()).toMatchObject({
    basePath: '/admin',
    cookieName: 'castellan',
    debug: false,
    enforceHttps: true,
    secureCookies: true,
    accessTokenMinutes: 15,
    refreshTokenDays: 7,
    maxSessionsPerPerson: 5,
    sessionTimeoutMinutes: 30,
    store: null,
  })
})

test('reads scalars and lists from the environment', () => {
  const environment = {
    CASTELLAN_DATABASE_URL: 'sqlite::memory:',
    CASTELLAN_SECRET_KEY: `${SECRET}, ${SECRET.toLowerCase()}`,
    CASTELLAN_ALLOWED_IPS: '192.0.2.7, 2001:db8::1',
    CASTELLAN_HTTPS_PORT: '8443',
    CASTELLAN_ENFORCE_HTTPS: 'no',
  }

  const configuration = configure({}, environment)

  expect(configuration).toMatchObject({
    allowedIps: ['192.0.2.7', '2001:db8::1'],
    httpsPort: 8443,
    enforceHttps: false,
  })
  expect(configuration.secretKeys.map((key) => key.reveal())).toEqual([SECRET, SECRET.toLowerCase()])
})

test('prefers an option over the environment, and the environment over .env', () => {
  writeFileSync(join(folder, '.env'), 'CASTELLAN_TITLE=File\nCASTELLAN_HTTPS_PORT=1234\n')
  const environment = { ...readEnvironment(folder), CASTELLAN_TITLE: 'Environment' }

  expect(configured({}, environment)).toMatchObject({ title: 'Environment', httpsPort: 1234 })
  expect(configured({ title: 'Option' }, environment)).toMatchObject({ title: 'Option' })
})

test('takes an empty variable as absent', () => {
  expect(configured({}, { CASTELLAN_TITLE: '', CASTELLAN_DEBUG: '' })).toMatchObject({ title: 'Castellan' })
})

test('reports every mistake at once, each with an id, a place and a remedy', () => {
  const found = mistakes(
    { secretKeys: ['short'], accessTokenMinutes: 900, database: 'sqlite:missing.db' },
    { CASTELLAN_HTTPS_PORT: 'many' },
  )

  expect(found.map(({ id, place }) => `${id} ${place}`)).toEqual([
    'C003 CASTELLAN_HTTPS_PORT',
    'C003 accessTokenMinutes',
    'C102 CASTELLAN_SECRET_KEY',
    `D101 sqlite:${resolve('missing.db')}`,
  ])
  expect(found.every(({ problem, remedy }) => problem.endsWith('.') && remedy.endsWith('.'))).toBe(true)
})

test('suggests what a mistyped option or variable was meant to be', () => {
  const options = { alowedIps: ['192.0.2.7'] } as AdminOptions

  expect(mistakes(options)).toMatchObject([{ id: 'C001', remedy: 'Did you mean "allowedIps"?' }])
  expect(mistakes({}, { CASTELLAN_ALOWED_IPS: '192.0.2.7' })).toMatchObject([
    { id: 'C001', remedy: 'Did you mean "CASTELLAN_ALLOWED_IPS"?' },
  ])
})

test("leaves an orchestrator's own variables alone", () => {
  expect(
    mistakes(
      {},
      {
        CASTELLAN_SERVICE_HOST: '10.0.0.1',
        CASTELLAN_PORT: 'tcp://10.0.0.1:4600',
        CASTELLAN_PORT_4600_TCP_ADDR: '10.0.0.1',
      },
    ),
  ).toEqual([])
})

test('refuses what the design names and this version does not honour yet', () => {
  expect(ids(mistakes({ dashboard: {}, files: {} } as AdminOptions))).toEqual(['C002', 'C002'])
  expect(ids(mistakes({}, { CASTELLAN_JOBS: 'x' }))).toEqual(['C002'])
})

const MAIL = { from: 'Shop <admin@example.com>', smtp: 'smtp://shop:p%40ss@mail.example.com:587' }
const PUBLIC = { publicUrl: 'https://admin.example.com' }

test('letters need an address of one’s own, and one that nobody reads on the way', () => {
  expect(ids(mistakes({ mail: MAIL }))).toEqual(['C501'])
  expect(ids(mistakes({ mail: MAIL, publicUrl: 'http://admin.example.com' }))).toEqual(['C502'])
  expect(mistakes({ mail: MAIL, publicUrl: 'http://127.0.0.1:4600', debug: true })).toEqual([])
  expect(configured({ mail: MAIL, ...PUBLIC }).mail).toMatchObject({ from: MAIL.from, send: null })
})

test('nobody registers where no letter can prove the address, or where the application adds people', () => {
  expect(ids(mistakes({ registration: true, ...PUBLIC }))).toEqual(['C503'])
  const people = { model: 'users', usernameField: 'email', authenticate: async () => null }
  expect(ids(mistakes({ registration: true, mail: MAIL, people, ...PUBLIC }))).toEqual(['C504'])
})

test('reads the mail server from the environment, and never shows it', () => {
  const variable = 'smtps://shop:p%40ss@mail.example.com?from=admin@example.com'
  const { mail } = configured(PUBLIC, { CASTELLAN_MAIL: variable })

  expect(mail).toMatchObject({ from: 'admin@example.com' })
  expect(mail?.smtp?.reveal()).toBe('smtps://shop:p%40ss@mail.example.com')
  expect(inspect(mail, { depth: 9 })).not.toContain('p%40ss')
  expect(JSON.stringify(mistakes(PUBLIC, { CASTELLAN_MAIL: 'shop:p%40ss@mail' }))).not.toContain('p%40ss')
})

test.each([
  ['no sender', { smtp: MAIL.smtp }],
  ['two senders', { ...MAIL, from: 'a@example.com, b@example.com' }],
  ['a sender with a line break', { ...MAIL, from: 'Shop\r\nBcc: eve@example.com <admin@example.com>' }],
  ['no way', { from: MAIL.from }],
  ['two ways', { ...MAIL, send: async () => {} }],
  ['another protocol', { ...MAIL, smtp: 'http://mail.example.com' }],
  ['a message of an unknown kind', { ...MAIL, messages: { farewell: () => ({}) } }],
])('refuses mail with %s', (_, mail) => {
  expect(ids(mistakes({ mail, ...PUBLIC } as unknown as AdminOptions))).toEqual(['C003'])
})

test.each([
  ['none', [], 'C101'],
  ['a short one', ['0a1b2c3d4e5f6a7b8c9d'], 'C102'],
  ['a well-known one', ['change-me-change-me-change-me-change-me'], 'C103'],
  ['a monotonous one', ['a'.repeat(64)], 'C103'],
  ['a short second one', [SECRET, 'x'], 'C102'],
])('refuses %s as secret, without quoting it', (_, secretKeys, id) => {
  const found = mistakes({ secretKeys })

  expect(ids(found)).toEqual([id])
  expect(JSON.stringify(found)).not.toContain(secretKeys.at(-1) ?? 'nothing')
})

test('never prints a secret', () => {
  const configuration = configured()

  const printed = `${inspect(configuration, { depth: null, showHidden: true })}${JSON.stringify(configuration)}`

  expect(configuration.secretKeys).toHaveLength(1)
  expect(printed).toContain('secretKeys')
  expect(printed).not.toContain(SECRET)
})

test('lifts HTTPS, secure cookies and the allow-list in debug, and nowhere else', () => {
  const allowedIps = ['192.0.2.7']

  expect(configured({ debug: true, allowedIps }, {}, '127.0.0.1')).toMatchObject({
    enforceHttps: false,
    secureCookies: false,
    allowedIps: [],
  })
  expect(configured({ allowedIps }, {}, '127.0.0.1')).toMatchObject({
    enforceHttps: true,
    secureCookies: true,
    allowedIps,
  })
})

test('refuses debug in production and on an address that others reach', () => {
  expect(ids(mistakes({ debug: true }, { NODE_ENV: 'production' }))).toEqual(['C201'])
  expect(ids(mistakes({ debug: true }, {}, '0.0.0.0'))).toEqual(['C202'])
  expect(mistakes({ debug: true }, { NODE_ENV: 'development' }, '::1')).toEqual([])
})

test('the strict preset shortens what no option says otherwise', () => {
  const environment = { CASTELLAN_PRESET: 'strict', CASTELLAN_SESSION_TIMEOUT_MINUTES: '20' }

  expect(configured({ maxSessionsPerPerson: 3 }, environment)).toMatchObject({
    accessTokenMinutes: 5,
    refreshTokenDays: 1,
    sessionTimeoutMinutes: 20,
    sessionLimitHours: 8,
    maxSessionsPerPerson: 3,
  })
  expect(configured()).toMatchObject({ accessTokenMinutes: 15, sessionLimitHours: 12 })
})

test.each([
  ['two providers of one name', [{}, {}], {}, ['C401']],
  ['an issuer without TLS', [{ issuer: 'http://login.example.com' }], {}, ['C402']],
  ['one without TLS on this machine, outside of debug', [{ issuer: 'http://127.0.0.1:1' }], {}, ['C402']],
  ['the application’s own people beside it', [{}], { people: PEOPLE }, ['C403']],
  ['no address to come back to', [{}], { publicUrl: undefined }, ['C404']],
  ['a secret that is empty', [{ clientSecret: '' }], {}, ['C003']],
])('refuses of OpenID Connect providers %s', (_, providers, more, expected) => {
  const provider = { id: 'corp', label: 'Corp', issuer: 'https://login.example.com', clientId: 'x' }
  const oidc = providers.map((one) => ({ ...provider, ...one }))

  expect(ids(mistakes({ oidc, publicUrl: 'https://admin.example.com', ...more } as AdminOptions))).toEqual(
    expected,
  )
})

test('needs a database, that exists', () => {
  writeFileSync(join(folder, 'text.db'), 'this is only a text file, not a database')

  expect(ids(mistakes({ database: '' }))).toEqual(['C003'])
  expect(() => configure({ secretKeys: [SECRET] }, {})).toThrow('C301 database: no database was named.')
  expect(ids(mistakes({ database: `sqlite:${join(folder, 'text.db')}` }))).toEqual(['D104'])
  expect(ids(mistakes({ database: 'postgres://localhost' }))).toEqual(['D111'])
})

test('takes a store that does not exist yet, in a folder that does', () => {
  expect(mistakes({ store: `sqlite:${join(folder, 'own.db')}` })).toEqual([])
  expect(ids(mistakes({ store: `sqlite:${join(folder, 'nowhere', 'own.db')}` }))).toEqual(['C302'])
})

test.each([
  ['/', ''],
  ['/admin/', '/admin'],
  ['/a/b', '/a/b'],
])('reads the base path %s', (basePath, expected) => {
  expect(configured({ basePath }).basePath).toBe(expected)
})

test.each([
  { basePath: 'admin' },
  { publicUrl: 'https://example.com/admin' },
  { publicUrl: 'ftp://example.com' },
  { cookieName: 'a b' },
  { allowedNetworks: ['10.0.0.0/99'] },
  { networks: { Office: ['10.0.0.0/8'] } },
  { maxSessionsPerPerson: 0 },
  { sessionLimitHours: 13 },
  { whenTooManySessions: 'ignore' },
  { preset: 'lax' },
  { log: 'loud' },
])('refuses %j', (options) => {
  expect(ids(mistakes(options as AdminOptions))).toEqual(['C003'])
})

test('reads where addresses are, and says which line of the file is none', () => {
  const file = join(folder, 'places.csv')
  writeFileSync(file, '192.0.2.0/24,Lisbon office\n')
  expect(configured({ places: file }).places.of('192.0.2.7')).toBe('Lisbon office')

  writeFileSync(file, '192.0.2.0/24,Lisbon office\nLisbon\n')
  const problem = `line 2 of "${file}" is no network with a place.`
  expect(mistakes({ places: file })).toMatchObject([{ id: 'C603', problem }])
  expect(mistakes({ places: join(folder, 'none') })).toMatchObject([{ id: 'C603' }])
})
