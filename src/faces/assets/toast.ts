/** A message of success goes by itself after six seconds, but not while someone reads it. */

import { closest, findAll } from './dom.ts'

const SHOWN_MS = 6000

export function dismissToasts(): void {
  document.addEventListener('click', (event) => {
    if (closest(event.target, '[data-close-toast]')) closest(event.target, '[data-toast]')?.remove()
  })
  for (const toast of findAll('[data-toast]')) {
    let timer = 0
    const wait = (): void => {
      clearTimeout(timer)
      timer = window.setTimeout(() => toast.remove(), SHOWN_MS)
    }
    const stay = (): void => clearTimeout(timer)
    toast.addEventListener('pointerenter', stay)
    toast.addEventListener('pointerleave', wait)
    toast.addEventListener('focusin', stay)
    toast.addEventListener('focusout', wait)
    wait()
  }
  forgetEvent()
}

/** The address names the event that the toast is about; a reload should not say it again. */
function forgetEvent(): void {
  const url = new URL(location.href)
  if (!url.searchParams.has('event') || findAll('[data-toast]').length === 0) return
  url.searchParams.delete('event')
  history.replaceState(history.state, '', url)
}
