/**
 * What a command of the terminal is, and what it is given.
 *
 * A command is a face: it turns arguments into calls and outcomes into lines
 * and an exit code. It holds no rule. Everything it needs from the machine
 * comes as a parameter, so that tests can run it without a process.
 */

import type { Anchor } from '../../audit/anchor/anchor.ts'
import type { Clock } from '../../clock.ts'
import type { Database, Engine } from '../../database/database.ts'
import type { Call } from '../../gate/call.ts'
import type { Outcome } from '../../gate/outcome.ts'
import type { Model, Sensitivity } from '../../model/model.ts'

export interface Command {
  /** As it is typed: `serve`, `user create`. */
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  /** What else there is to know, in the command's own help. */
  readonly description: string
  /** What may stand behind the name without an option's, as the help calls it: `EVENT`. */
  readonly argument?: string
  readonly options: Readonly<Record<string, Option>>
  /** The exit code of wrong usage, where it is not 2. */
  readonly usageCode?: number
  /** The exit code. */
  run(given: Given, workshop: Workshop): Promise<number>
}

export interface Option {
  /** How the value is called in the help; absent for a switch. */
  readonly value?: string
  readonly help: string
  /** It may stand there several times. */
  readonly isRepeated?: true
}

/** The options of one command line, checked against the command's own list. */
export interface Given {
  /** What stands there without an option's name; undefined where nothing does. */
  readonly argument: string | undefined
  /** The value of an option, or undefined. */
  text(option: string): string | undefined
  /** The values of an option that may be repeated, in their order. */
  all(option: string): readonly string[]
  /** Whether a switch stands there. */
  has(option: string): boolean
}

/** The terminal and the machine around it. */
export interface Workshop {
  readonly terminal: Terminal
  readonly clock: Clock
  readonly randomBytes: (size: number) => Uint8Array
  /** The operating system's name for who is typing. */
  readonly userName: string
  /** Castellan's own version. */
  readonly version: string
  readonly nodeVersion: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The folder that relative paths start from. */
  readonly folder: string
  /** Whether an address is this machine's own. */
  readonly isLoopback: (host: string) => boolean
  /** Reads a configuration file. @throws AdminError `misconfigured`. */
  readConfig(path: string): Promise<ConfigFile>
  /** Checks a configuration without opening anything. @throws AdminError `misconfigured`. */
  check(installation: Installation): Checked
  /** Opens the admin and makes or migrates its own tables. @throws AdminError `misconfigured`. */
  open(installation: Installation): Promise<OpenAdmin>
  /** Opens the database that holds the own tables, to read it and without a secret. @throws AdminError `misconfigured`. */
  openStore(installation: Installation): Promise<Database>
  /** The anchors that the installation keeps checkpoints at. Needs no secret. @throws AdminError `misconfigured`. */
  anchorsOf(installation: Installation): Promise<readonly Anchor[]>
  /** What the sinks of the audit log are called. Needs no secret. @throws AdminError `misconfigured`. */
  sinksOf(installation: Installation): readonly string[]
  /** How letters leave, and whether the server that takes them can be reached. */
  mailOf(installation: Installation): Promise<MailFacts>
  /** Starts to listen. @throws AdminError `internal` with the remedy when the port is in use. */
  listen(address: Address, handler: Handler): Promise<Listener>
  /** A throw-away certificate for that host, signed by itself. */
  adhocCertificate(host: string): Promise<NonNullable<Address['tls']>>
  /** Fills a new SQLite file with the sample shop. */
  createDemoShop(file: string): Promise<void>
  /** Resolves on SIGTERM or SIGINT, and when the process that began this one stops. */
  untilStopped(): Promise<void>
  readonly processes: Processes
}

/** One server in several processes. */
export interface Processes {
  /** How many processors there are. */
  readonly available: number
  /** Which of several this one is, from 1; null: it is the only one, or begins the others. */
  readonly place: number | null
  /** Runs this very command in so many of them until it is stopped. The exit code. */
  begin(count: number): Promise<number>
  /** Says that this one serves. */
  ready(): void
}

