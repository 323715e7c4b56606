/**
 * What can be configured: the options of `createAdmin`, what each may be, and
 * the environment variable that stands for it. `config.ts` resolves them.
 */

import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import { AUDIT_SCHEMA, type AuditOption } from './audit/option.ts'
import type { SourceDefinition } from './data/source-definition.ts'
import { OWN_COMPONENT_NAMES, type OwnComponents, type OwnContext } from './faces/own-component.ts'
import type { MenuEntry, OwnPage } from './faces/own-page.ts'
import type { OwnAction } from './gate/own-action.ts'
import type { PeopleOption } from './identity/host-people.ts'
import type { OidcProvider } from './identity/oidc/option.ts'
import type { WhenTooMany } from './identity/parts.ts'
import { MAIL_SCHEMA, type MailOption, readMail } from './mail/option.ts'
import type { ModelOptions } from './model/options.ts'
import type { PolicyDocument } from './policy/document.ts'

/** A database as options name it: by its URL, or handed over by the application. */
export type SourceOption = string | SourceDefinition

/**
 * What `createAdmin` and `defineAdmin` take. Every scalar may come from the environment instead; an option
 * given here wins. What the type calls `never` is planned and refused by name, so that nothing is ignored.
 */
export interface AdminOptions extends Readonly<Partial<Record<NotYetOption, never>>> {
  /** Beside the brand and in the browser's title. */
  readonly title?: string
  /** Where the admin is mounted, `/admin` by default; `/` for the root of a host. */
  readonly basePath?: string
  /** The origin that people type, `https://admin.example.com`; absent: taken from the request. */
  readonly publicUrl?: string
  readonly cookieName?: string
  /** `postgres://…`, `mariadb://…`, `mysql://…`, `sqlite:shop.db`, `pglite:folder`, or what a reader such as `castellan/drizzle` returns. */
  readonly database?: SourceOption
  /** Several databases by id, in place of `database`. Models of every one but the first carry its id: `crm.accounts`. */
  readonly sources?: Readonly<Record<string, SourceOption>>
  /** Where Castellan's own tables live; absent: in the first database, so that a change and its event commit together. */
  readonly store?: string
  /** What the databases do not say of their models, or say otherwise, by model name. */
  readonly models?: Readonly<Record<string, ModelOptions & { readonly actions?: readonly OwnAction[] }>>
  /** Pages of the application inside the admin's shell. */
  readonly pages?: readonly OwnPage[]
  /** The application's own in place of our pages of signing in, by the name of the page. */
  readonly components?: OwnComponents
  /** What those components are given beside the page: answered anew for each. */
  readonly context?: OwnContext
  /** More entries of the menu, beside models and pages. */
  readonly menu?: readonly MenuEntry[]
  /** Absent: the seeded roles. */
  readonly policy?: PolicyDocument
  /** The application's own people sign in, by its own code; absent: people are Castellan's own. */
  readonly people?: PeopleOption
  /** How letters leave (invitations, new passwords, notices); absent: none are sent. Needs `publicUrl`. */
  readonly mail?: MailOption
  /** Whether visitors may ask for an account, which an administrator has to let in; false by default. Needs `mail`. */
  readonly registration?: boolean
  /** What else new passwords are held against. */
  readonly passwords?: PasswordsOption
  /** OpenID Connect providers that people may sign in with. */
  readonly oidc?: readonly OidcProvider[]
  /** What else happens with the audit log: where its events are sent, where its checkpoints are kept, how often it is verified. */
  readonly audit?: AuditOption
  /** At least 32 bytes each. The first wraps keys, the others still unwrap them. */
  readonly secretKeys?: readonly string[]
  /** Development only: lifts HTTPS, secure cookies and the allow-list on a loopback address. */
  readonly debug?: boolean
  /** `strict`: shorter and fewer sessions wherever no other option says how long and how many. */
  readonly preset?: PresetName
  /** Networks (CIDR) whose forwarded headers are believed. */
  readonly trustedProxies?: readonly string[]
  /** Addresses that may reach the admin at all, the sign-in page included. None at all here and in `allowedNetworks`: everyone may. */
  readonly allowedIps?: readonly string[]
  readonly allowedNetworks?: readonly string[]
  /** Names for networks, as rules of the policy call them: `{ office: ['192.0.2.0/24'] }`. */
  readonly networks?: Readonly<Record<string, readonly string[]>>
  /** A file of networks and where they are, `192.0.2.0/24,Lisbon office`; absent: nobody is told where an address is. */
  readonly places?: string
  /** Where attempts to sign in are counted, `redis://host:6379`; absent: in the store. */
  readonly redis?: string
  /** How many requests one network may make in a minute; 0: any number. */
  readonly requestsPerMinute?: number
  readonly enforceHttps?: boolean
  readonly httpsPort?: number
  readonly secureCookies?: boolean
  readonly accessTokenMinutes?: number
  readonly refreshTokenDays?: number
  readonly maxSessionsPerPerson?: number
  /** What a sign-in beyond `maxSessionsPerPerson` does: ends the oldest session, or is refused. */
  readonly whenTooManySessions?: WhenTooMany
  /** Hours after which a session is over whatever happens; at most 12. */
  readonly sessionLimitHours?: number
  /** Minutes without a request after which a session is over. */
  readonly sessionTimeoutMinutes?: number
  readonly cleanupIntervalMinutes?: number
  /** Keys that are older are rotated; 0: only by `castellan keys rotate`. The key of the log always is. */
  readonly keyRotationDays?: number
  /** Gets every unexpected error; what it throws is ignored. */
  readonly onError?: (error: unknown, context: { readonly requestId: string }) => void
  readonly log?: LogLevel
  /** Where files of our own are kept, such as a generated secret. */
  readonly dataDir?: string
}

