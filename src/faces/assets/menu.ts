/** Popovers: says whether they are open, moves the focus in, and moves it with the arrows. */

import { closest, find, findAll } from './dom.ts'

const STOPS = 'a[href], button:not([disabled]), input:not([type=hidden]), select, textarea'

export function improveMenus(): void {
  document.addEventListener('toggle', onToggle, true)
  document.addEventListener('keydown', onKey)
}

function onToggle(event: Event): void {
  const popover = event.target
  if (!(popover instanceof HTMLElement) || !popover.popover || !(event instanceof ToggleEvent)) return
  const isOpen = event.newState === 'open'
  find(`[popovertarget="${CSS.escape(popover.id)}"]`)?.setAttribute('aria-expanded', String(isOpen))
  if (isOpen && popover.matches('.popover')) find(STOPS, popover)?.focus()
}

function onKey(event: KeyboardEvent): void {
  const menu = closest(event.target, '[data-menu]')
  if (!menu || closest(event.target, 'textarea, select, input:not([type=checkbox])')) return
  const stops = findAll(STOPS, menu)
  const at = stops.indexOf(document.activeElement as HTMLElement)
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key]
  if (to === undefined) return
  event.preventDefault()
  stops.at(to % stops.length)?.focus()
}
