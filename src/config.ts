/**
 * The configuration: typed options, the environment and a `.env` file become
 * one resolved, readonly value, or one error that names every mistake at once.
 *
 * The only file that reads `process.env`. It decides what an option may be and
 * what follows from `debug`; whether a policy or a table makes sense is the
 * business of the folders that own them.
 */

import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import ipaddr from 'ipaddr.js'
import type { z } from 'zod'
import type { AuditOption } from './audit/option.ts'
import { oidcMistakes } from './config-oidc.ts'
import { type ConfiguredDatabases, type ConfiguredSource, databasesOf, storeOf } from './config-sources.ts'
import type { DatabaseUrl } from './database/url.ts'
import { didYouMean, type Mistake, misconfigured } from './errors.ts'
import { NO_PLACES, PlaceMistake, type Places, readPlaces } from './http/places.ts'
import type { PeopleOption } from './identity/host-people.ts'
import type { OidcProvider } from './identity/oidc/option.ts'
import type { WhenTooMany } from './identity/parts.ts'
import { Secret, secretMistakes } from './keys/secret.ts'
import type { MailOption } from './mail/option.ts'
import {
  type AdminOptions,
  type LogLevel,
  NOT_YET,
  OPTIONS,
  type OptionName,
  type OptionRule,
  type PasswordsOption,
  type PresetName,
} from './options.ts'
import type { PolicyDocument } from './policy/document.ts'

export type { AdminOptions, LogLevel } from './options.ts'

/** Everything resolved: no option is missing, none needs to be looked at twice. */
export interface Configuration {
  readonly title: string
  /** Empty at the root of a host, else with a leading slash and none at the end. */
  readonly basePath: string
  /** An origin without a slash at the end; null: taken from the request. */
  readonly publicUrl: string | null
  readonly cookieName: string
  /** At least one. */
  readonly sources: readonly ConfiguredSource[]
  /** Null: in the first source's database. */
  readonly store: DatabaseUrl | null
  readonly models: NonNullable<AdminOptions['models']>
  readonly pages: NonNullable<AdminOptions['pages']>
  /** Null: people are our own. */
  readonly people: PeopleOption | null
  /** Null: no letters are sent. */
  readonly mail: MailSettings | null
  readonly registration: boolean
  readonly passwords: PasswordsOption
  readonly oidc: readonly OidcProvider[]
  readonly audit: AuditOption
  readonly components: NonNullable<AdminOptions['components']>
  readonly context: NonNullable<AdminOptions['context']> | null
  readonly menu: NonNullable<AdminOptions['menu']>
  /** Null: the seeded roles. */
  readonly policy: PolicyDocument | null
  readonly secretKeys: readonly Secret[]
  readonly debug: boolean
  readonly preset: PresetName
  readonly trustedProxies: readonly string[]
  /** Both lists are empty in debug. */
  readonly allowedIps: readonly string[]
  readonly allowedNetworks: readonly string[]
  readonly networks: Readonly<Record<string, readonly string[]>>
  readonly places: Places
  /** Null: attempts are counted in the store. */
  readonly redis: Secret | null
  /** 0: any number, and always so in debug. */
  readonly requestsPerMinute: number
  readonly enforceHttps: boolean
  readonly httpsPort: number
  readonly secureCookies: boolean
  readonly accessTokenMinutes: number
  readonly refreshTokenDays: number
  readonly maxSessionsPerPerson: number
  readonly whenTooManySessions: WhenTooMany
  readonly sessionLimitHours: number
  readonly sessionTimeoutMinutes: number
  readonly cleanupIntervalMinutes: number
  /** 0: never by itself. */
  readonly keyRotationDays: number
  readonly onError: NonNullable<AdminOptions['onError']> | null
  readonly log: LogLevel
  readonly dataDir: string | null
}

/** The option `mail`, its address out of sight. */
export interface MailSettings {
  readonly from: string
  /** Null: `send` does it. */
  readonly smtp: Secret | null
  readonly send: NonNullable<MailOption['send']> | null
  readonly messages: NonNullable<MailOption['messages']>
}

export type Environment = Readonly<Record<string, string | undefined>>