export interface PasswordsOption {
  /** Words of the organisation that no password may be made of: its name, its products, its places. */
  readonly words?: readonly string[]
  /**
   * Looks leaked passwords up, by the first five hex digits of their SHA-1 alone (k-anonymity); answers lines
   * `SUFFIX:COUNT`. Absent: nobody is asked. What throws, or takes three seconds, keeps nobody from a password.
   */
  readonly ranges?: (prefix: string, signal: AbortSignal) => Promise<string>
}

export type PresetName = 'default' | 'strict'

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug'

export interface OptionRule {
  readonly schema: z.ZodType
  /** Completes "must be …". */
  readonly wanted: string
  readonly variable: string | null
  /** What the text of a variable means; the schema then checks it. */
  readonly read: (text: string) => unknown
  readonly isSecret?: boolean
}

const asText = (text: string): unknown => text
const asNumber = (text: string): unknown => (/^\d+$/.test(text) ? Number(text) : text)
const asList = (text: string): unknown =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
const asBoolean = (text: string): unknown => {
  const lower = text.toLowerCase()
  if (['true', '1', 'yes', 'on'].includes(lower)) return true
  return ['false', '0', 'no', 'off'].includes(lower) ? false : text
}

const isFunction = z.custom((value) => typeof value === 'function')
const networks = z.array(z.string().refine(isNetwork))
const url = z.string().min(1)
const source = z.union([url, z.custom<SourceDefinition>(isSourceDefinition)])

function whole(from: number, to: number, unit: string, variable: string): OptionRule {
  return {
    schema: z.int().min(from).max(to),
    wanted: `a whole number from ${from} to ${to}${unit}`,
    variable,
    read: asNumber,
  }
}

function flag(variable: string): OptionRule {
  return { schema: z.boolean(), wanted: 'true or false', variable, read: asBoolean }
}

function text(schema: z.ZodType, wanted: string, variable: string): OptionRule {
  return { schema, wanted, variable, read: asText }
}

function list(schema: z.ZodType, wanted: string, variable: string): OptionRule {
  return { schema, wanted, variable, read: asList }
}

export type OptionName = Exclude<keyof AdminOptions, NotYetOption>

