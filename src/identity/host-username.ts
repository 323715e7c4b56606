/** The names that people of the application sign in with: when two are one. */

import { canonicalEmail } from './email.ts'

export const MAX_USERNAME = 320

export function canonicalUsername(username: string): string {
  return canonicalEmail(username).slice(0, MAX_USERNAME)
}

/**
 * What attempts are counted by. Many a database takes "ána" and full-width letters for "ana" as it looks her up, so
 * they are one account here: every spelling would have guesses of its own.
 */
export function countedUsername(username: string): string {
  return canonicalUsername(username.normalize('NFKD').replace(/[\p{M}\p{C}\s]/gu, ''))
}
