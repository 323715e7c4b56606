/**
 * Puts the parts together: databases, store, keys, log, identity, policy, gate
 * and faces, in the order in which each needs the one before.
 */

import { createHash, randomBytes as systemRandomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { type Logger, pino } from 'pino'
import { builtInActions } from './actions/built-in.ts'
import { ownModels } from './actions/own-models.ts'
import { canonicalJson } from './audit/canonical.ts'
import { createAuditLog, type RunningAuditLog } from './audit/create-log.ts'
import { type Clock, systemClock } from './clock.ts'
import { type AdminOptions, type Configuration, configure } from './config.ts'
import type { DataSource, Warning } from './data/data-source.ts'
import { createSqliteSource } from './data/sqlite/source.ts'
import type { Database } from './database/database.ts'
import { openSqlite } from './database/sqlite/sqlite.ts'
import { type AdminError, misconfigured } from './errors.ts'
import { createApi } from './faces/api/api.ts'
import type { House } from './faces/house.ts'
import { serveAsset } from './faces/pages/assets.ts'
import { createPages } from './faces/pages/pages.ts'
import type { Call } from './gate/call.ts'
import { createGate } from './gate/create-gate.ts'
import type { Gate } from './gate/gate.ts'
import type { Outcome } from './gate/outcome.ts'
import type { Source } from './gate/parts.ts'
import { recordActions } from './gate/record/built-in.ts'
import { networksFrom } from './http/address.ts'
import { type App, createApp } from './http/app.ts'
import { createIdentity, type PasswordCost } from './identity/create-identity.ts'
import type { Identity } from './identity/identity.ts'
import { openKeys } from './keys/key-ring.ts'
import type { Model } from './model/model.ts'
import { compilePolicy } from './policy/compile.ts'
import type { Policy } from './policy/policy.ts'
import { SEEDED_POLICY } from './policy/seeded.ts'
import { createStore } from './store/store.ts'
import { installationDrafts, refusalDraft } from './system-events.ts'
import { VERSION } from './version.ts'

export interface Admin {
  /**
   * Opens the database and makes or migrates Castellan's own tables. May be called any number of
   * times and by several processes at once; never touches the application's tables.
   * @returns the one-time token of `/set-up`, null once a person exists.
   */
  initialize(): Promise<{ readonly setUpToken: string | null }>
  /** The web-standard handler. `connection`: the socket's other end, and whether it speaks TLS itself, where there is one. */
  fetch(
    request: Request,
    connection?: { readonly address: string; readonly isEncrypted?: boolean },
  ): Promise<Response>
  /** The one path to records; see `gate/perform.ts`. */
  perform(call: Call): Promise<Outcome>
  readonly configuration: Configuration
  /** Every model by name, Castellan's own included; empty before `initialize`. */
  readonly models: ReadonlyMap<string, Model>
  /** What introspection has to say of tables that could not be used fully. */
  readonly warnings: readonly Warning[]
  close(): Promise<void>
}

/** What the outside world gives; tests bring their own. */
export interface Ports {
  readonly clock?: Clock
  readonly randomBytes?: (size: number) => Uint8Array
  readonly passwordCost?: PasswordCost
}

/** Everything that is open once the admin runs. */
interface Running {
  readonly app: App
  readonly gate: Gate
  readonly identity: Identity
  readonly models: ReadonlyMap<string, Model>
  readonly warnings: readonly Warning[]
  close(): Promise<void>
}

const APPLICATION = 'application'
const OWN = 'castellan'
/** The role of the first person, whose last working holder can't be lost. */
const SUPERADMIN = 'superadmin'

/**
 * An admin over one database. Nothing is opened before `initialize`.
 * @throws AdminError `misconfigured` with every mistake of the options and the environment.
 */
export function createAdmin(options: AdminOptions, ports: Ports = {}): Admin {
  const configuration = configure(options)
  let starting: Promise<Running> | null = null
  let running: Running | null = null

  async function start(): Promise<Running> {
    starting ??= open(configuration, ports)
    try {
      running = await starting
      return running
    } catch (error) {
      starting = null
      throw error
    }
  }

  return {
    configuration,
    get models() {
      return running?.models ?? new Map()
    },
    get warnings() {
      return running?.warnings ?? []
    },
    async initialize() {
      const { identity } = await start()
      return { setUpToken: await identity.issueSetUpToken() }
    },
    async fetch(request, connection) {
      const { app } = await start()
      return app.fetch(request, connection ?? {})
    },
    async perform(call) {
      const { gate } = await start()
      return gate.perform(call)
    },
    async close() {
      const open = await starting?.catch(() => null)
      starting = null
      running = null
      await open?.close()
    },
  }
}

async function open(configuration: Configuration, ports: Ports): Promise<Running> {
  const opened: Database[] = []
  try {
    const database = await openSqlite({ file: configuration.database.file })
    opened.push(database)
    const own = configuration.store
      ? await openSqlite({ file: configuration.store.file, ifMissing: 'create' })
      : database
    if (own !== database) opened.push(own)
    return await assemble(configuration, ports, database, own)
  } catch (error) {
    for (const one of opened) await one.close()
    throw error
  }
}

async function assemble(
  configuration: Configuration,
  { clock = systemClock, randomBytes = systemRandomBytes, passwordCost }: Ports,
  database: Database,
  own: Database,
): Promise<Running> {
  const log = pino({ level: configuration.log, base: null }, pino.destination(2))
  const application = createSqliteSource({ id: APPLICATION, database, tables: 'application' })
  const schema = await application.introspect()
  if (schema.models.length === 0) throw noTables(database)

  const store = createStore(own)
  const { applied } = await store.migrate()
  const installation = await store.installation()
  const secrets = configuration.secretKeys.map((secret) => secret.reveal())
  const keys = await openKeys({ store, secrets, clock, randomBytes })
  const audit = createAuditLog({
    store,
    keys,
    clock,
    randomBytes,
    node: `${hostname()}:${process.pid}`,
    version: VERSION,
    onError: (error) => log.error({ err: error }, 'sealing the audit log failed; it is tried again'),
  })

  const ownSource = createSqliteSource({ id: OWN, database: own, tables: 'own' })
  const ownSchema = await ownSource.introspect()
  const models = byName([...schema.models, ...ownModels(ownSchema.models)])
  const policy = policyOf(configuration, models)
  const identity = createIdentity({
    store: own,
    keys,
    audit,
    clock,
    randomBytes,
    log,
    ...(passwordCost && { passwordCost }),
    options: {
      issuer: `castellan/${installation}`,
      title: configuration.title,
      accessTokenMinutes: configuration.accessTokenMinutes,
      refreshTokenDays: configuration.refreshTokenDays,
      sessionTimeoutMinutes: configuration.sessionTimeoutMinutes,
      maxSessionsPerPerson: configuration.maxSessionsPerPerson,
      roles: Object.keys(policy.document.roles),
      superadmin: SUPERADMIN,
    },
  })
  const gate = createGate({
    models,
    sources: sourcesOf(application, ownSource, database === own),
    store: own,
    actions: [...builtInActions({ identity, policy, audit }), ...recordActions],
    policy,
    audit,
    identity,
    clock,
    networksOf: networksOf(configuration),
  })
  for (const draft of installationDrafts(applied, keys.created, { clock, randomBytes }))
    await audit.appendAlone(draft)

  const app = faces(configuration, { gate, identity, audit, own, log, clock, randomBytes })
  return {
    app,
    gate,
    identity,
    models,
    warnings: schema.warnings,
    async close() {
      await identity.close()
      await audit.close()
      await database.close()
      if (own !== database) await own.close()
    },
  }
}

interface FaceParts {
  readonly gate: Gate
  readonly identity: Identity
  readonly audit: RunningAuditLog
  readonly own: Database
  readonly log: Logger
  readonly clock: Clock
  readonly randomBytes: (size: number) => Uint8Array
}

function faces(configuration: Configuration, parts: FaceParts): App {
  const { gate, identity, audit, own, log, clock, randomBytes } = parts
  const house: House = {
    gate,
    identity,
    clock,
    settings: {
      title: configuration.title,
      basePath: configuration.basePath,
      environment: configuration.debug ? 'Local' : null,
      isDebug: configuration.debug,
      cookieName: configuration.cookieName,
      version: VERSION,
    },
  }
  return createApp({
    identity,
    settings: { ...configuration, isDebug: configuration.debug },
    faces: [createApi(house), createPages(house)],
    serveAsset: (c) => serveAsset(c),
    isReady: async () => (await audit.backlog()).waiting < 100_000 && !own.isReadOnly,
    recordRefusal: async (refusal) => {
      await audit.appendAlone(refusalDraft(refusal))
    },
    log,
    clock,
    randomBytes,
    onError: configuration.onError,
  })
}

function byName(models: readonly Model[]): ReadonlyMap<string, Model> {
  return new Map(models.map((model) => [model.name, model]))
}

function sourcesOf(application: DataSource, own: DataSource, isOne: boolean): ReadonlyMap<string, Source> {
  return new Map([
    [APPLICATION, { dataSource: application, sharesStore: isOne }],
    [OWN, { dataSource: own, sharesStore: true }],
  ])
}

function policyOf(configuration: Configuration, models: ReadonlyMap<string, Model>): Policy {
  const document = configuration.policy ?? SEEDED_POLICY
  if (!(SUPERADMIN in document.roles)) throw noSuperadmin()
  const version = createHash('sha256').update(canonicalJson(document)).digest('hex').slice(0, 16)
  return compilePolicy(document, models, { version, networks: Object.keys(configuration.networks) })
}

function networksOf({ networks }: Configuration): (address: string) => readonly string[] {
  const matchers = Object.entries(networks).map(([name, list]) => ({
    name,
    has: networksFrom(list, `networks.${name}`),
  }))
  return (address) => matchers.filter(({ has }) => has(address)).map(({ name }) => name)
}

function noSuperadmin(): AdminError {
  return misconfigured([
    {
      id: 'P130',
      place: 'policy.roles',
      problem: `there is no role "${SUPERADMIN}", which the first person needs.`,
      remedy: 'Declare it, and permit what the first person may do.',
    },
  ])
}

function noTables(database: Database): AdminError {
  return misconfigured([
    {
      id: 'D120',
      place: database.label,
      problem: 'the database has no tables, so there is nothing to administer.',
      remedy: 'Name another one with --database, or make its tables first.',
    },
  ])
}
