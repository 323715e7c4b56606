/** Passwords as the library stores them: scrypt with a salt of its own. */

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify<string, Buffer, number, Buffer>(scrypt)
const NOBODY = await hashPassword(randomBytes(16).toString('hex'))

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const hash = await derive(password, salt, 32)
  return `${salt.toString('hex')}:${hash.toString('hex')}`
}

/** Takes as long for somebody who does not exist. */
export async function isPassword(password: string, stored: string | undefined): Promise<boolean> {
  const [salt = '', hash = ''] = (stored ?? NOBODY).split(':')
  const given = await derive(password, Buffer.from(salt, 'hex'), 32)
  return timingSafeEqual(given, Buffer.from(hash, 'hex')) && stored !== undefined
}
