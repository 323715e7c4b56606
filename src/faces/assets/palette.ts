/**
 * The command palette: every link and button of the page that carries
 * `data-command`, found by typing. It asks the server for nothing.
 */

import { announce, closest, drawing, element, fill, find, findAll } from './dom.ts'

/** The control that each option stands for. */
const controls = new WeakMap<Element, HTMLElement>()

export function runPalette(): void {
  document.addEventListener('click', (event) => {
    if (closest(event.target, '[data-palette]')) openPalette()
    const option = closest(event.target, '#palette [role=option]')
    if (option) choose(option)
  })
  const dialog = paletteDialog()
  const input = dialog && find<HTMLInputElement>('input', dialog)
  if (!dialog || !input) return
  input.addEventListener('input', () => narrow(dialog, input))
  input.addEventListener('keydown', (event) => onKey(event, dialog, input))
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close()
  })
}

/** Opens it, or closes it when it is open already. */
export function openPalette(): void {
  const dialog = paletteDialog()
  const input = dialog && find<HTMLInputElement>('input', dialog)
  if (!dialog || !input) return
  if (dialog.open) {
    dialog.close()
    return
  }
  find('#palette-list', dialog)?.replaceChildren(...optionsOf(dialog))
  input.value = ''
  dialog.showModal()
  input.focus()
  narrow(dialog, input)
}

function paletteDialog(): HTMLDialogElement | null {
  return find<HTMLDialogElement>('dialog#palette')
}

function optionsOf(dialog: HTMLDialogElement): HTMLElement[] {
  return findAll('[data-command]').map((control, index) => {
    const { command = '', icon = '', go = '', shortcut = '' } = control.dataset
    const isPlace = control.matches('.navigation-link')
    const label = isPlace ? fill(dialog.dataset['goTo'], { label: command }) : command
    const option = element(
      'div',
      { class: 'menu-item', role: 'option', id: `palette-${index}`, 'aria-selected': 'false' },
      element('span', {}, label),
    )
    if (icon) option.prepend(drawing(dialog.dataset['icons'] ?? '', icon))
    const keys = go ? `G ${go.toUpperCase()}` : shortcut.toUpperCase()
    if (keys) option.append(element('kbd', { class: 'end', 'aria-hidden': 'true', 'data-keys': keys }))
    controls.set(option, control)
    return option
  })
}

/** Every word that was typed is somewhere in the option. */
function narrow(dialog: HTMLDialogElement, input: HTMLInputElement): void {
  const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean)
  for (const option of findAll('[role=option]', dialog)) {
    const text = option.textContent?.toLowerCase() ?? ''
    option.hidden = !wanted.every((word) => text.includes(word))
  }
  const visible = visibleOptions(dialog)
  const none = find('.palette-none', dialog)
  if (none) none.hidden = visible.length > 0
  if (visible.length === 0) announce(none?.textContent ?? '')
  select(dialog, input, wanted.length > 0 ? closestTo(visible) : visible[0])
}

/** Of all that hold what was typed, the one with the least beside it: "prod" is Products, not Product tags. */
function closestTo(options: readonly HTMLElement[]): HTMLElement | undefined {
  const sizeOf = (option: HTMLElement): number => option.querySelector('span')?.textContent?.length ?? 0
  return options.toSorted((one, other) => sizeOf(one) - sizeOf(other))[0]
}

function visibleOptions(dialog: HTMLDialogElement): HTMLElement[] {
  return findAll('[role=option]', dialog).filter((option) => !option.hidden)
}

function select(dialog: HTMLDialogElement, input: HTMLInputElement, chosen: HTMLElement | undefined): void {
  for (const option of findAll('[role=option]', dialog)) {
    option.setAttribute('aria-selected', String(option === chosen))
  }
  chosen?.scrollIntoView({ block: 'nearest' })
  if (chosen) input.setAttribute('aria-activedescendant', chosen.id)
  else input.removeAttribute('aria-activedescendant')
}

function onKey(event: KeyboardEvent, dialog: HTMLDialogElement, input: HTMLInputElement): void {
  const visible = visibleOptions(dialog)
  const at = visible.findIndex((option) => option.ariaSelected === 'true')
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault()
    select(dialog, input, visible.at((at + (event.key === 'ArrowDown' ? 1 : -1)) % visible.length))
  }
  const chosen = visible[at]
  if (event.key === 'Enter' && chosen) {
    event.preventDefault()
    choose(chosen)
  }
}

function choose(option: HTMLElement): void {
  paletteDialog()?.close()
  controls.get(option)?.click()
}
