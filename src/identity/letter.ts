/**
 * What goes out by mail: letters to people, and what visitors have asked for.
 *
 * A visitor's request names an address that may be nobody's. It goes into the
 * same queue as it stands and is looked up when its turn comes, outside of the
 * visitor's own request: so whether there is such a person changes neither
 * the work nor the answer.
 */

import type { RequestOrigin } from './request.ts'

export interface Addressee {
  readonly name: string
  /** The stored address, never a typed one. */
  readonly email: string
}

export type Letter =
  | {
      /** With a link that proves, by being known, that the addressee has the mailbox. */
      readonly kind: 'invitation' | 'new-password' | 'registration'
      readonly to: Addressee
      readonly token: string
      readonly expiresAt: number
      /** Who has sent it; null: the addressee asked for it. */
      readonly by: string | null
    }
  /** Somebody tried to register with the address of a person. */
  | { readonly kind: 'already-registered'; readonly to: Addressee }
  /** The registration was let in. */
  | { readonly kind: 'approved'; readonly to: Addressee }
  /** Something about how they sign in has changed. */
  | { readonly kind: 'password-changed'; readonly to: Addressee; readonly at: number }
  /** A program acts for them from now on, until `ends`. */
  | {
      readonly kind: 'agent-made'
      readonly to: Addressee
      readonly at: number
      readonly agent: string
      readonly ends: number
    }
  /** Something of theirs ends by itself. */
  | {
      readonly kind: 'access-ends'
      readonly to: Addressee
      /** What: 'your role "Support"'. */
      readonly what: string
      readonly ends: number
    }
  /** Something to prove who they are with was added or taken away. */
  | {
      readonly kind: 'authenticator-changed'
      readonly to: Addressee
      readonly at: number
      /** "A passkey was added" */
      readonly what: string
    }
  /** To the address before and to the one after. */
  | {
      readonly kind: 'email-changed'
      readonly to: Addressee
      readonly at: number
      readonly from: string
      readonly email: string
      /** "by Ana". */
      readonly how: string
    }
  /** Somebody guessed at their password, or has it and guessed at their code, until they had to wait. */
  | {
      readonly kind: 'attempts-stopped'
      readonly to: Addressee
      readonly at: number
      readonly what: Guessed
      /** Where the last attempt came from; empty: nobody knows. */
      readonly address: string
    }
  | {
      readonly kind: 'second-factor-removed'
      readonly to: Addressee
      readonly at: number
      /** "by Ana". */
      readonly how: string
    }

export type LetterKind = Letter['kind']

export type Guessed = 'password' | 'code'

/** What a visitor asked for or did, as they typed it. */
export type Wish =
  | { readonly kind: 'forgotten'; readonly email: string; readonly origin: RequestOrigin }
  | {
      readonly kind: 'register'
      readonly name: string
      readonly email: string
      readonly origin: RequestOrigin
    }
  /** They guessed at what proves that somebody of that address is who they are. */
  | {
      readonly kind: 'guessed'
      readonly email: string
      readonly what: Guessed
      readonly origin: RequestOrigin
    }
