/** What the chain has to know of an installation. Parsed and checked by the configuration; all of it is fixed at start. */

export interface HttpSettings {
  /** `/admin`; empty at the root of a host. */
  readonly basePath: string
  /** The origin people use, such as `https://admin.example.com`; null: the host that a request names. */
  readonly publicUrl: string | null
  readonly cookieName: string
  /** Loopback only, plain HTTP, no allow-list, and no proxy in front. */
  readonly isDebug: boolean
  /** Addresses and networks in CIDR form whose word about a request's origin is taken. */
  readonly trustedProxies: readonly string[]
  /** Who may come in at all; both empty: everyone. Off in debug. */
  readonly allowedIps: readonly string[]
  readonly allowedNetworks: readonly string[]
  /** Of one address; 0: any number. */
  readonly requestsPerMinute: number
  readonly enforceHttps: boolean
  /** Where a plain request is sent on to; null: the usual port. */
  readonly httpsPort: number | null
  readonly secureCookies: boolean
  /** 1 MiB unless said otherwise. */
  readonly maxBodyBytes?: number
}
