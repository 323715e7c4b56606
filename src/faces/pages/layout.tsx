/**
 * The document around every page, and its two forms: with the navigation, and
 * the lone card of signing in.
 *
 * One style sheet, one module script with the response's nonce; all else is
 * HTML that works without either.
 */

import { Breadcrumb, type Crumb } from './components/card.tsx'
import { Toast } from './components/display.tsx'
import { type Child, classes, type Html } from './components/html.ts'
import { Icon } from './components/icon.tsx'
import type { PageContext } from './context.ts'
import { AccountMenu } from './layout-account.tsx'
import { Palette, ShortcutSheet } from './layout-dialogs.tsx'
import { Sidebar } from './layout-navigation.tsx'
import { SessionDialog } from './layout-session.tsx'
import { saidHere } from './said.tsx'

interface DocumentProps {
  readonly page: PageContext
  readonly title: string
  /** Where the browser goes on to by itself. */
  readonly onward?: string | undefined
  readonly children?: Child
}

/**
 * htmx reads its settings here: the nonce gate on, nothing evaluated, nothing from elsewhere. Without a delay to settle
 * in, or it would put back attributes that a picker has changed on elements of the same id.
 */
const HTMX_CONFIG = 'extensions:"hx-csp",defaultSettleDelay:0'

export function Document({ page, title, onward, children }: DocumentProps): Html {
  return (
    <html lang="en" dir="ltr" data-theme={page.theme === 'system' ? undefined : page.theme}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta name="color-scheme" content={page.theme === 'system' ? 'light dark' : page.theme} />
        <meta name="robots" content="noindex, nofollow" />
        {onward !== undefined && <meta http-equiv="refresh" content={`0;url=${onward}`} />}
        <title>{`${title} · ${page.house.settings.title}`}</title>
        <link rel="icon" href={page.asset('favicon.svg')} type="image/svg+xml" />
        <link
          rel="preload"
          href={page.asset('inter-latin.woff2')}
          as="font"
          type="font/woff2"
          crossorigin="anonymous"
        />
        <link rel="stylesheet" href={page.asset('app.css')} />
        <meta name="htmx-config" content={HTMX_CONFIG} />
        <script type="module" nonce={page.nonce} src={page.asset('core.js')} />
      </head>
      <body>{children}</body>
    </html>
  )
}

export interface ShellProps {
  readonly page: PageContext
  readonly title: string
  /** From the group to where one is; the last has no address. */
  readonly breadcrumb: readonly Crumb[]
  /** The path of the navigation's entry that this page belongs to: `/m/orders`. */
  readonly current?: string | undefined
  /** What was just done, for a few seconds. */
  readonly toast?: Child
  /** No wider than text needs: forms and settings. */
  readonly narrow?: boolean | undefined
  readonly children?: Child
}

/** A page for people who are signed in. */
export function Shell(props: ShellProps): Html {
  const { page, title, breadcrumb, current, narrow, children } = props
  const toast = saidHere(page) ?? props.toast
  return (
    <Document page={page} title={title}>
      <a class="skip-link" href="#main">
        Skip to content
      </a>
      <div class="progress" aria-hidden="true" />
      <div class="shell">
        <Sidebar page={page} current={current} />
        <div class="content">
          <TopBar page={page} breadcrumb={breadcrumb} />
          <main id="main" tabindex={-1} class={classes('page', narrow && 'narrow')}>
            {page.slots?.before}
            {children}
            {page.slots?.after}
          </main>
        </div>
      </div>
      {toast !== undefined && toast !== null && <Toast page={page}>{toast}</Toast>}
      <Palette page={page} />
      <ShortcutSheet page={page} />
      <SessionDialog page={page} />
      <div id="live" class="visually-hidden" aria-live="polite" />
    </Document>
  )
}

function TopBar({ page, breadcrumb }: { page: PageContext; breadcrumb: readonly Crumb[] }): Html {
  return (
    <header class="top-bar">
      <button
        class="button ghost square navigation-button"
        type="button"
        popovertarget="navigation"
        aria-label="Open navigation"
      >
        <Icon page={page} name="menu" />
      </button>
      <Breadcrumb page={page} trail={breadcrumb} />
      <button class="palette-button" type="button" data-palette="" aria-label="Search or jump to…" hidden>
        <Icon page={page} name="search" />
        <span>Search or jump to…</span>
        <kbd aria-hidden="true" data-keys="Ctrl K" data-keys-mac="⌘K" />
      </button>
      <AccountMenu page={page} />
    </header>
  )
}

export interface AuthShellProps {
  readonly page: PageContext
  readonly title: string
  /** Under the title: what this is for. */
  readonly lead?: Child
  /** Under the card. */
  readonly foot?: Child
  /** Wider than a sign-in: for codes and pictures. */
  readonly wide?: boolean | undefined
  /** Where the browser goes on to by itself. */
  readonly onward?: string | undefined
  readonly children?: Child
}

/** A page before sign-in: one card on the canvas. */
export function AuthShell({ page, title, lead, foot, wide, onward, children }: AuthShellProps): Html {
  return (
    <Document page={page} title={title} onward={onward}>
      <main class={classes('auth', wide && 'wide')} id="main">
        <div class="auth-box">
          <Brand page={page} />
          <div class="card auth-card">
            <div class="auth-head">
              <h1>{title}</h1>
              {lead !== undefined && <p class="muted">{lead}</p>}
            </div>
            {page.slots?.before}
            {children}
            {page.slots?.after}
          </div>
          {foot !== undefined && <p class="auth-foot">{foot}</p>}
        </div>
      </main>
      <div id="live" class="visually-hidden" aria-live="polite" />
    </Document>
  )
}

function Brand({ page }: { readonly page: PageContext }): Html {
  const { title, environment } = page.house.settings
  return (
    <p class="brand">
      <span class="logo">
        <Icon page={page} name="shield-check" small />
      </span>
      {title}
      {environment && <span class="badge plain warn">{environment}</span>}
    </p>
  )
}
