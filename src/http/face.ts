/** A face as the chain sees it: where it lies, what it takes, and how it says no. */

import type { Hono } from 'hono'
import type { AdminError } from '../errors.ts'
import type { Env, RequestContext } from './env.ts'

export interface Face {
  /** Under the base path: `''` for the pages, `/api/v1` for the API. */
  readonly path: string
  /** Its routes, without `path`. It sets no error handler and no answer for unknown addresses of its own. */
  readonly app: Hono<Env>
  /**
   * What a body is made of. A face that takes JSON also takes bearer tokens,
   * never redirects, and never answers a browser that wants a document.
   */
  readonly bodies: 'form' | 'json'
  /** Answers a refusal or a fault, with `error.status`; unknown addresses and methods among them. */
  onError(error: AdminError, c: RequestContext): Response | Promise<Response>
  /** Under the base path: where a visitor without a session is sent; absent: they get `unauthenticated`. */
  readonly signInPath?: string
  /** Whether a form sent to that path without a session is handed to `onError`, so that nothing typed is lost. */
  keepsForm?(path: string): boolean
}