export const OPTIONS: Readonly<Record<OptionName, OptionRule>> = {
  title: text(z.string().trim().min(1).max(80), 'a text of 1 to 80 characters', 'CASTELLAN_TITLE'),
  basePath: text(
    z.string().regex(/^(\/|(\/[A-Za-z0-9._~-]+)+\/?)$/),
    'a path such as "/admin"',
    'CASTELLAN_BASE_PATH',
  ),
  publicUrl: text(
    z.string().refine(isOrigin),
    'an origin without a path, such as "https://admin.example.com"',
    'CASTELLAN_PUBLIC_URL',
  ),
  cookieName: text(
    z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,39}$/),
    'up to 40 letters, digits, "-" and "_", beginning with a letter',
    'CASTELLAN_COOKIE_NAME',
  ),
  database: {
    schema: source,
    wanted: 'an address such as "sqlite:shop.db", or what a reader such as "castellan/drizzle" returns',
    variable: 'CASTELLAN_DATABASE_URL',
    read: asText,
    isSecret: true,
  },
  sources: {
    schema: z.record(z.string(), source),
    wanted: 'databases by an id, each as "database" takes it',
    variable: null,
    read: asText,
    isSecret: true,
  },
  store: {
    schema: url,
    wanted: 'an address such as "sqlite:castellan.db"',
    variable: 'CASTELLAN_STORE_URL',
    read: asText,
    isSecret: true,
  },
  models: {
    // each is checked whole against its model once the databases have been read
    schema: z.record(z.string(), z.looseObject({})),
    wanted: 'options of models by the name of the model',
    variable: null,
    read: asText,
  },
  policy: {
    schema: z.looseObject({
      roles: z.record(z.string(), z.looseObject({})),
      rules: z.array(z.looseObject({ id: z.string() })),
    }),
    wanted: 'a policy document with "roles" and "rules"',
    variable: null,
    read: asText,
  },
  pages: {
    schema: z.array(z.looseObject({ path: z.string(), title: z.string(), render: isFunction })),
    wanted: 'a list of pages, each with "path", "title" and "render"',
    variable: null,
    read: asText,
  },
  components: {
    schema: z.partialRecord(z.enum(OWN_COMPONENT_NAMES), isFunction),
    wanted: `an object of functions by the page that each replaces: ${OWN_COMPONENT_NAMES.join(', ')}`,
    variable: null,
    read: asText,
  },
  context: { schema: isFunction, wanted: 'a function', variable: null, read: asText },
  menu: {
    schema: z.array(
      z.strictObject({
        label: z.string().optional(),
        href: z.string().optional(),
        page: z.string().optional(),
        model: z.string().optional(),
        icon: z.string().optional(),
        group: z.string().optional(),
        order: z.number().optional(),
      }),
    ),
    wanted: 'a list of entries, each with "href", "page" or "model"',
    variable: null,
    read: asText,
  },
  people: {
    schema: z.strictObject({
      model: z.string(),
      usernameField: z.string(),
      nameField: z.string().optional(),
      passwordField: z.string().optional(),
      authenticate: isFunction,
      changePassword: isFunction.optional(),
      roles: isFunction.optional(),
    }),
    wanted: 'an object with "model", "usernameField" and the function "authenticate"',
    variable: null,
    read: asText,
  },
  mail: {
    schema: MAIL_SCHEMA,
    wanted:
      'an object with "from" and either "smtp" (as "smtp://name:password@host:587") or the function "send"; as a variable "smtp://name:password@host:587?from=admin@example.com"',
    variable: 'CASTELLAN_MAIL',
    read: readMail,
    isSecret: true,
  },
  registration: flag('CASTELLAN_REGISTRATION'),
  passwords: {
    schema: z.strictObject({
      words: z.array(z.string().min(3)).optional(),
      ranges: isFunction.optional(),
    }),
    wanted: 'an object with "words" of three letters and more and the function "ranges"',
    variable: null,
    read: asText,
  },
  oidc: {
    schema: z.array(
      z.strictObject({
        id: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/),
        label: z.string().trim().min(1).max(60),
        issuer: z.url(),
        clientId: z.string().min(1),
        clientSecret: z.string().min(1).optional(),
        clientAuthentication: z.enum(['basic', 'post']).optional(),
        scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/)).optional(),
        createPeople: z.boolean().optional(),
        roles: z.strictObject({ claim: z.string().min(1), map: z.record(z.string(), z.string()) }).optional(),
        signOut: z.boolean().optional(),
      }),
    ),
    wanted: 'a list of providers, each with "id", "label", "issuer" and "clientId"',
    variable: null,
    read: asText,
    isSecret: true,
  },
  secretKeys: {
    schema: z.array(z.string()),
    wanted: 'a list of texts',
    variable: 'CASTELLAN_SECRET_KEY',
    read: asList,
    isSecret: true,
  },
  debug: flag('CASTELLAN_DEBUG'),
  preset: text(z.enum(['default', 'strict']), '"default" or "strict"', 'CASTELLAN_PRESET'),
  trustedProxies: list(
    networks,
    'networks such as "10.0.0.0/8" or single addresses',
    'CASTELLAN_TRUSTED_PROXIES',
  ),
  allowedIps: list(
    z.array(z.string().refine(ipaddr.isValid)),
    'addresses such as "192.0.2.7"',
    'CASTELLAN_ALLOWED_IPS',
  ),
  allowedNetworks: list(networks, 'networks such as "192.0.2.0/24"', 'CASTELLAN_ALLOWED_NETWORKS'),
  networks: {
    schema: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), networks),
    wanted: 'lists of networks by a lower-case name',
    variable: null,
    read: asText,
  },
  places: text(z.string().min(1), 'a file', 'CASTELLAN_PLACES'),
  redis: {
    schema: z.string().refine(isRedisAddress),
    wanted: 'an address such as "redis://host:6379", or "rediss://…" over TLS',
    variable: 'CASTELLAN_REDIS_URL',
    read: asText,
    isSecret: true,
  },
  requestsPerMinute: whole(0, 1_000_000, ' requests', 'CASTELLAN_REQUESTS_PER_MINUTE'),
  enforceHttps: flag('CASTELLAN_ENFORCE_HTTPS'),
  httpsPort: whole(1, 65_535, '', 'CASTELLAN_HTTPS_PORT'),
  secureCookies: flag('CASTELLAN_SECURE_COOKIES'),
  accessTokenMinutes: whole(1, 60, ' minutes', 'CASTELLAN_ACCESS_TOKEN_MINUTES'),
  refreshTokenDays: whole(1, 90, ' days', 'CASTELLAN_REFRESH_TOKEN_DAYS'),
  maxSessionsPerPerson: whole(1, 100, '', 'CASTELLAN_MAX_SESSIONS_PER_PERSON'),
  whenTooManySessions: text(
    z.enum(['evict-oldest', 'refuse']),
    '"evict-oldest" or "refuse"',
    'CASTELLAN_WHEN_TOO_MANY_SESSIONS',
  ),
  sessionLimitHours: whole(1, 12, ' hours', 'CASTELLAN_SESSION_LIMIT_HOURS'),
  sessionTimeoutMinutes: whole(1, 1440, ' minutes', 'CASTELLAN_SESSION_TIMEOUT_MINUTES'),
  cleanupIntervalMinutes: whole(1, 1440, ' minutes', 'CASTELLAN_CLEANUP_INTERVAL_MINUTES'),
  keyRotationDays: whole(0, 3650, ' days', 'CASTELLAN_KEY_ROTATION_DAYS'),
  onError: {
    schema: z.custom((value) => typeof value === 'function'),
    wanted: 'a function',
    variable: null,
    read: asText,
  },
  log: text(
    z.enum(['silent', 'error', 'warn', 'info', 'debug']),
    '"silent", "error", "warn", "info" or "debug"',
    'CASTELLAN_LOG',
  ),
  audit: {
    schema: AUDIT_SCHEMA,
    wanted:
      'an object with "sinks", each with a "name" and the address "to": "file:///…", "syslogs://…" or "https://…", "anchors", each with "file", "syslog", "webhook", "s3" or "witness", "anchorSeconds" from 1 to 3600 and "verifyHours" from 0 to 8760; as a variable the file of one anchor',
    variable: 'CASTELLAN_ANCHOR_FILE',
    read: (file) => ({ anchors: [{ file }] }),
    isSecret: true,
  },
  dataDir: text(z.string().min(1), 'a folder', 'CASTELLAN_DATA_DIR'),
}

/** Options that the design names and this version refuses, rather than ignore. */
export const NOT_YET = [
  'theme',
  'dashboard',
  'overrides',
  'assets',
  'authenticators',
  'files',
  'watch',
  'jobs',
  'locales',
] as const

export type NotYetOption = (typeof NOT_YET)[number]

function isSourceDefinition(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'open' in value && typeof value.open === 'function'
}

function isNetwork(value: string): boolean {
  return ipaddr.isValidCIDR(value) || ipaddr.isValid(value)
}

function isRedisAddress(value: string): boolean {
  return URL.canParse(value) && /^rediss?:$/.test(new URL(value).protocol)
}

function isOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, pathname, search, hash } = new URL(value)
  return /^https?:$/.test(protocol) && pathname === '/' && search === '' && hash === ''
}
