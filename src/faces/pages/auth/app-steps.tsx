/** Setting up an authenticator app: the picture, the secret for typing, and the first code as the proof. */

import { Copy } from '../components/display.tsx'
import type { Html } from '../components/html.ts'
import { CodeField } from '../components/steps.tsx'
import type { PageContext } from '../context.ts'
import type { Refusal } from './flow.ts'
import { QrCode } from './qr-code.tsx'

export interface AppStepsProps {
  readonly page: PageContext
  /** What the app takes: `uri` as a picture, `secret` as text. */
  readonly app: { readonly uri: string; readonly secret: string }
  readonly refusal: Refusal | null
  readonly hint?: string | undefined
}

export function AppSteps({ page, app, refusal, hint }: AppStepsProps): Html {
  return (
    <ol class="numbered">
      <li>
        <div>
          <p>Scan this picture with your authenticator app.</p>
          <QrCode text={app.uri} label="QR code with the secret for your authenticator app" />
          <p class="hint">Or type this secret:</p>
          <p class="secret-text" dir="ltr">
            <Copy page={page} text={app.secret} what="secret">
              {inGroups(app.secret)}
            </Copy>
          </p>
        </div>
      </li>
      <li>
        <div>
          <CodeField
            page={page}
            id="code"
            name="code"
            label="Enter the code it shows now"
            hint={hint}
            error={refusal?.fields['code']}
          />
        </div>
      </li>
    </ol>
  )
}

/** Four letters and a space: what eyes can follow. */
function inGroups(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(' ') ?? secret
}
