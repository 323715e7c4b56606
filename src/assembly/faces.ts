/** The HTTP side of an admin: pages and API over one gate, behind one chain. */

import type { Logger } from 'pino'
import type { RunningAuditLog } from '../audit/create-log.ts'
import type { Clock } from '../clock.ts'
import type { Configuration } from '../config.ts'
import type { Database } from '../database/database.ts'
import { createApi } from '../faces/api/api.ts'
import type { House } from '../faces/house.ts'
import type { OwnPages } from '../faces/own-page.ts'
import { serveAsset } from '../faces/pages/assets.ts'
import { createPages } from '../faces/pages/pages.ts'
import type { Gate } from '../gate/gate.ts'
import { type App, createApp } from '../http/app.ts'
import type { Identity } from '../identity/identity.ts'
import { refusalDraft } from '../system-events.ts'
import { VERSION } from '../version.ts'
import { readiness } from './readiness.ts'

export interface FaceParts {
  readonly gate: Gate
  readonly identity: Identity
  readonly audit: RunningAuditLog
  /** Every database that requests depend on, the own tables' included. */
  readonly databases: readonly Database[]
  readonly own: Database
  /** What the application adds to the pages. */
  readonly pages: OwnPages
  readonly log: Logger
  readonly clock: Clock
  readonly randomBytes: (size: number) => Uint8Array
}

export function createFaces(configuration: Configuration, parts: FaceParts): App {
  const { gate, identity, audit, log, clock, randomBytes, pages } = parts
  const house: House = {
    gate,
    identity,
    clock,
    own: pages,
    replaced: {
      components: configuration.components,
      context: configuration.context,
      onError: (error, context) => tellHost(configuration, log, error, context),
    },
    settings: {
      title: configuration.title,
      basePath: configuration.basePath,
      publicUrl: configuration.publicUrl,
      environment: configuration.debug ? 'Local' : null,
      isDebug: configuration.debug,
      cookieName: configuration.cookieName,
      version: VERSION,
      placeOf: configuration.places.of,
    },
  }
  return createApp({
    identity,
    settings: { ...configuration, isDebug: configuration.debug },
    faces: [createApi(house), createPages(house)],
    serveAsset: (c) => serveAsset(c),
    isReady: readiness(parts),
    recordRefusal: async (refusal) => {
      await audit.appendAlone(refusalDraft(refusal))
    },
    log,
    clock,
    randomBytes,
    onError: configuration.onError,
  })
}

/** To the log, and to the host: whoever visits sees our own page. */
function tellHost(
  { onError }: Configuration,
  log: Logger,
  error: unknown,
  context: { readonly requestId: string },
): void {
  log.error({ err: error, requestId: context.requestId }, 'a component of the application failed')
  try {
    onError?.(error, context)
  } catch (failure) {
    log.error({ err: failure, requestId: context.requestId }, 'onError threw')
  }
}
