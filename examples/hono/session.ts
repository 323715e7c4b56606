/** The workshop's own sign-in: a mechanic types a PIN, a signed cookie remembers who it was. */

import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie'
import { db } from './database.ts'

const COOKIE = 'workshop'
const secret = process.env['SESSION_SECRET'] ?? ''
if (secret.length < 32) throw new Error('SESSION_SECRET must have at least 32 characters; see .env.example.')

/** Keyed with the secret, since a PIN alone is quickly tried out. */
export function pinHashOf(pin: string): string {
  return createHash('sha256').update(`${secret}:${pin}`).digest('hex')
}

export async function signIn(c: Context, pin: string): Promise<boolean> {
  const mechanic = await db
    .selectFrom('mechanics')
    .select('id')
    .where('pin_hash', '=', pinHashOf(pin))
    .limit(1)
    .executeTakeFirst()
  if (!mechanic) return false
  await setSignedCookie(c, COOKIE, String(mechanic.id), secret, {
    httpOnly: true,
    sameSite: 'Lax',
    path: '/',
  })
  return true
}

export function signOut(c: Context): void {
  deleteCookie(c, COOKIE, { path: '/' })
}

export async function mechanicSignedIn(c: Context): Promise<string | null> {
  const id = await getSignedCookie(c, secret, COOKIE)
  if (!id) return null
  const mechanic = await db
    .selectFrom('mechanics')
    .select('name')
    .where('id', '=', Number(id))
    .executeTakeFirst()
  return mechanic?.name ?? null
}