/** The process's environment over the `.env` file of `folder`, where there is one. */
export function readEnvironment(folder: string = process.cwd()): Environment {
  const file = resolve(folder, '.env')
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}
  return { ...fromFile, ...process.env }
}

/**
 * Gives the variables of `.env` to the whole process, for modules of the application that a configuration
 * file imports. A variable that is set already stays.
 */
export function shareEnvironment(folder: string = process.cwd()): void {
  for (const [name, value] of Object.entries(readEnvironment(folder))) process.env[name] ??= value
}

export interface ConfigureOptions {
  /** The address that is going to be listened on; absent when Castellan is mounted in another server. */
  readonly host?: string
}

/**
 * Resolves and checks a configuration.
 *
 * @throws AdminError `misconfigured` with every mistake, each with an id, a place and a remedy.
 */
export function configure(
  options: AdminOptions,
  environment: Environment = readEnvironment(),
  { host }: ConfigureOptions = {},
): Configuration {
  const mistakes: Mistake[] = [...unknownOptions(options), ...unknownVariables(environment)]
  const given = collect(options, environment, mistakes)
  mistakes.push(
    ...debugMistakes(given.debug ?? false, environment, host),
    ...secretMistakes(given.secretKeys ?? []),
    ...mailMistakes(given),
    ...oidcMistakes(given),
  )
  const databases = databasesOf(given, mistakes)
  const places = placesOf(given, mistakes)
  if (mistakes.length > 0) throw misconfigured(mistakes)
  const completed = { ...DEFAULTS, ...PRESETS[given.preset ?? 'default'], ...given }
  return { ...resolved(completed, databases), places }
}

/**
 * Where the own tables are, from options that need not be whole: no secret is asked for.
 * @throws AdminError `misconfigured`.
 */
export function configureStore(
  options: AdminOptions,
  environment: Environment = readEnvironment(),
): DatabaseUrl | ConfiguredSource {
  const mistakes: Mistake[] = []
  const given = collect(options, environment, mistakes)
  const unread = mistakes.filter(({ place }) => /database|store|sources/i.test(place))
  if (unread.length > 0) throw misconfigured(unread)
  return storeOf(given)
}

/**
 * The option `audit` alone, from options that need not be whole: no secret is asked for.
 * @throws AdminError `misconfigured`.
 */
export function configureAudit(
  options: AdminOptions,
  environment: Environment = readEnvironment(),
): AuditOption {
  const mistakes: Mistake[] = []
  const given = collect(options, environment, mistakes)
  const unread = mistakes.filter(({ place }) => /audit|anchor/i.test(place))
  if (unread.length > 0) throw misconfigured(unread)
  return given.audit ?? DEFAULTS.audit
}

type Defaulted =
  | 'title'
  | 'basePath'
  | 'cookieName'
  | 'models'
  | 'pages'
  | 'components'
  | 'menu'
  | 'oidc'
  | 'audit'
  | 'secretKeys'
  | 'debug'
  | 'trustedProxies'
  | 'allowedIps'
  | 'allowedNetworks'
  | 'networks'
  | 'registration'
  | 'passwords'
  | 'httpsPort'
  | 'requestsPerMinute'
  | 'accessTokenMinutes'
  | 'refreshTokenDays'
  | 'maxSessionsPerPerson'
  | 'whenTooManySessions'
  | 'sessionLimitHours'
  | 'preset'
  | 'sessionTimeoutMinutes'
  | 'cleanupIntervalMinutes'
  | 'keyRotationDays'
  | 'log'

type Given = Pick<AdminOptions, OptionName>
type Completed = Given & Required<Pick<AdminOptions, Defaulted>>

/** What an option is that nobody gives. */
export const DEFAULTS: Required<Pick<AdminOptions, Defaulted>> = {
  title: 'Castellan',
  basePath: '/admin',
  cookieName: 'castellan',
  models: {},
  pages: [],
  components: {},
  menu: [],
  oidc: [],
  audit: {},
  secretKeys: [],
  debug: false,
  preset: 'default',
  trustedProxies: [],
  allowedIps: [],
  allowedNetworks: [],
  networks: {},
  registration: false,
  passwords: {},
  httpsPort: 443,
  requestsPerMinute: 3000,
  accessTokenMinutes: 15,
  refreshTokenDays: 7,
  maxSessionsPerPerson: 5,
  whenTooManySessions: 'evict-oldest',
  sessionLimitHours: 12,
  sessionTimeoutMinutes: 30,
  cleanupIntervalMinutes: 15,
  keyRotationDays: 30,
  log: 'info',
}

