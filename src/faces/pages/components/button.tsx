/** What is pressed: a button that submits or opens, and a link that looks the same. */

import type { PageContext } from '../context.ts'
import { type Attributes, type Child, classes, type Html } from './html.ts'
import { Icon } from './icon.tsx'
import type { IconName } from './icon-names.ts'

export interface ButtonLook {
  readonly page: PageContext
  /** One `primary` a screen; `danger` only for what can't be undone. */
  readonly variant?: 'default' | 'primary' | 'ghost' | 'danger' | 'danger-solid' | undefined
  readonly icon?: IconName | undefined
  /** Follows the words: where a link leads out or a menu opens. */
  readonly iconAfter?: IconName | undefined
  readonly small?: boolean | undefined
  /** As wide as what it stands in. */
  readonly wide?: boolean | undefined
  /** The accessible name of a button that has only an icon. */
  readonly label?: string | undefined
  /** The single key that presses it: `c`, `e`, `h`, `[` … */
  readonly shortcut?: string | undefined
  readonly children?: Child
}

export type ButtonProps = ButtonLook & Omit<Attributes<'button'>, keyof ButtonLook>
export type LinkButtonProps = ButtonLook & Omit<Attributes<'a'>, keyof ButtonLook>

/** Submits its form unless it says `type="button"`. */
export function Button(props: ButtonProps): Html {
  const { page, variant, icon, iconAfter, small, wide, label, shortcut, children, ...rest } = props
  return (
    <button
      {...rest}
      class={look(props)}
      type={rest.type ?? 'submit'}
      aria-label={label}
      title={label}
      data-shortcut={shortcut}
    >
      <Inside {...props} />
    </button>
  )
}

export function LinkButton(props: LinkButtonProps): Html {
  const { page, variant, icon, iconAfter, small, wide, label, shortcut, children, href, ...rest } = props
  return (
    <a {...rest} href={href} class={look(props)} aria-label={label} title={label} data-shortcut={shortcut}>
      <Inside {...props} />
    </a>
  )
}

function look(props: ButtonProps | LinkButtonProps): string | undefined {
  const isIconOnly = props.icon !== undefined && !props.children
  return classes(
    'button',
    props.variant !== 'default' && props.variant,
    props.small && 'small',
    props.wide && 'wide',
    isIconOnly && 'square',
    typeof props.class === 'string' && props.class,
  )
}

function Inside({ page, icon, iconAfter, small, children }: ButtonLook): Html {
  return (
    <>
      {icon && <Icon page={page} name={icon} small={small || children !== undefined} />}
      {children}
      {iconAfter && <Icon page={page} name={iconAfter} small />}
    </>
  )
}
