/** The option `oidc`: who else may say who somebody is, and how much of what they say counts. */

/** One OpenID Connect provider. */
export interface OidcProvider {
  /** Lower-case letters, digits and "-": stands in addresses and in the audit log. */
  readonly id: string
  /** On the button of the sign-in page. */
  readonly label: string
  /** Exactly as the provider calls itself; its discovery document is found from it. */
  readonly issuer: string
  readonly clientId: string
  /** Absent: a public client, which PKCE alone protects. */
  readonly clientSecret?: string
  /** How the secret is sent; `basic` by default. */
  readonly clientAuthentication?: 'basic' | 'post'
  /** Asked for beside `openid`; `profile` and `email` by default. */
  readonly scopes?: readonly string[]
  /** Makes a person of whoever comes for the first time; false by default: people link the provider themselves. */
  readonly createPeople?: boolean
  /** Roles from a claim, as at each sign-in; a value that is not in the map gives nothing. */
  readonly roles?: OidcRoles
  /** Whether signing out here goes on to the provider's own sign-out; true by default. */
  readonly signOut?: boolean
}

export interface OidcRoles {
  /** The name of the claim, a text or a list of texts: `groups`. */
  readonly claim: string
  /** From a value of the claim to the name of a role of the policy. */
  readonly map: Readonly<Record<string, string>>
}

const METHOD = 'oidc:'

/** How sessions and events call having signed in with that provider. */
export function methodOf(id: string): string {
  return `${METHOD}${id}`
}

/** The id of the provider that a method of a session names; null for any other method. */
export function providerIn(method: string): string | null {
  return method.startsWith(METHOD) ? method.slice(METHOD.length) : null
}
