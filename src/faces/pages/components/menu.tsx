/** What opens over the page without a script: menus and filter editors, as native popovers. And chips. */

import type { PageContext } from '../context.ts'
import { Button, type ButtonLook } from './button.tsx'
import { type Attributes, type Child, classes, type Html } from './html.ts'
import { Icon } from './icon.tsx'
import type { IconName } from './icon-names.ts'

export interface MenuProps {
  readonly page: PageContext
  /** Unique on the page. */
  readonly id: string
  /** How the button looks; `label` when it has only an icon. */
  readonly button: Omit<ButtonLook, 'page'>
  /** Opens towards the start of the line: for buttons at its end. */
  readonly toStart?: boolean | undefined
  readonly children?: Child
}

export function Menu({ page, id, button, toStart, children }: MenuProps): Html {
  return (
    <>
      <Button page={page} {...button} type="button" popovertarget={id} aria-expanded="false" />
      <div class={classes('popover', toStart && 'to-start')} id={id} popover="auto" data-menu="">
        {children}
      </div>
    </>
  )
}

export interface MenuLook {
  readonly page: PageContext
  readonly icon?: IconName | undefined
  readonly danger?: boolean | undefined
  /** Chosen among its neighbours. */
  readonly chosen?: boolean | undefined
  /** At the end of the line: a key, a remark. */
  readonly end?: Child
  readonly children?: Child
}

export function MenuLink(props: MenuLook & Omit<Attributes<'a'>, keyof MenuLook>): Html {
  const { page, icon, danger, chosen, end, children, ...rest } = props
  return (
    <a {...rest} class={classes('menu-item', danger && 'bad')} aria-current={chosen ? 'true' : undefined}>
      <MenuInside {...props} />
    </a>
  )
}

/** Submits its form unless it says `type="button"`. */
export function MenuButton(props: MenuLook & Omit<Attributes<'button'>, keyof MenuLook>): Html {
  const { page, icon, danger, chosen, end, children, ...rest } = props
  return (
    <button
      {...rest}
      type={rest.type ?? 'submit'}
      class={classes('menu-item', danger && 'bad')}
      aria-pressed={chosen === undefined ? undefined : String(chosen)}
    >
      <MenuInside {...props} />
    </button>
  )
}

function MenuInside({ page, icon, chosen, end, children }: MenuLook): Html {
  return (
    <>
      {icon && <Icon page={page} name={icon} />}
      <span>{children}</span>
      {end !== undefined && <span class="end">{end}</span>}
      {chosen && <Icon page={page} name="check" small class="end" />}
    </>
  )
}

/** A heading inside a menu; not a heading of the page. */
export function MenuLabel({ children }: { readonly children?: Child }): Html {
  return <p class="menu-label">{children}</p>
}

export function MenuRule(): Html {
  return <hr class="menu-rule" />
}

export interface ChipProps {
  readonly page: PageContext
  /** "Payment status". */
  readonly field: string
  /** "is paid". */
  readonly value: Child
  /** The list without this filter. */
  readonly removeHref: string
  /** The page of the filter's editor. */
  readonly editHref?: string | undefined
  /** A filter that could not be understood. */
  readonly bad?: boolean | undefined
}

/** One filter in force, as a sentence with its end. */
export function Chip({ page, field, value, removeHref, editHref, bad }: ChipProps): Html {
  return (
    <span class={classes('chip', bad && 'bad')}>
      <span class="chip-key">{field}</span>
      {editHref ? (
        <a href={editHref}>
          <span class="visually-hidden">Change filter {field}: </span>
          {value}
        </a>
      ) : (
        <span>{value}</span>
      )}
      <a class="chip-remove" href={removeHref} aria-label={`Remove filter ${field}`}>
        <Icon page={page} name="x" small />
      </a>
    </span>
  )
}

/** The line over a list: search, chips, filter button, and at its end what concerns the view. */
export function Toolbar({ children, end }: { readonly children?: Child; readonly end?: Child }): Html {
  return (
    <div class="toolbar">
      {children}
      {end !== undefined && <span class="end">{end}</span>}
    </div>
  )
}
