/** A house as in production: no debug, TLS ended by a proxy on 10.0.0.1, reached as https://admin.example.com. */

import { BASE, type Client, createClient, totpCode } from '../client.ts'
import {
  asSystem,
  type House,
  type HouseOptions,
  openHouse,
  PASSWORD,
  type SignedIn,
  signInWith,
} from '../house.ts'

export const ORIGIN = 'https://admin.example.com'
export const PROXY = '10.0.0.1'
export const CLIENT_ADDRESS = '198.51.100.7'

export const SHOP = `
  create table customers (id integer primary key, name text not null, email text not null, region text not null);
  create table orders (
    id integer primary key,
    customer_id integer not null references customers (id),
    status text not null check (status in ('paid', 'unpaid')),
    total decimal(10,2) not null,
    tax_number text,
    photo blob
  );
  insert into customers values (1, 'Ana Lima', 'ana@example.com', 'emea'), (2, 'Bo Chen', 'bo@example.com', 'apac');
  insert into orders values
    (1, 1, 'paid', '12.00', 'DE123', x'0102'),
    (9007199254740993, 2, 'unpaid', '1.50', 'CN456', null);
`

export interface Production {
  readonly house: House
  /** A client behind the proxy, from that address. */
  visitor(address?: string): Client
  signIn(role: string): Promise<SignedIn>
  /** One request straight at the admin, from that end of a socket. */
  fetch(path: string, init?: RequestInit, socket?: string): Promise<Response>
}

export async function openProduction(options: Partial<HouseOptions> = {}): Promise<Production> {
  const house = await openHouse({
    sql: SHOP,
    debug: false,
    trustedProxies: [PROXY],
    publicUrl: ORIGIN,
    ...options,
  })
  let people = 0
  const visitor = (address = CLIENT_ADDRESS) =>
    createClient((request) => {
      request.headers.set('x-forwarded-for', address)
      request.headers.set('x-forwarded-proto', 'https')
      return house.admin.fetch(request, { address: PROXY })
    }, ORIGIN)
  return {
    house,
    visitor,
    async signIn(role) {
      people += 1
      const email = `production${people}@example.com`
      const made = await asSystem(house.admin, house.clock.now, 'castellan.people.create', {
        name: `Production ${people}`,
        email,
        roles: [role],
        password: PASSWORD,
        withTotp: true,
      })
      const { id, totpUri } = made as { id: string; totpUri: string }
      const code = () => {
        house.clock.now += 30_000
        return totpCode(totpUri, house.clock.now)
      }
      const client = visitor()
      await signInWith(client, email, code())
      return { id, email, client, code }
    },
    fetch: (path, init = {}, socket = PROXY) =>
      house.admin.fetch(
        new Request(new URL(path, path.startsWith('/') ? ORIGIN : undefined), {
          redirect: 'manual',
          ...init,
        }),
        { address: socket },
      ),
  }
}

/** What a browser behind the proxy sends along. */
export const SECURE: Readonly<Record<string, string>> = {
  'x-forwarded-for': CLIENT_ADDRESS,
  'x-forwarded-proto': 'https',
}

export { BASE }
