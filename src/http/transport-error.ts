/**
 * Refusals that concern the request as HTTP and not what it asks for: a method,
 * a content type, a precondition. The code is one of the published ones; the
 * status is the protocol's own, where the table of `errors.ts` has none for it.
 */

import { AdminError, type AdminErrorDetails, type ErrorCode } from '../errors.ts'

export type TransportStatus = 400 | 403 | 404 | 405 | 406 | 412 | 415 | 501

export class TransportError extends AdminError {
  readonly #status: TransportStatus
  /** Headers that the answer carries, such as `Allow`. */
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: TransportStatus,
    code: ErrorCode,
    message: string,
    {
      headers = {},
      ...details
    }: AdminErrorDetails & { readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(code, message, details)
    this.#status = status
    this.headers = headers
  }

  override get status(): number {
    return this.#status
  }
}