/** What an option is under a preset, where nobody gives it. */
export const PRESETS: Readonly<Record<PresetName, Partial<typeof DEFAULTS>>> = {
  default: {},
  strict: {
    accessTokenMinutes: 5,
    refreshTokenDays: 1,
    sessionTimeoutMinutes: 15,
    sessionLimitHours: 8,
    maxSessionsPerPerson: 2,
  },
}

/** What follows from the options: paths made absolute, secrets hidden, and all that `debug` lifts. */
function resolved(completed: Completed, databases: ConfiguredDatabases): Omit<Configuration, 'places'> {
  const { database: _, places: __, ...options } = completed
  const { debug } = options
  return {
    ...options,
    ...databases,
    basePath: withoutSlash(options.basePath),
    publicUrl: options.publicUrl === undefined ? null : withoutSlash(options.publicUrl),
    policy: options.policy ?? null,
    people: options.people ?? null,
    context: options.context ?? null,
    mail: options.mail ? mailSettings(options.mail) : null,
    secretKeys: options.secretKeys.map((key) => new Secret(key)),
    allowedIps: debug ? [] : options.allowedIps,
    allowedNetworks: debug ? [] : options.allowedNetworks,
    redis: options.redis === undefined ? null : new Secret(options.redis),
    requestsPerMinute: debug ? 0 : options.requestsPerMinute,
    enforceHttps: options.enforceHttps ?? !debug,
    secureCookies: options.secureCookies ?? !debug,
    onError: options.onError ?? null,
    dataDir: options.dataDir === undefined ? null : resolve(options.dataDir),
  }
}

function mailSettings({ from, smtp, send, messages }: MailOption): MailSettings {
  return {
    from,
    smtp: smtp === undefined ? null : new Secret(smtp),
    send: send ?? null,
    messages: messages ?? {},
  }
}

function placesOf({ places: file }: Given, mistakes: Mistake[]): Places {
  if (file === undefined) return NO_PLACES
  try {
    return readPlaces(readFileSync(resolve(file), 'utf8'))
  } catch (error) {
    const line = error instanceof PlaceMistake ? error.line : null
    mistakes.push({
      id: 'C603',
      place: 'places',
      problem:
        line === null
          ? `"${file}" can not be read.`
          : `line ${line} of "${file}" is no network with a place.`,
      remedy: 'Write a network or an address, a comma and a name in each line: 192.0.2.0/24,Lisbon office.',
    })
    return NO_PLACES
  }
}

function withoutSlash(text: string): string {
  return text.replace(/\/$/, '')
}

const PREFIX = 'CASTELLAN_'

/** Variables of ours that are no option: they belong to the tests. */
const OTHER_VARIABLES: readonly string[] = ['CASTELLAN_SAMPLES', 'CASTELLAN_TEST_RUNS']

function unknownOptions(options: AdminOptions): Mistake[] {
  return Object.keys(options)
    .filter((name) => !(name in OPTIONS))
    .map((name) => {
      if (NOT_YET.some((option) => option === name)) {
        return {
          id: 'C002',
          place: name,
          problem: 'this option is not honoured yet.',
          remedy: 'Leave it out.',
        }
      }
      const near = didYouMean(name, Object.keys(OPTIONS))
      return { id: 'C001', place: name, problem: 'there is no such option.', remedy: near || 'Leave it out.' }
    })
}

/**
 * Refuses only what looks like one of ours, mistyped or not honoured yet: an
 * orchestrator may set `CASTELLAN_SERVICE_HOST` and the like on its own account.
 */
function unknownVariables(environment: Environment): Mistake[] {
  const known = Object.values(OPTIONS).flatMap(({ variable }) => variable ?? [])
  return Object.keys(environment)
    .filter((name) => name.startsWith(PREFIX) && environment[name] !== '')
    .filter((name) => !known.includes(name) && !OTHER_VARIABLES.includes(name))
    .flatMap((name) => {
      if (NOT_YET.some((option) => `${PREFIX}${option.toUpperCase()}` === name)) {
        return [
          {
            id: 'C002',
            place: name,
            problem: 'this variable is not honoured yet.',
            remedy: 'Leave it out.',
          },
        ]
      }
      const near = nearVariable(name, known)
      return near === ''
        ? []
        : [{ id: 'C001', place: name, problem: 'there is no such variable.', remedy: near }]
    })
}

