/** What the chain of `http/app.ts` has established by the time a face answers. */

import type { Context } from 'hono'
import type { Principal } from '../identity/principal.ts'
import type { RequestOrigin } from '../identity/request.ts'
import type { CookieNames } from './cookie-names.ts'

export interface Env {
  Bindings: Peer
  Variables: {
    readonly origin: RequestOrigin
    /** 128 random bits or more, base64, new for every response. */
    readonly nonce: string
    /** Null on the routes that are reachable without a session. */
    readonly principal: Principal | null
    /** What every form carries in `_csrf`; bound to the session, or before sign-in to a cookie of its own. */
    readonly csrf: string
    /** What `csrf` is bound to: the session's own, or before sign-in the cookie's. */
    readonly binding: string
    /** True when the request came over TLS, or through a trusted proxy that says so. */
    readonly isSecure: boolean
    /** The parsed form of a POST, read once; null for other bodies. */
    readonly form: URLSearchParams | null
    /** Paths of the application's pages that it does not offer to this principal; absent: of none. */
    readonly hiddenPages?: ReadonlySet<string>
    /** What the cookies of this installation are called; for `http/cookies.ts`. */
    readonly cookies: CookieNames
  }
}

/** The other end of the connection, as the server below knows it; nothing of it comes from the request. */
export interface Peer {
  /** The socket's remote address; absent where there is no socket. */
  readonly address?: string
  readonly isEncrypted?: boolean
}

export type RequestContext = Context<Env>
