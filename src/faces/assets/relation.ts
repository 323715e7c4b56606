/**
 * `<cst-relation>`: turns a native select, or a field that holds a key, into a
 * searching picker (ARIA Authoring Practices: combobox with list autocomplete).
 *
 * The native control stays in the form and holds the value; what is typed here
 * only searches. The server answers with what this principal may see.
 */

import { announce, element, fill, find, findAll } from './dom.ts'

interface Match {
  readonly value: string
  readonly label: string
  readonly secondary?: string | null
}

type Control = HTMLSelectElement | HTMLInputElement

const DEBOUNCE_MS = 150

export function defineRelation(): void {
  customElements.define('cst-relation', Relation)
}

class Relation extends HTMLElement {
  #asking: AbortController | undefined
  #timer = 0
  #current = ''

  connectedCallback(): void {
    const control = find<Control>('select, input', this)
    if (!control || find('[role=combobox]', this)) return
    this.#current = currentLabel(control, this.dataset['current'])
    const input = this.#comboboxFor(control)
    const list = element('div', {
      id: `${input.id}-list`,
      class: 'popover relation-list',
      role: 'listbox',
      popover: 'manual',
      'aria-label': this.dataset['label'] ?? '',
    })
    control.id = `${input.id}-native`
    control.hidden = true
    this.append(input, list)
    this.#listen(control, input, list)
  }

  disconnectedCallback(): void {
    clearTimeout(this.#timer)
    this.#asking?.abort()
  }

  /** Takes over the id, and with it the label, the hint and the error. */
  #comboboxFor(control: Control): HTMLInputElement {
    const input = element('input', {
      id: control.id,
      class: 'input',
      type: 'text',
      role: 'combobox',
      autocomplete: 'off',
      spellcheck: 'false',
      placeholder: this.dataset['placeholder'] ?? '',
      'aria-expanded': 'false',
      'aria-autocomplete': 'list',
      'aria-controls': `${control.id}-list`,
    }) as HTMLInputElement
    for (const name of ['aria-describedby', 'aria-invalid']) {
      const value = control.getAttribute(name)
      if (value !== null) input.setAttribute(name, value)
    }
    if (control.required) input.setAttribute('aria-required', 'true')
    control.required = false
    input.value = this.#current
    return input
  }

  #listen(control: Control, input: HTMLInputElement, list: HTMLElement): void {
    input.addEventListener('input', (event) => {
      event.stopPropagation()
      clearTimeout(this.#timer)
      this.#timer = window.setTimeout(() => void this.#search(input, list), DEBOUNCE_MS)
    })
    input.addEventListener('change', (event) => event.stopPropagation())
    input.addEventListener('focus', () => input.select())
    input.addEventListener('click', () => void this.#search(input, list, ''))
    input.addEventListener('blur', () => this.#leave(control, input, list))
    input.addEventListener('keydown', (event) => this.#onKey(event, control, input, list))
    // The press would take the focus away before the click arrives.
    list.addEventListener('pointerdown', (event) => event.preventDefault())
    list.addEventListener('click', (event) => {
      const option = event.target instanceof Element ? event.target.closest('[role=option]') : null
      if (option instanceof HTMLElement) this.#pick(option, control, input, list)
    })
  }

  async #search(input: HTMLInputElement, list: HTMLElement, text: string = input.value): Promise<void> {
    this.#asking?.abort()
    const asking = new AbortController()
    this.#asking = asking
    try {
      const matches = await ask(this.dataset['src'] ?? '', text, asking.signal)
      list.replaceChildren(...this.#lines(input.id, matches))
      // What was typed leads to the first match; an untouched list to none.
      if (text.trim() !== '') select(input, findAll('[role=option]', list), find('[role=option]', list))
      announce(this.#countText(matches.length))
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') return
      list.replaceChildren(message(this.dataset['failed']))
      announce(this.dataset['failed'] ?? '')
    }
    if (document.activeElement === input) open(input, list)
  }

  #lines(id: string, matches: readonly Match[]): HTMLElement[] {
    if (matches.length === 0) return [message(this.dataset['none'])]
    return matches.map((match, index) => optionFor(match, `${id}-option-${index}`))
  }

  #countText(count: number): string {
    if (count === 0) return this.dataset['none'] ?? ''
    if (count === 1) return this.dataset['resultsOne'] ?? ''
    return fill(this.dataset['results'], { n: count })
  }

  #pick(option: HTMLElement, control: Control, input: HTMLInputElement, list: HTMLElement): void {
    const { value = '', label = '' } = option.dataset
    setValue(control, value, label)
    this.#current = label
    input.value = label
    input.setAttribute('aria-invalid', 'false')
    close(input, list)
    control.dispatchEvent(new Event('input', { bubbles: true }))
  }

  /** Text that was not picked is no choice: an emptied field clears it, anything else goes back. */
  #leave(control: Control, input: HTMLInputElement, list: HTMLElement): void {
    clearTimeout(this.#timer)
    close(input, list)
    if (input.value.trim() === '' && mayBeEmpty(control) && control.value !== '') {
      setValue(control, '', '')
      this.#current = ''
      control.dispatchEvent(new Event('input', { bubbles: true }))
    }
    input.value = this.#current
  }

  #onKey(event: KeyboardEvent, control: Control, input: HTMLInputElement, list: HTMLElement): void {
    const options = findAll('[role=option]', list)
    const at = options.findIndex((option) => option.ariaSelected === 'true')
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      if (!isOpen(list)) void this.#search(input, list, '')
      else select(input, options, options.at((at + (event.key === 'ArrowDown' ? 1 : -1)) % options.length))
    }
    const chosen = options[at]
    if (event.key === 'Enter' && isOpen(list)) {
      event.preventDefault()
      if (chosen) this.#pick(chosen, control, input, list)
    }
    if (event.key === 'Escape' && isOpen(list)) {
      event.preventDefault()
      close(input, list)
    }
  }
}

