/** A real OpenID Connect provider on a port of this machine, and ways to make it say what it should not. */

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { Provider } from 'oidc-provider'
import { ORIGIN } from './client.ts'

export const CLIENT_ID = 'castellan'
export const CLIENT_SECRET = 'a secret of the client, for tests alone'
const SCOPES = 'openid profile email groups'
const MOST_STEPS = 12

export interface Account {
  readonly sub: string
  readonly name?: string
  readonly email?: string
  readonly email_verified?: boolean
  readonly groups?: readonly string[]
}

/** What is done to an ID token on its way out. */
export type Forge = (claims: JWTPayload, sign: Sign) => Promise<string>

export interface Sign {
  /** By the provider's own key. */
  readonly asProvider: (claims: JWTPayload) => Promise<string>
  /** By a key that nobody knows, under the name of the provider's. */
  readonly asStranger: (claims: JWTPayload) => Promise<string>
  /** With `alg: none`. */
  readonly asNobody: (claims: JWTPayload) => Promise<string>
}

export interface TestProvider {
  readonly issuer: string
  /** Who signs in there next. */
  account: Account
  /** Null: ID tokens leave as they are. */
  forge: Forge | null
  /** Every request so far: `POST /token`. */
  readonly asked: string[]
  /** How a logout token, or what pretends to be one, is signed. */
  readonly sign: Sign
  /** Goes through the provider's pages as a browser, until it sends the browser back; answers that path. */
  visit(address: string): Promise<string>
  close(): Promise<void>
}

/** @param ids What the installation at `origin` calls it: there is a redirect address for each. */
export async function openProvider(ids: readonly string[], origin: string = ORIGIN): Promise<TestProvider> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const issuer = `http://127.0.0.1:${port}`
  const [own, strange] = [await newKey(), await newKey()]
  const sign: Sign = {
    asProvider: (claims) => signed(claims, own),
    asStranger: (claims) => signed(claims, strange),
    asNobody: async (claims) => new UnsecuredJWT(claims).encode(),
  }

  const test: TestProvider = {
    issuer,
    account: { sub: 'nobody' },
    forge: null,
    asked: [],
    sign,
    visit: (address) => visit(issuer, address),
    close: () => closed(server),
  }
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...(await exportJWK(own)), kid: 'own', alg: 'RS256', use: 'sig' }] },
    cookies: { keys: ['only for tests'] },
    // in seconds, and not by default functions that tell about themselves
    ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600 },
    features: { devInteractions: { enabled: false } },
    scopes: SCOPES.split(' '),
    claims: {
      openid: ['sub'],
      profile: ['name'],
      email: ['email', 'email_verified'],
      groups: ['groups'],
    },
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
        redirect_uris: ids.map((id) => `${origin}/admin/sign-in/from/${id}`),
        post_logout_redirect_uris: [`${origin}/admin/sign-in`],
      },
    ],
    findAccount: (_ctx, sub) => ({
      accountId: sub,
      claims: async () => ({ ...test.account, groups: [...(test.account.groups ?? [])], sub }),
    }),
    async loadExistingGrant({ oidc }) {
      const { client, session } = oidc
      const grant = new oidc.provider.Grant({ clientId: client?.clientId, accountId: session?.accountId })
      grant.addOIDCScope(SCOPES)
      await grant.save()
      return grant
    },
  })
  provider.use(async (ctx, next) => {
    test.asked.push(`${ctx.method} ${ctx.path}`)
    if (!ctx.path.startsWith('/interaction/')) return next()
    const result = { login: { accountId: test.account.sub } }
    const to = await provider.interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: false })
    ctx.redirect(to)
  })
  provider.use(async (ctx, next) => {
    await next()
    const { body } = ctx
    if (!test.forge || ctx.path !== '/token' || typeof body !== 'object' || body === null) return
    if (!('id_token' in body)) return
    ctx.body = { ...body, id_token: await test.forge(payloadOf(String(body.id_token)), sign) }
  })
  server.on('request', provider.callback())
  return test
}

type Key = Awaited<ReturnType<typeof newKey>>

async function newKey() {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  return privateKey
}

async function signed(claims: JWTPayload, key: Key): Promise<string> {
  return await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'own' }).sign(key)
}

function payloadOf(token: string): JWTPayload {
  const [, payload = ''] = token.split('.')
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as JWTPayload
}

async function visit(issuer: string, address: string): Promise<string> {
  const cookies = new Map<string, string>()
  let at = address
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const response = await fetch(at, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    const location = response.headers.get('location')
    if (location === null) throw new Error(`The provider stays at ${at}: ${await response.text()}`)
    at = new URL(location, at).href
    if (!at.startsWith(issuer)) return at.slice(new URL(at).origin.length)
  }
  throw new Error('The provider sends its visitor round in circles.')
}

async function closed(server: Server): Promise<void> {
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}
