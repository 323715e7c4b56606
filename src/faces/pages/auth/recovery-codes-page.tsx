/** The recovery codes, shown this once. */

import { Button } from '../components/button.tsx'
import { CopyButton } from '../components/display.tsx'
import { Checkbox } from '../components/field.tsx'
import { Note } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import type { PageContext } from '../context.ts'
import { AuthShell } from '../layout.tsx'

export interface RecoveryCodesPageProps {
  readonly page: PageContext
  readonly codes: readonly string[]
  /** Where one goes on to. */
  readonly next: string
}

export function RecoveryCodesPage({ page, codes, next }: RecoveryCodesPageProps): Html {
  return (
    <AuthShell
      page={page}
      wide
      title="Save your recovery codes"
      lead="Each signs you in once if your phone is lost. They are not shown again."
    >
      <ul class="recovery-codes" dir="ltr">
        {codes.map((code) => (
          <li>{code}</li>
        ))}
      </ul>
      <CopyButton page={page} text={codes.join('\n')} what="all codes" />
      <Note page={page} tone="warn">
        Keep them where you keep passwords, not on the phone with your authenticator app.
      </Note>
      <GoOn page={page} next={next} />
    </AuthShell>
  )
}

/** A plain GET form, so that the browser itself insists on the check; nothing is sent. */
function GoOn({ page, next }: { readonly page: PageContext; readonly next: string }): Html {
  const { pathname, searchParams } = new URL(next, 'http://localhost')
  return (
    <form method="get" action={pathname} class="stack">
      {[...searchParams].map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <Checkbox required>I saved these codes</Checkbox>
      <Button page={page} variant="primary" wide>
        Continue
      </Button>
    </form>
  )
}
