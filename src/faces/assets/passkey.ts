/**
 * Passkeys: the browser's own dialog, whose answer is sent with the form around.
 *
 * The page says what to ask for, in `data-options`. Where it also says how to
 * have it afresh, the browser may offer passkeys among what it fills in, for as
 * long as the page is open.
 */

import { find, forEachEver } from './dom.ts'

/** A challenge is good for five minutes; the browser's dialog takes some of them. */
const FRESH_MS = 4 * 60_000

export function offerPasskeys(): void {
  if (!('PublicKeyCredential' in window) || !('parseRequestOptionsFromJSON' in PublicKeyCredential)) return
  forEachEver('[data-passkey]', (part) => {
    const offer = new Offer(part)
    offer.show()
  })
}

/** One button, and what the browser is asked meanwhile: only one request may be open at a time. */
class Offer {
  readonly #part: HTMLElement
  #options: string
  #madeAt = Date.now()
  #open: AbortController | null = null

  constructor(part: HTMLElement) {
    this.#part = part
    this.#options = part.dataset['options'] ?? '{}'
  }

  show(): void {
    this.#part.hidden = false
    find('button', this.#part)?.addEventListener('click', () => void this.#ask())
    if (this.#part.dataset['renew'] !== undefined) void this.#wait()
  }

  async #ask(): Promise<void> {
    this.#say('')
    this.#open?.abort()
    this.#open = new AbortController()
    const { signal } = this.#open
    try {
      await this.#renew()
      await this.#send(
        this.#part.dataset['passkey'] === 'create'
          ? await navigator.credentials.create({ publicKey: this.#creation(), signal })
          : await navigator.credentials.get({ publicKey: this.#request(), signal }),
      )
    } catch (error) {
      if (signal.aborted) return
      const isKnown = error instanceof DOMException && error.name === 'InvalidStateError'
      this.#say(this.#part.dataset[isKnown ? 'known' : 'failed'] ?? '')
      if (this.#part.dataset['renew'] !== undefined) void this.#wait()
    }
  }

  /** Lets the browser offer passkeys inside of the fields, with a challenge that is never old. */
  async #wait(): Promise<void> {
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return
    const open = new AbortController()
    this.#open = open
    const late = setTimeout(() => open.abort('late'), Math.max(0, this.#madeAt + FRESH_MS - Date.now()))
    try {
      await this.#renew()
      const options = { publicKey: this.#request(), signal: open.signal, mediation: 'conditional' } as const
      await this.#send(await navigator.credentials.get(options))
    } catch {
      // nobody asked for it: that there is none, or that it was cancelled, is nothing to speak of
      if (open.signal.reason === 'late') void this.#wait()
    } finally {
      clearTimeout(late)
    }
  }

  #request(): PublicKeyCredentialRequestOptions {
    return PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(this.#options))
  }

  #creation(): PublicKeyCredentialCreationOptions {
    return PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(this.#options))
  }

  async #renew(): Promise<void> {
    const { renew } = this.#part.dataset
    if (renew === undefined || Date.now() < this.#madeAt + FRESH_MS) return
    const answer = await fetch(renew, { headers: { accept: 'application/json' } })
    if (!answer.ok) throw new Error(`${renew}: ${answer.status}`)
    this.#options = await answer.text()
    this.#madeAt = Date.now()
  }

  async #send(credential: Credential | null): Promise<void> {
    const input = find<HTMLInputElement>('input[type=hidden]', this.#part)
    const form = input?.form
    if (!input || !form || !(credential instanceof PublicKeyCredential)) return
    input.value = JSON.stringify(credential)
    input.disabled = false
    form.requestSubmit()
  }

  #say(text: string): void {
    const line = find('.error', this.#part)
    const words = line && find('span', line)
    if (!line || !words) return
    words.textContent = text
    line.hidden = text === ''
  }
}
