/**
 * The button of a passkey inside of a form: what the browser's own dialog
 * answers goes into a hidden field, and the form is sent.
 *
 * It is hidden until the client code finds a browser that has passkeys; the
 * other fields of the form work without it, and without scripts that is said.
 */

import type { PasskeyOptions } from '../../../identity/authenticators/passkey.ts'
import type { PageContext } from '../context.ts'
import { Button } from './button.tsx'
import type { Html } from './html.ts'
import { Icon } from './icon.tsx'

export interface PasskeyProofProps {
  readonly page: PageContext
  /** The field that the answer is sent in. */
  readonly name: string
  /** For `navigator.credentials`; null: nothing is shown. */
  readonly options: PasskeyOptions | null
  readonly label: string
  /** Makes a new passkey in place of asking for one. */
  readonly isNew?: boolean | undefined
  /** Where a fresh challenge is had once this one is old; with it, browsers also offer passkeys inside of the fields. */
  readonly renewFrom?: string | undefined
  /** What parts it from the other ways of the form; absent: "or". */
  readonly or?: string | null | undefined
}

export function PasskeyProof(props: PasskeyProofProps): Html | null {
  const { page, name, options, label, isNew, renewFrom, or = 'or' } = props
  if (options === null) return null
  return (
    <>
      <div
        class="passkey stack"
        data-passkey={isNew ? 'create' : 'get'}
        data-options={JSON.stringify(options)}
        data-renew={renewFrom}
        data-failed="Your browser gave no passkey: it was cancelled, took too long, or there is none for this site."
        data-known="This device has a passkey for you already."
        hidden
      >
        <input type="hidden" name={name} value="" disabled />
        <Button page={page} type="button" icon="key-round" wide>
          {label}
        </Button>
        <p class="error" role="alert" hidden>
          <Icon page={page} name="circle-alert" small />
          <span />
        </p>
        {or !== null && <p class="divider">{or}</p>}
      </div>
      <noscript>
        <p class="hint">Passkeys need JavaScript, which is off here.</p>
      </noscript>
    </>
  )
}
