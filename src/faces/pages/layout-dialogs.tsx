/**
 * The command palette and the sheet of shortcuts. They need scripts, so they
 * stay closed without them; their words are here, none in the client.
 */

import { keptDrawing } from '../../jsx/kept.ts'
import type { Html } from './components/html.ts'
import { Icon } from './components/icon.tsx'
import type { PageContext } from './context.ts'

interface DialogProps {
  readonly page: PageContext
}

/** Filled by the client from the links and buttons that carry `data-command`. */
export const Palette: (props: DialogProps) => Html = keptDrawing(
  ({ page }) => (
    <dialog
      id="palette"
      class="palette"
      aria-label="Command palette"
      data-go-to="Go to {label}"
      data-icons={page.asset('icons.svg')}
    >
      <div class="palette-search">
        <Icon page={page} name="search" />
        <input
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-autocomplete="list"
          aria-label="Search pages and actions"
          placeholder="Search pages and actions…"
          autocomplete="off"
          spellcheck={false}
        />
        <kbd aria-hidden="true" data-keys="Esc" />
      </div>
      <div class="palette-list" id="palette-list" role="listbox" aria-label="Commands" />
      <p class="palette-none" hidden>
        Nothing found
      </p>
      <p class="palette-foot" aria-hidden="true">
        <span>↑↓ move</span>
        <span>↵ open</span>
        <span>? shortcuts</span>
      </p>
    </dialog>
  ),
  ({ page }) => page.asset('icons.svg'),
)

const SHORTCUTS: readonly (readonly [string, string, string?])[] = [
  ['Command palette', 'Ctrl K', '⌘K'],
  ['Search this list', '/'],
  ['This sheet', '?'],
  ['Go to a page', 'G then its letter'],
  ['New record', 'C'],
  ['Edit record', 'E'],
  ['History', 'H'],
  ['Add a filter', 'F'],
  ['Next and previous row', 'J K'],
  ['Open the row', 'Enter'],
  ['Previous and next page', '[ ]'],
  ['First and last page', '{ }'],
  ['Save', 'Ctrl S', '⌘S'],
  ['Close', 'Esc'],
]

export const ShortcutSheet: (props: DialogProps) => Html = keptDrawing(
  ({ page }) => (
    <dialog id="shortcuts" class="shortcut-sheet" aria-labelledby="shortcuts-title">
      <div class="sheet-head">
        <p id="shortcuts-title" class="strong">
          Keyboard shortcuts
        </p>
        <form method="dialog">
          <button type="submit" class="button ghost small square" aria-label="Close">
            <Icon page={page} name="x" small />
          </button>
        </form>
      </div>
      <dl class="definitions aside sheet-body">
        {SHORTCUTS.map(([meaning, keys, mac]) => (
          <div>
            <dt>{meaning}</dt>
            <dd>
              <kbd data-keys-mac={mac}>{keys}</kbd>
            </dd>
          </div>
        ))}
      </dl>
    </dialog>
  ),
  ({ page }) => page.asset('icons.svg'),
)
