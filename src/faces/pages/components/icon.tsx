/** One drawing of the sprite. Always decoration: the words stand beside it or in its control's label. */

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
  return (
    <svg
      class={classes('icon', props.small && 'small', props.directional && 'flip', props.class)}
      aria-hidden="true"
    >
      <use href={`${props.page.asset('icons.svg')}#${props.name}`} />
    </svg>
  )
}