/** Without the prefix, which would make every variable look like every other. */
function nearVariable(name: string, known: readonly string[]): string {
  const bare = (variable: string): string => variable.replace(PREFIX, '')
  return didYouMean(bare(name), known.map(bare)).replace('"', `"${PREFIX}`)
}

/** The given values that are as they should be; the others become mistakes. */
function collect(options: AdminOptions, environment: Environment, mistakes: Mistake[]): Given {
  const given: Record<string, unknown> = {}
  for (const name of Object.keys(OPTIONS) as OptionName[]) {
    const rule = OPTIONS[name]
    const fromOptions = options[name]
    const variable = rule.variable === null ? undefined : environment[rule.variable]
    const isFromVariable = fromOptions === undefined && variable !== undefined && variable !== ''
    const value = isFromVariable ? rule.read(variable) : fromOptions
    if (value === undefined) continue
    const parsed = rule.schema.safeParse(value)
    if (parsed.success) given[name] = value
    else mistakes.push(unfitting(isFromVariable ? (rule.variable ?? name) : name, rule, value, parsed.error))
  }
  return given
}

function unfitting(place: string, rule: OptionRule, value: unknown, error: z.ZodError): Mistake {
  const at = error.issues[0]?.path[0]
  const culprit = Array.isArray(value) && typeof at === 'number' ? value[at] : value
  const shown =
    rule.isSecret || typeof culprit === 'object' ? 'it is not' : `it is ${JSON.stringify(culprit)}`
  return {
    id: 'C003',
    place,
    problem: `must be ${rule.wanted}; ${shown}.`,
    remedy: 'Change it, or leave it out.',
  }
}

function debugMistakes(debug: boolean, environment: Environment, host: string | undefined): Mistake[] {
  const mistakes: Mistake[] = []
  if (debug && environment['NODE_ENV'] === 'production') {
    mistakes.push({
      id: 'C201',
      place: 'debug',
      problem: 'debug lifts HTTPS, secure cookies and the allow-list, and NODE_ENV is "production".',
      remedy: 'Set CASTELLAN_DEBUG=false, or leave NODE_ENV out on a development machine.',
    })
  }
  if (debug && host !== undefined && !isLoopback(host)) {
    mistakes.push({
      id: 'C202',
      place: 'debug',
      problem: `debug is for this machine alone, and "${host}" can be reached from others.`,
      remedy: 'Listen on 127.0.0.1, or set CASTELLAN_DEBUG=false and put TLS in front.',
    })
  }
  return mistakes
}

/** A link is worth no more than the address it begins with. */
function mailMistakes({ mail, registration, publicUrl, debug, people }: Given): Mistake[] {
  const mistakes: Mistake[] = []
  if (mail && publicUrl === undefined) {
    mistakes.push({
      id: 'C501',
      place: 'mail',
      problem: 'letters hold links, and without publicUrl nobody but a request says where they lead.',
      remedy: 'Set publicUrl (CASTELLAN_PUBLIC_URL) to the origin that people type.',
    })
  }
  if (mail && !debug && publicUrl?.startsWith('http:')) {
    mistakes.push({
      id: 'C502',
      place: 'publicUrl',
      problem: 'letters hold links that let people in, and these would travel in the clear.',
      remedy: 'Begin publicUrl with https://.',
    })
  }
  if (registration && !mail) {
    mistakes.push({
      id: 'C503',
      place: 'registration',
      problem: 'whoever asks for an account has to prove their address first, and mail is off.',
      remedy: 'Set mail, or leave registration out.',
    })
  }
  if (registration && people) {
    mistakes.push({
      id: 'C504',
      place: 'registration',
      problem: 'people of this installation are the application’s own, which adds them itself.',
      remedy: 'Leave registration out.',
    })
  }
  return mistakes
}

export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true
  const address = host.replace(/^\[|\]$/g, '')
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback'
}
