/**
 * What each letter says, as plain values: the same words become its text and
 * its HTML. Nothing here is a template that could be filled with code; what
 * people typed is a value in a sentence.
 */

import type { Letter } from '../identity/letter.ts'

export interface LetterText {
  readonly subject: string
  readonly greeting: string
  readonly paragraphs: readonly string[]
  /** What the link is called on its button; null: there is none. */
  readonly button: string | null
  /** How long the link is good, and what else is smaller. */
  readonly notes: readonly string[]
}

/**
 * @param title What the installation is called.
 * @param placeOf Where an address is, as far as the operator has written it down.
 */
export function letterText(
  letter: Letter,
  title: string,
  placeOf: (address: string) => string | null = () => null,
): LetterText {
  const greeting = `Hello ${letter.to.name},`
  const ignore = 'If you did not expect this, ignore it: nothing happens without the link.'
  switch (letter.kind) {
    case 'invitation':
      return {
        subject: `You are invited to ${title}`,
        greeting,
        paragraphs: [
          `${letter.by ?? 'An administrator'} has added you to ${title}. Choose a password and add a second factor to sign in.`,
        ],
        button: 'Accept the invitation',
        notes: [goodUntil(letter.expiresAt), ignore],
      }
    case 'new-password':
      return {
        subject: `Set a new password for ${title}`,
        greeting,
        paragraphs: [
          letter.by === null
            ? `Somebody asked to set a new password for your account at ${title}.`
            : `${letter.by} has removed your password at ${title}, so that you choose a new one.`,
          'Your second factor is asked for as before, and every session of yours ends.',
        ],
        button: 'Set a new password',
        notes: [goodUntil(letter.expiresAt), letter.by === null ? ignore : onlyYou()],
      }
    case 'registration':
      return {
        subject: `Confirm your address for ${title}`,
        greeting,
        paragraphs: [
          `Somebody asked for an account at ${title} with this address. Choose a password to go on; an administrator then lets you in.`,
        ],
        button: 'Go on',
        notes: [goodUntil(letter.expiresAt), ignore],
      }
    case 'already-registered':
      return {
        subject: `You have an account at ${title}`,
        greeting,
        paragraphs: [
          `Somebody asked for an account at ${title} with this address, which has one already.`,
          'Sign in as usual. If you forgot your password, the sign-in page has a way to set a new one.',
        ],
        button: 'Sign in',
        notes: ['If it was not you, there is nothing to do.'],
      }
    case 'approved':
      return {
        subject: `Your account at ${title} is ready`,
        greeting,
        paragraphs: [`An administrator has let you in at ${title}.`],
        button: 'Sign in',
        notes: [],
      }
    case 'password-changed':
      return {
        subject: `Your password at ${title} was changed`,
        greeting,
        paragraphs: [
          `The password of your account at ${title} was changed on ${instant(letter.at)}. Other sessions were ended.`,
          'If it was not you, tell an administrator at once.',
        ],
        button: null,
        notes: [],
      }
    case 'agent-made':
      return {
        subject: `A program acts for you at ${title}`,
        greeting,
        paragraphs: [
          `On ${instant(letter.at)} you made the agent "${letter.agent}" at ${title}. Until ${instant(letter.ends)} whoever has its token acts with what you may, within the actions that you chose.`,
          'If it was not you, revoke it at once and tell an administrator.',
        ],
        button: 'Your agents',
        notes: [],
      }
    case 'access-ends':
      return {
        subject: `Something of yours at ${title} ends soon`,
        greeting,
        paragraphs: [
          `At ${title}, ${letter.what} ends on ${instant(letter.ends)}.`,
          'If you still need it then, ask an administrator in time.',
        ],
        button: null,
        notes: [],
      }
    case 'authenticator-changed':
      return {
        subject: `How you sign in to ${title} has changed`,
        greeting,
        paragraphs: [
          `${letter.what} at your account at ${title} on ${instant(letter.at)}.`,
          'If it was not you, tell an administrator at once.',
        ],
        button: null,
        notes: [],
      }
    case 'email-changed':
      return {
        subject: `Your e-mail address at ${title} was changed`,
        greeting,
        paragraphs: [
          `The address that you sign in to ${title} with was changed from ${letter.from} to ${letter.email} ${letter.how} on ${instant(letter.at)}.`,
          'If you did not ask for this, tell an administrator at once.',
        ],
        button: null,
        notes: [],
      }
    case 'attempts-stopped':
      return {
        subject: `Somebody tries to sign in as you at ${title}`,
        greeting,
        paragraphs: [
          `On ${instant(letter.at)} attempts to sign in to your account at ${title} were stopped: too many had a wrong ${letter.what}. The last came from ${from(letter.address, placeOf)}.`,
          letter.what === 'password'
            ? 'Nobody got in. If it was you, wait a few minutes and try again. If not, there is nothing to do but to have a password that you use nowhere else; from where you usually sign in you still can.'
            : 'Nobody got in, but whoever it was knows your password. If it was not you, set a new one at once and tell an administrator.',
        ],
        button: null,
        notes: ['This is told once a day, however long it goes on.'],
      }
    case 'second-factor-removed':
      return {
        subject: `Your second factor at ${title} was removed`,
        greeting,
        paragraphs: [
          `The second factor of your account at ${title} was removed ${letter.how} on ${instant(letter.at)}. You set up another at your next sign-in.`,
          'If you did not ask for this, tell an administrator at once.',
        ],
        button: null,
        notes: [],
      }
  }
}

function from(address: string, placeOf: (address: string) => string | null): string {
  if (address === '') return 'an address that nobody knows'
  const place = placeOf(address)
  return place === null ? address : `${address} (${place})`
}

function goodUntil(at: number): string {
  return `The link works once, until ${instant(at)}.`
}

function onlyYou(): string {
  return 'Nobody but you sees the password that you choose.'
}

/** `30 November 2026, 18:05 UTC`. */
function instant(at: number): string {
  const text = new Date(at).toLocaleString('en-GB', {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'UTC',
  })
  return `${text.replace(' at ', ', ')} UTC`
}
