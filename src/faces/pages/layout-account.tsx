/** The menu of who is signed in: their page, the theme, the way out. All plain links and forms. */

import { Avatar } from './components/badge.tsx'
import type { Html } from './components/html.ts'
import type { IconName } from './components/icon-names.ts'
import { MenuButton, MenuLabel, MenuLink, MenuRule } from './components/menu.tsx'
import type { PageContext, Theme } from './context.ts'

const THEMES: readonly { readonly value: Theme; readonly label: string; readonly icon: IconName }[] = [
  { value: 'light', label: 'Light', icon: 'sun' },
  { value: 'dark', label: 'Dark', icon: 'moon' },
  { value: 'system', label: 'As the system', icon: 'monitor' },
]

export function AccountMenu({ page }: { readonly page: PageContext }): Html | null {
  const { principal } = page
  if (!principal) return null
  return (
    <>
      <button
        class="button ghost square account-button"
        type="button"
        popovertarget="account"
        aria-label={`Account: ${principal.name}`}
        aria-expanded="false"
      >
        <Avatar page={page} name={principal.name} />
      </button>
      <div class="popover to-start" id="account" popover="auto" data-menu="">
        <MenuLabel>
          Signed in as <bdi dir="ltr">{principal.email ?? principal.name}</bdi>
        </MenuLabel>
        <MenuLink
          page={page}
          icon="user-cog"
          href={page.url('/profile')}
          data-command="Profile"
          data-icon="user-cog"
        >
          Profile
        </MenuLink>
        <MenuLink page={page} icon="key-round" href={page.url('/profile#sessions')}>
          My sessions
        </MenuLink>
        <MenuRule />
        <MenuLabel>Theme</MenuLabel>
        <ThemeForm page={page} />
        <MenuRule />
        <form method="post" action={page.url('/sign-out')}>
          <input type="hidden" name="_csrf" value={page.csrf} />
          <MenuButton page={page} icon="log-out">
            Sign out
          </MenuButton>
        </form>
      </div>
    </>
  )
}

/** Each choice submits; the client changes the page at once and keeps it where it is. */
function ThemeForm({ page }: { readonly page: PageContext }): Html {
  return (
    <form method="post" action={page.url('/theme')} data-theme-form="">
      <input type="hidden" name="_csrf" value={page.csrf} />
      <input type="hidden" name="next" value={page.c.req.path} />
      {THEMES.map(({ value, label, icon }) => (
        <MenuButton page={page} icon={icon} name="theme" value={value} chosen={page.theme === value}>
          {label}
        </MenuButton>
      ))}
    </form>
  )
}
