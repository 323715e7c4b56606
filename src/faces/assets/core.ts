/**
 * What makes a working page faster: everything here improves HTML that does its
 * job alone. No words of its own (they come from `data-` attributes), no markup
 * from text, no styles but those that CSS can't know.
 */

import 'htmx.org'
import 'htmx.org/dist/ext/hx-csp.js'
import { offerCopying } from './copy.ts'
import { focusWhereNeeded } from './focus.ts'
import { guardForms } from './guard.ts'
import { nameKeys } from './keys.ts'
import { improveMenus } from './menu.ts'
import { openPalette, runPalette } from './palette.ts'
import { offerPasskeys } from './passkey.ts'
import { defineRelation } from './relation.ts'
import { offerRevealing } from './reveal.ts'
import { improveSelecting } from './select.ts'
import { watchSession } from './session.ts'
import { listenToKeys } from './shortcut.ts'
import { switchThemes } from './theme.ts'
import { dismissToasts } from './toast.ts'

switchThemes()
improveMenus()
guardForms()
nameKeys()
runPalette()
listenToKeys({ openPalette })
defineRelation()
offerCopying()
offerRevealing()
offerPasskeys()
improveSelecting()
dismissToasts()
watchSession()
focusWhereNeeded()
