/**
 * Warns before the session ends, and when it has ended lets people sign in in
 * another tab while their page, and what they typed, stays.
 *
 * Looking is no use of the session: an open page keeps nobody signed in.
 */

import { closest, find, findAll } from './dom.ts'

const SECOND_MS = 1000
/** How long before the end it is said. */
const WARN_SECONDS = 120
/** Other tabs may have put the end off, or come to it. */
const LOOK_EVERY_SECONDS = 300
const SOONEST_SECONDS = 5

interface Status {
  readonly person: string
  readonly csrf: string
  readonly endsInSeconds: number
}

type Part = 'soon' | 'limit' | 'ended' | 'other'

export function watchSession(): void {
  const found = find('#session')
  if (!(found instanceof HTMLDialogElement)) return
  const dialog = found
  const address = dialog.dataset['address'] ?? ''
  let timer = 0

  function lookIn(seconds: number): void {
    clearTimeout(timer)
    const wait = Math.max(SOONEST_SECONDS, Math.min(LOOK_EVERY_SECONDS, seconds))
    timer = window.setTimeout(() => void look(), wait * SECOND_MS)
  }

  async function look(path = ''): Promise<void> {
    const status = await ask(`${address}${path}`)
    if (status === 'unknown') return lookIn(LOOK_EVERY_SECONDS)
    if (status === 'ended') return show(dialog, 'ended')
    if (status.person !== dialog.dataset['person']) return show(dialog, 'other')
    renewTokens(status.csrf)
    const rest = status.endsInSeconds - WARN_SECONDS
    if (rest > 0) {
      if (dialog.open) dialog.close()
      return lookIn(rest)
    }
    // using it has put nothing off
    show(dialog, path === '' ? 'soon' : 'limit')
    lookIn(status.endsInSeconds + 1)
  }

  dialog.addEventListener('click', (event) => {
    const kind = closest(event.target, '[data-session]')?.dataset['session']
    if (kind === 'stay') void look('/stay')
    if (kind === 'check') void look()
    if (kind === 'close') dialog.close()
  })
  // coming back from the tab in which one has signed in
  addEventListener('focus', () => {
    if (dialog.open) void look()
  })
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void look()
  })
  lookIn(LOOK_EVERY_SECONDS)
}

/** `unknown`: the network or the server had no answer, which says nothing of the session. */
async function ask(address: string): Promise<Status | 'ended' | 'unknown'> {
  try {
    const response = await fetch(address, { headers: { accept: 'application/json' }, redirect: 'manual' })
    if (response.ok) return (await response.json()) as Status
    return response.status === 401 || response.type === 'opaqueredirect' ? 'ended' : 'unknown'
  } catch {
    return 'unknown'
  }
}

/** After signing in again the forms of this page belong to the new session. */
function renewTokens(csrf: string): void {
  for (const input of findAll<HTMLInputElement>('input[name="_csrf"]')) input.value = csrf
}

function show(dialog: HTMLDialogElement, part: Part): void {
  for (const one of findAll('[data-part]', dialog)) one.hidden = one.dataset['part'] !== part
  const title = find('#session-title', dialog)
  if (title) title.textContent = dialog.dataset[part] ?? ''
  if (!dialog.open) dialog.showModal()
}
