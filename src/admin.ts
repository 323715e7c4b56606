/** An admin: what users of the package hold, and when its parts are opened and closed. */

import { assemble, type Ports, type Running } from './assembly/assemble.ts'
import { openDatabases } from './assembly/databases.ts'
import type { FoundSource } from './assembly/models.ts'
import { type AdminOptions, type Configuration, configure } from './config.ts'
import { AdminError } from './errors.ts'
import type { Call } from './gate/call.ts'
import type { Outcome } from './gate/outcome.ts'
import type { Model } from './model/model.ts'

export type { Ports } from './assembly/assemble.ts'
export type { FoundSource } from './assembly/models.ts'

export interface Admin {
  /**
   * Opens the databases and makes or migrates Castellan's own tables. May be called any number of
   * times and by several processes at once; never touches the application's tables.
   * @returns the one-time token of `/set-up`, in place of any before; null once a person exists.
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
  /** The databases as they were found, with what could not be used fully; empty before `initialize`. */
  readonly sources: readonly FoundSource[]
  /**
   * Closes what was opened here; a pool that the application lent stays open. From then on `fetch` answers 503 and
   * `perform` refuses, until `initialize` is called again.
   */
  close(): Promise<void>
}

/**
 * An admin over one database or several. Nothing is opened before `initialize`.
 * @throws AdminError `misconfigured` with every mistake of the options and the environment.
 */
export function createAdmin(options: AdminOptions, ports: Ports = {}): Admin {
  const configuration = configure(options)
  let starting: Promise<Running> | null = null
  let running: Running | null = null
  let isClosed = false

  async function start(): Promise<Running> {
    const opening = starting ?? open(configuration, ports)
    starting = opening
    try {
      const opened = await opening
      if (starting === opening) running = opened
      return opened
    } catch (error) {
      if (starting === opening) starting = null
      throw error
    }
  }

  /** What comes after the end opens nothing: a request on its way would keep a stopped process alive. */
  async function live(): Promise<Running | null> {
    return isClosed ? null : await start()
  }

  return {
    configuration,
    get models() {
      return running?.models ?? new Map()
    },
    get sources() {
      return running?.found ?? []
    },
    async initialize() {
      isClosed = false
      const { identity } = await start()
      return { setUpToken: ports.setsUp === false ? null : await identity.issueSetUpToken() }
    },
    async fetch(request, connection) {
      const open = await live()
      return open ? open.app.fetch(request, connection ?? {}) : closedAnswer()
    },
    async perform(call) {
      const open = await live()
      if (!open) throw new AdminError('data-source-failed', 'The admin is closed. Initialize it again first.')
      return open.gate.perform(call)
    },
    async close() {
      isClosed = true
      const open = await starting?.catch(() => null)
      starting = null
      running = null
      await open?.close()
    },
  }
}

function closedAnswer(): Response {
  return new Response('closed\n', {
    status: 503,
    headers: {
      'cache-control': 'no-store',
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
    },
  })
}

async function open(configuration: Configuration, ports: Ports): Promise<Running> {
  const databases = await openDatabases(configuration)
  try {
    return await assemble(configuration, ports, databases)
  } catch (error) {
    await databases.close()
    throw error
  }
}