async function ask(source: string, text: string, signal: AbortSignal): Promise<readonly Match[]> {
  const url = new URL(source, location.href)
  url.searchParams.set('q', text.trim())
  const answer = await fetch(url, { signal, headers: { accept: 'application/json' } })
  if (!answer.ok) throw new Error(`The search answered ${answer.status}.`)
  return answer.json()
}

function optionFor(match: Match, id: string): HTMLElement {
  const option = element(
    'div',
    { id, class: 'menu-item', role: 'option', 'aria-selected': 'false' },
    element('span', { class: 'truncate' }, match.label),
  )
  if (match.secondary) option.append(element('span', { class: 'end' }, match.secondary))
  option.dataset['value'] = match.value
  option.dataset['label'] = match.label
  return option
}

function message(text: string | undefined): HTMLElement {
  return element('p', { class: 'menu-label' }, text ?? '')
}

function currentLabel(control: Control, given: string | undefined): string {
  if (control instanceof HTMLInputElement) return given ?? control.value
  return control.value === '' ? '' : (control.selectedOptions[0]?.text ?? '')
}

function setValue(control: Control, value: string, label: string): void {
  if (control instanceof HTMLSelectElement && ![...control.options].some((one) => one.value === value)) {
    control.add(new Option(label, value))
  }
  control.value = value
}

function mayBeEmpty(control: Control): boolean {
  return control instanceof HTMLInputElement || [...control.options].some((option) => option.value === '')
}

function select(
  input: HTMLInputElement,
  options: readonly HTMLElement[],
  chosen: HTMLElement | null | undefined,
): void {
  for (const option of options) option.setAttribute('aria-selected', String(option === chosen))
  chosen?.scrollIntoView({ block: 'nearest' })
  if (chosen) input.setAttribute('aria-activedescendant', chosen.id)
}

function isOpen(list: HTMLElement): boolean {
  return list.matches(':popover-open')
}

/** The input is what the list is placed beside; its width is what only the page knows, until the window gets narrower. */
function open(input: HTMLInputElement, list: HTMLElement): void {
  list.style.setProperty('min-inline-size', `min(${input.offsetWidth}px, 100vw - 16px)`)
  if (!isOpen(list)) list.showPopover({ source: input })
  input.setAttribute('aria-expanded', 'true')
}

function close(input: HTMLInputElement, list: HTMLElement): void {
  if (isOpen(list)) list.hidePopover()
  input.setAttribute('aria-expanded', 'false')
  input.removeAttribute('aria-activedescendant')
}
