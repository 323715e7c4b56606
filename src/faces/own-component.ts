/**
 * Components of an application in place of our pages of signing in: the types
 * that its developers write against.
 */

import type { Principal } from '../identity/principal.ts'
import type { Child, Html } from '../jsx/html.ts'
import type { PageContext } from './pages/context.ts'

/** What each replaceable page is about, beside its form. */
export interface OwnComponentValues {
  readonly signIn: {
    /** As typed before, where it was refused. */
    readonly email: string
    /** Whether anybody can sign in yet. */
    readonly isSetUp: boolean
  }
  readonly secondFactor: { readonly hasApp: boolean }
  readonly enrol: {
    readonly email: string
    /** Of the authenticator app, in Base32 and as `otpauth://`; null where only a passkey will do. */
    readonly secret: string | null
    readonly uri: string | null
  }
  /** Shown this once; `next` is where one goes on to. */
  readonly recoveryCodes: { readonly codes: readonly string[]; readonly next: string }
  readonly setUp: { readonly token: string; readonly name: string; readonly email: string }
  readonly forgotPassword: { readonly email: string }
  readonly register: { readonly name: string; readonly email: string }
  readonly link: { readonly purpose: string; readonly name: string; readonly token: string }
  readonly profile: { readonly done: string | null }
}

export type OwnComponentName = keyof OwnComponentValues

export interface OwnComponentProps<Name extends OwnComponentName = OwnComponentName> {
  /** Our own page, whole; `before` and `after` stand around what it holds. */
  readonly Default: (slots: OwnSlots) => Html
  /** Our page around something else. */
  readonly Layout: (layout: OwnLayout) => Html
  readonly values: OwnComponentValues[Name]
  readonly form: OwnFormProps
  /** What the option `context` answers; empty where there is none, or where it failed. */
  readonly context: Readonly<Record<string, unknown>>
  /** For the components of `castellan/jsx`. */
  readonly page: PageContext
}

/** What a form of one's own has to send, and what was said of the one before. */
export interface OwnFormProps {
  /** Where `Form` of `castellan/jsx`, which brings the token along, is sent to. */
  readonly action: string
  /** The hidden fields that go along. */
  readonly hidden: Html
  /** The button of a passkey, to stand inside of the form; null where there is none. */
  readonly passkey: Html | null
  /** Why it was refused. */
  readonly message: string | null
  /** By the name of the field, as whole sentences. */
  readonly errors: Readonly<Record<string, readonly string[]>>
}

export interface OwnSlots {
  readonly before?: Child
  readonly after?: Child
}

export interface OwnLayout extends OwnSlots {
  readonly title: string
  readonly lead?: Child
  readonly foot?: Child
  readonly children?: Child
}

/** Answers the page, or what stands on it inside of our layout. */
export type OwnComponent<Name extends OwnComponentName> = (
  props: OwnComponentProps<Name>,
) => Child | Promise<Child>

/** Each absent: our own page. */
export type OwnComponents = { readonly [Name in OwnComponentName]?: OwnComponent<Name> }

/** What the option `context` is told. */
export interface ContextAsked {
  readonly page: OwnComponentName
  /** Null before sign-in. */
  readonly principal: Principal | null
}

export type OwnContext = (
  asked: ContextAsked,
) => Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>

export const OWN_COMPONENT_NAMES: readonly OwnComponentName[] = [
  'signIn',
  'secondFactor',
  'enrol',
  'recoveryCodes',
  'setUp',
  'forgotPassword',
  'register',
  'link',
  'profile',
]

/** What an installation puts in place of our pages. */
export interface Replacements {
  readonly components: OwnComponents
  readonly context: OwnContext | null
  /** Gets what a component threw. */
  onError(error: unknown, context: { readonly requestId: string }): void
}