export interface Terminal {
  /** Everything that is piped in, as text. */
  read(): Promise<string>
  /** Results, and nothing else. */
  print(line: string): void
  /** Messages to the person who types. */
  tell(line: string): void
}

/** Which installation a command is about. What stands here outweighs the configuration file. */
export interface Installation {
  /** Database URLs as they were typed; absent: those of the file or of the environment. */
  readonly databases?: readonly string[]
  readonly store?: string
  readonly dataDir?: string
  readonly basePath?: string
  readonly secretKeys?: readonly string[]
  readonly debug?: boolean
  readonly secureCookies?: boolean
  readonly httpsPort?: number
  readonly file?: ConfigFile
  /** The address it is going to listen on; absent for every command but `serve` and `demo`. */
  readonly host?: string
}

/** A configuration file that has been read, not checked yet. */
export interface ConfigFile {
  readonly path: string
  /** What it exports by default: the options of `createAdmin`. */
  readonly options: Readonly<Record<string, unknown>>
}

/** What a checked configuration says, as far as the commands look at it. */
export interface Checked {
  readonly basePath: string
  readonly debug: boolean
  readonly enforceHttps: boolean
  readonly secureCookies: boolean
  readonly allowedIps: readonly string[]
  readonly allowedNetworks: readonly string[]
  readonly publicUrl: string | null
  readonly sessionTimeoutMinutes: number
  readonly accessTokenMinutes: number
  /** 0: keys are never rotated by themselves. */
  readonly keyRotationDays: number
  readonly store: CheckedStore
  /** The labels of databases, and of Redis, on other machines that are reached without TLS. */
  readonly inTheClear: readonly string[]
  /** The labels of databases that one process alone can have open. */
  readonly heldAlone: readonly string[]
}

/** `off`: no letters. `application`: its own function sends them. `smtp`: by a server, which failed with that code or is there. */
export type MailFacts =
  | { readonly by: 'off' | 'application' }
  | { readonly by: 'smtp'; readonly host: string; readonly code: string | null }

/** Where the own tables are. */
export interface CheckedStore {
  /** A path or an address, never a password. */
  readonly label: string
  /** The file they are in; null on a server, and where the file is a temporary one. */
  readonly file: string | null
  readonly isTemporary: boolean
}

/** One database as it was found. */
export interface FoundSource {
  readonly id: string
  readonly engine: Engine
  readonly label: string
  readonly models: readonly Model[]
  /** What could not be used fully. */
  readonly warnings: readonly FoundWarning[]
  /** About how many records a model has, by its name, where the database tells. */
  readonly rows: ReadonlyMap<string, number>
  readonly sharesStore: boolean
  /** Fields that nobody reads before somebody has classified them. */
  readonly waiting: readonly WaitingField[]
  /** When a server last started on another schema than this one, RFC 3339; null: on this one, or never. */
  readonly changedSince: string | null
}

export interface WaitingField {
  readonly model: string
  readonly field: string
  readonly type: string
  readonly guess: Sensitivity
}

export interface FoundWarning {
  readonly code: string
  readonly model: string | null
  readonly field: string | null
  readonly detail: string
}

export interface OpenAdmin {
  /** Where the first administrator is made; null once a person exists. */
  readonly setUpToken: string | null
  /** The application's databases. */
  readonly sources: readonly FoundSource[]
  readonly checked: Checked
  readonly handler: Handler
  perform(call: Call): Promise<Outcome>
  close(): Promise<void>
}

export type Handler = (request: Request, connection: { readonly address: string }) => Promise<Response>

export interface Address {
  readonly host: string
  readonly port: number
  /** A certificate and its key in PEM; absent: plain HTTP. */
  readonly tls?: { readonly certificate: string; readonly key: string }
}

export interface Listener {
  /** `http://127.0.0.1:4600`, with the port that was really taken. */
  readonly origin: string
  /** Finishes the requests that are under way, then stops. */
  close(): Promise<void>
}

/** Wrong usage of the command line: told with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** 0 done, 1 failed, 2 wrong usage, 78 wrong configuration (`EX_CONFIG` of sysexits). */
export const EXIT = { done: 0, failed: 1, usage: 2, configuration: 78 } as const
