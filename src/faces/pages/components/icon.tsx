/** One drawing of the sprite. Always decoration: the words stand beside it or in its control's label. */

import { keptDrawing } from '../../../jsx/kept.ts'
import type { PageContext } from '../context.ts'
import { classes, type Html } from './html.ts'
import type { IconName } from './icon-names.ts'

export interface IconProps {
  readonly page: PageContext
  readonly name: IconName
  /** 14 px instead of 16. */
  readonly small?: boolean | undefined
  /** Points along the line of text, so it turns round from right to left. */
  readonly directional?: boolean | undefined
  readonly class?: string | undefined
}

export function Icon(props: IconProps): Html {
  const { page, name, small, directional, class: more } = props
  const look = classes('icon', small && 'small', directional && 'flip', more) ?? ''
  return drawn({ look, name, sprite: page.asset('icons.svg') })
}

interface Drawn {
  readonly look: string
  readonly name: IconName
  readonly sprite: string
}

/** A page has dozens of them. */
const drawn = keptDrawing(
  ({ look, name, sprite }: Drawn) => (
    <svg class={look} aria-hidden="true">
      <use href={`${sprite}#${name}`} />
    </svg>
  ),
  ({ look, name, sprite }) => `${look}#${name}#${sprite}`,
)
