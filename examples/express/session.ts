/** The library's own sign-in: a signed cookie that names a member of staff. */

import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Request, Response } from 'express'
import { type Member, memberOf } from './staff.ts'

const COOKIE = 'library'
const secret = process.env['SESSION_SECRET'] ?? ''
if (secret.length < 32) throw new Error('SESSION_SECRET must have at least 32 characters; see .env.example.')

export function signIn(response: Response, { id }: Member): void {
  const value = `${id}.${signatureOf(String(id))}`
  response.cookie(COOKIE, value, { httpOnly: true, sameSite: 'lax', maxAge: 8 * 60 * 60 * 1000 })
}

export function signOut(response: Response): void {
  response.clearCookie(COOKIE)
}

export async function memberSignedIn({ headers }: Request): Promise<Member | null> {
  const [, id = '', signature = ''] = /(?:^|; )library=(\d+)\.([0-9a-f]{64})/.exec(headers.cookie ?? '') ?? []
  if (id === '') return null
  const isOurs = timingSafeEqual(Buffer.from(signature), Buffer.from(signatureOf(id)))
  return isOurs ? await memberOf(Number(id)) : null
}

function signatureOf(text: string): string {
  return createHmac('sha256', secret).update(text).digest('hex')
}
