/** What the chain of `http/app.ts` has established by the time a face answers. */

import type { Context } from 'hono'
import type { Principal } from '../identity/principal.ts'
import type { RequestOrigin } from '../identity/request.ts'

export interface Env {
  Variables: {
    readonly origin: RequestOrigin
    /** 128 random bits or more, base64, new for every response. */
    readonly nonce: string
    /** Null on the routes that are reachable without a session. */
    readonly principal: Principal | null
    /** What every form carries in `_csrf`; bound to the session, or before sign-in to a cookie of its own. */
    readonly csrf: string
    /** True when the request came over TLS, or through a trusted proxy that says so. */
    readonly isSecure: boolean
    /** The parsed form of a POST, read once; null for other bodies. */
    readonly form: URLSearchParams | null
  }
}

export type RequestContext = Context<Env>
