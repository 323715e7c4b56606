/** `castellan keys list`, `keys rotate` and `keys revoke`: what an installation signs and seals with. */

import type { RecordList } from '../../gate/records.ts'
import { PURPOSES, type Purpose, type Turned } from '../../keys/keys.ts'
import { asSystem, everyPage } from './act.ts'
import { type Command, EXIT, type Given, UsageError } from './command.ts'
import { needed } from './given.ts'
import { WHERE } from './installation.ts'
import { instantText, tableOf, textOf } from './table.ts'

const RINGS = PURPOSES.join(', ')

export const keysList: Command = {
  name: 'keys list',
  summary: 'List the keys, by ring.',
  description: 'One line a key: its ring, its id and its state. What the keys are is shown nowhere.',
  options: { json: { help: 'Print JSON.' }, ...WHERE },
  async run(given, workshop) {
    const pages = await asSystem(keysList, given, workshop, (act) =>
      everyPage<RecordList>(act, 'castellan.keys.list'),
    )
    const keys = pages.flatMap(({ records }) =>
      records.map(({ values }) => ({
        ring: textOf(values['purpose']) ?? '',
        id: textOf(values['id']) ?? '',
        state: textOf(values['state']) ?? '',
        madeAt: textOf(values['created_at']),
      })),
    )
    const rows = keys.map(({ ring, id, state, madeAt }) => [ring, id, state, instantText(madeAt)])
    const table = tableOf([['RING', 'KEY', 'STATE', 'MADE'], ...rows])
    workshop.terminal.print(given.has('json') ? JSON.stringify(keys) : table)
    return EXIT.done
  },
}

export const keysRotate: Command = {
  name: 'keys rotate',
  summary: 'Move rings of keys on to their next key.',
  description: [
    'The next key of each ring becomes active and another one is made to come next. Every process',
    'follows with its next request, and nobody is signed out. The log is handed over to its new key',
    'by a checkpoint that the old one signs.',
  ].join('\n'),
  options: {
    ring: { value: 'RING', help: `${RINGS}; repeated: several. Absent: all of them.`, isRepeated: true },
    ...WHERE,
  },
  async run(given, workshop) {
    const purposes = ringsOf(given)
    const { turned } = await asSystem(keysRotate, given, workshop, (act) =>
      act<{ readonly turned: readonly Turned[] }>('castellan.keys.rotate', { purposes }),
    )
    const rows = turned.map(({ purpose, before, after }) => [purpose, before, after])
    workshop.terminal.print(tableOf([['RING', 'BEFORE', 'NOW'], ...rows]))
    return EXIT.done
  },
}

interface Revoked extends Turned {
  readonly endedSessions: number
  readonly sealedAnew: number
}

export const keysRevoke: Command = {
  name: 'keys revoke',
  summary: 'Replace a ring of keys that are not secret any more.',
  description: [
    'Every key of the ring is replaced, and what was made with it stops working at once or is made anew:',
    'access tokens are renewed, all sessions end with the ring "seal", seeds and the keys of personal',
    'values are encrypted anew, and recovery codes end with "credential": people make new ones on their',
    'profile. After "checkpoint", tell whoever verifies the log the new fingerprint.',
  ].join('\n'),
  options: { ring: { value: 'RING', help: `${RINGS}.` }, ...WHERE },
  async run(given, workshop) {
    const purpose = ringOf(needed(given, 'ring', 'RING'))
    const { before, after, endedSessions, sealedAnew } = await asSystem(keysRevoke, given, workshop, (act) =>
      act<Revoked>('castellan.keys.revoke', { purpose }),
    )
    const { terminal } = workshop
    terminal.print(
      tableOf([
        ['RING', 'BEFORE', 'NOW'],
        [purpose, before, after],
      ]),
    )
    if (endedSessions > 0) terminal.tell(`${endedSessions} sessions and sign-ins under way have ended.`)
    if (purpose === 'credential')
      terminal.tell('Recovery codes have ended: people make new ones on their profile.')
    if (sealedAnew > 0) terminal.tell(`${sealedAnew} secrets were encrypted anew.`)
    return EXIT.done
  },
}

function ringsOf(given: Given): readonly Purpose[] {
  const named = given.all('ring').map(ringOf)
  return named.length === 0 ? PURPOSES : [...new Set(named)]
}

function ringOf(text: string): Purpose {
  const ring = PURPOSES.find((one) => one === text)
  if (ring) return ring
  throw new UsageError(`--ring must be one of ${RINGS}; it is "${text}".`)
}
