/** A field that is there but can't be written: its value with a lock, and why. */

import type { Child, Html } from '../components/html.ts'
import { Icon } from '../components/icon.tsx'
import type { PageContext } from '../context.ts'

export interface FixedProps {
  readonly page: PageContext
  readonly label: string
  /** "Numbered by the database." */
  readonly reason: string
  readonly children?: Child
}

export function FixedField({ page, label, reason, children }: FixedProps): Html {
  return (
    <div class="field">
      <p class="label">{label}</p>
      <div class="read-only">
        <Icon page={page} name="lock" small />
        <div>{children}</div>
      </div>
      <p class="hint">{reason}</p>
    </div>
  )
}
