/**
 * Choosing rows of a list: ranges by Shift, the row in focus by X, all of the
 * page by the box in the head, none by Escape; and how many they are.
 */

import { closest, fill, find, findAll } from './dom.ts'

const ROW = 'tbody input[name=k]'

export function improveSelecting(): void {
  let last: HTMLInputElement | null = null

  document.addEventListener('click', (event) => {
    const box = closest<HTMLInputElement>(event.target, `[data-bulk] ${ROW}`)
    if (!box) return
    if (event.shiftKey && last?.isConnected) selectBetween(last, box)
    last = box
  })
  document.addEventListener('change', (event) => {
    const form = closest<HTMLFormElement>(event.target, '[data-bulk]')
    if (form && event.target instanceof HTMLInputElement) changed(form, event.target)
    const field = closest(event.target, '[data-bulk-field]')
    const tick = field && find<HTMLInputElement>(':scope > .checkbox', field)
    if (tick && tick !== event.target) tick.checked = true
  })
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Escape') clear(event)
    if (event.key === 'x') toggle(event)
  })
}

function rowsOf(form: ParentNode): HTMLInputElement[] {
  return findAll<HTMLInputElement>(ROW, form)
}

function selectBetween(from: HTMLInputElement, to: HTMLInputElement): void {
  const form = to.form
  if (!form) return
  const rows = rowsOf(form)
  const [start = 0, end = 0] = [rows.indexOf(from), rows.indexOf(to)].sort((a, b) => a - b)
  for (const row of rows.slice(Math.max(start, 0), end + 1)) row.checked = to.checked
  count(form)
}

function changed(form: HTMLFormElement, box: HTMLInputElement): void {
  if (box.name === '_all' && box.value === 'page') for (const row of rowsOf(form)) row.checked = box.checked
  count(form)
}

function count(form: HTMLFormElement): void {
  const rows = rowsOf(form)
  const chosen = rows.filter(({ checked }) => checked).length
  const page = find<HTMLInputElement>('thead input[name=_all]', form)
  if (page) {
    page.checked = chosen > 0 && chosen === rows.length
    page.indeterminate = chosen > 0 && chosen < rows.length
  }
  const text = find('.bulk-count', form)
  if (text) text.textContent = fill(chosen === 1 ? text.dataset['one'] : text.dataset['other'], { n: chosen })
}

function clear(event: KeyboardEvent): void {
  const form = find<HTMLFormElement>('[data-bulk]')
  const chosen = form ? findAll<HTMLInputElement>('input[type=checkbox]:checked', form) : []
  if (!form || chosen.length === 0 || find('dialog[open], .popover:popover-open')) return
  event.preventDefault()
  for (const box of chosen) box.checked = false
  count(form)
}

/** The row whose link has the focus, as J and K move it. */
function toggle(event: KeyboardEvent): void {
  const row = closest(event.target, '[data-bulk] tbody tr')
  const box = row && find<HTMLInputElement>('input[name=k]', row)
  if (!box?.form || event.target instanceof HTMLInputElement) return
  event.preventDefault()
  box.checked = !box.checked
  count(box.form)
}
