/** The shop's customers and where they live. */

import { CULTURES, type Culture } from './cultures.ts'
import type { Row } from './insert.ts'
import { DAY_MS, date, FOUNDED, TODAY, timestamp } from './moment.ts'
import type { Random } from './random.ts'

export interface Customer {
  readonly id: number
  readonly name: string
  readonly culture: Culture
  readonly createdAt: number
  /** The first ships, the last bills. */
  readonly addressIds: readonly number[]
  readonly row: Row
}

export interface Customers {
  readonly customers: readonly Customer[]
  readonly addresses: readonly Row[]
}

/** She stands in the documentation. */
export const AMARA_ID = 7

const COUNT = 900

const NOTES: readonly string[] = [
  'Prefers deliveries after 5 pm.',
  'Speaks to Jonas only. Be kind: lost a parcel twice in 2025.',
  'Wholesale account, ask for the purchase order number.',
  'Allergic to wool: no textile samples.',
  'Moved house in spring; check the address before sending.',
  'Pays late, but always pays.',
  'Asked not to be called.',
  'Bought a gift card for “Tante Käthe” – see order history.',
]

/** Makes the customers, oldest first. */
export function makeCustomers(random: Random): Customers {
  const weights = Object.fromEntries(CULTURES.map((culture) => [culture.country, culture.weight]))
  const taken = new Set<string>()
  const addresses: Row[] = []
  const moments = Array.from({ length: COUNT }, () => joining(random)).sort((a, b) => a - b)
  const customers = moments.map((createdAt, index): Customer => {
    const id = index + 1
    const country = id === AMARA_ID ? 'NG' : random.weighted(weights)
    const culture = CULTURES.find((one) => one.country === country) ?? random.pick(CULTURES)
    const given = id === AMARA_ID ? 'Amara' : random.pick(culture.given)
    const family = id === AMARA_ID ? 'Okafor' : familyOf(random, culture, given)
    const name = `${shown(given)} ${shown(family)}`
    const email = emailOf(random, taken, latin(given), latin(family))
    const own = makeAddresses(random, { id, name, culture }, addresses.length + 1)
    addresses.push(...own)
    return {
      id,
      name,
      culture,
      createdAt,
      addressIds: own.map((address) => Number(address['id'])),
      row: { id, name, email, ...details(random, culture, createdAt) },
    }
  })
  return { customers, addresses }
}

/** More people come each year. */
function joining(random: Random): number {
  const share = Math.sqrt(random.next())
  return FOUNDED + Math.floor((share * (TODAY - FOUNDED)) / 1000) * 1000
}

/** There is one Amara Okafor. */
function familyOf(random: Random, culture: Culture, given: string): string {
  const family = random.pick(culture.family)
  return given === 'Amara' && family === 'Okafor' ? 'Obi' : family
}

function details(random: Random, culture: Culture, createdAt: number): Row {
  const age = random.int(18 * 365, 85 * 365) * DAY_MS
  return {
    phone: random.chance(0.85) ? `${culture.dialling} ${random.digits(3)} ${random.digits(4)}` : null,
    region: culture.region,
    birth_date: random.chance(0.6) ? date(TODAY - age) : null,
    tax_number: random.chance(0.3) ? `${culture.country}${random.digits(9)}` : null,
    password_hash: passwordHash(random),
    marketing_consent: random.chance(0.38),
    credit_limit: random.chance(0.25) ? `${random.int(1, 40) * 250}.00` : null,
    preferences: random.chance(0.8) ? preferences(random, culture) : null,
    avatar: random.chance(0.3) ? dot(random) : null,
    external_id: random.uuid(),
    notes: random.chance(0.12) ? random.pick(NOTES) : null,
    created_at: timestamp(createdAt),
  }
}

function preferences(random: Random, culture: Culture): string {
  return JSON.stringify({
    storefront: culture.country,
    newsletter: random.pick(['never', 'weekly', 'monthly']),
    interests: random.some(['kitchen', 'textiles', 'lighting', 'garden', 'paper'], random.int(0, 3)),
  })
}

/** Looks like Argon2id and is the hash of nothing: nobody signs in to the sample shop. */
function passwordHash(random: Random): string {
  const base64 = (count: number) => Buffer.from(random.bytes(count)).toString('base64').replace(/=+$/, '')
  return `$argon2id$v=19$m=19456,t=2,p=1$${base64(16)}$${base64(32)}`
}

/** A GIF of one pixel (35 bytes) in some colour. */
function dot(random: Random): Uint8Array {
  const colour = Buffer.from(random.bytes(3)).toString('hex')
  return new Uint8Array(
    Buffer.from(`47494638396101000100800000${colour}0000002c00000000010001000002024401003b`, 'hex'),
  )
}

function makeAddresses(
  random: Random,
  customer: { readonly id: number; readonly name: string; readonly culture: Culture },
  firstId: number,
): readonly Row[] {
  const count = random.chance(0.3) ? 2 : 1
  return Array.from({ length: count }, (_, index): Row => {
    const [city, postalCode] = random.pick(customer.culture.cities)
    return {
      id: firstId + index,
      customer_id: customer.id,
      kind: index === 0 ? 'shipping' : 'billing',
      name: customer.name,
      street: random.pick(customer.culture.streets).replace('#', String(random.int(1, 180))),
      postal_code: postalCode,
      city,
      country: customer.culture.country,
      is_default: index === 0,
    }
  })
}

function emailOf(random: Random, taken: Set<string>, given: string, family: string): string {
  const plain = `${given}.${family}`
    .normalize('NFD')
    .replace(/[łŁđĐıßæø]/g, (letter) => PLAIN[letter] ?? letter)
    .toLowerCase()
    .replace(/[^a-z.-]+/g, '')
  const provider = random.pick(['example.com', 'example.org', 'example.net', 'mail.example'])
  let email = `${plain}@${provider}`
  for (let number = 2; taken.has(email); number++) email = `${plain}${number}@${provider}`
  taken.add(email)
  return email
}

const PLAIN: Readonly<Record<string, string>> = {
  ł: 'l',
  Ł: 'l',
  đ: 'd',
  Đ: 'd',
  ı: 'i',
  ß: 'ss',
  æ: 'ae',
  ø: 'o',
}

function shown(name: string): string {
  return name.split('=')[0] ?? name
}

function latin(name: string): string {
  return name.split('=').at(-1) ?? name
}
