/**
 * Single keys, and the two that any program has. Off while typing, in dialogs
 * and over open menus (WCAG 2.1.4 asks that they can be avoided).
 */

import { closest, find, findAll } from './dom.ts'

interface Commands {
  openPalette(): void
}

const CHORD_MS = 900

export function listenToKeys(commands: Commands): void {
  let chordUntil = 0
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing) return
    if (event.ctrlKey || event.metaKey) {
      withModifier(event, commands)
      return
    }
    if (event.altKey || isBusy(event)) return
    if (event.timeStamp < chordUntil) {
      chordUntil = 0
      press(event, find(`[data-go="${CSS.escape(event.key.toLowerCase())}"]`))
      return
    }
    if (event.key === 'g') chordUntil = event.timeStamp + CHORD_MS
    else alone(event)
  })
}

function withModifier(event: KeyboardEvent, commands: Commands): void {
  const key = event.key.toLowerCase()
  if (key === 'k') {
    event.preventDefault()
    commands.openPalette()
  }
  const form = formFor(event, key)
  if (!form) return
  event.preventDefault()
  form.requestSubmit()
}

/** Ctrl S saves the page's form; Ctrl Enter sends the form of the textarea one is in. */
function formFor(event: KeyboardEvent, key: string): HTMLFormElement | null {
  if (key === 's') return find<HTMLFormElement>('form[data-guard]')
  return key === 'enter' ? (closest<HTMLTextAreaElement>(event.target, 'textarea')?.form ?? null) : null
}

function isBusy(event: KeyboardEvent): boolean {
  const typing = 'input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]'
  return closest(event.target, typing) !== null || find('dialog[open], .popover:popover-open') !== null
}

function alone(event: KeyboardEvent): void {
  const { key } = event
  if (key === '/') press(event, find('main input[type=search]'))
  else if (key === '?') showSheet(event)
  else if (key === 'j' || key === 'k') moveRow(event, key === 'j' ? 1 : -1)
  else press(event, find(`[data-shortcut="${CSS.escape(key)}"]`))
}

/** Fields get the focus; links and buttons do what they do. */
function press(event: KeyboardEvent, control: HTMLElement | null): void {
  if (!control) return
  event.preventDefault()
  if (control instanceof HTMLInputElement) control.select()
  control.focus()
  if (!(control instanceof HTMLInputElement)) control.click()
}

function showSheet(event: KeyboardEvent): void {
  event.preventDefault()
  find<HTMLDialogElement>('#shortcuts')?.showModal()
}

/** The focus itself moves from row to row, so that Enter opens where one is. */
function moveRow(event: KeyboardEvent, step: 1 | -1): void {
  const rows = findAll('.row-link')
  if (rows.length === 0) return
  event.preventDefault()
  const at = rows.indexOf(document.activeElement as HTMLElement)
  const to = at === -1 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))
  rows[to]?.focus()
}
