/**
 * The production checklist, as far as this version checks it: a line a point, each
 * with what was found and, where it is not as it should be, the remedy. What
 * could not be used of the databases follows, a line each.
 *
 * Pure: `doctor` gathers the facts, this judges them.
 */

import type { AnchorState } from '../../audit/anchor/anchoring.ts'
import type { SinkState } from '../../audit/sink/state.ts'
import type { Checked, FoundSource, MailFacts } from './command.ts'
import { placeOf, warningsOf } from './found.ts'
import { suggestedIn, wayText } from './relations.ts'
import { instantText } from './table.ts'

export type Grade = 'pass' | 'warn' | 'fail'

export interface Line {
  readonly grade: Grade
  readonly name: string
  /** What was found, and after it the remedy unless it passes. */
  readonly text: string
}

export interface Facts {
  readonly checked: Checked
  readonly isProduction: boolean
  /** `configured`: from the environment; `generated`: from a file that Castellan made. */
  readonly secret: 'configured' | 'generated'
  readonly nodeVersion: string
  readonly mail: MailFacts
  /** Null where the own tables have not been made yet. */
  readonly store: StoreFacts | null
}

export interface StoreFacts {
  readonly people: readonly PersonFacts[]
  /** The permission bits of the file; null on a server. */
  readonly fileMode: number | null
  /** The first line of the verification, and whether it verified. */
  readonly audit: { readonly isVerified: boolean; readonly line: string }
  /** Where checkpoints are kept besides. */
  readonly anchors: readonly AnchorState[]
  /** Where events are sent on to. */
  readonly sinks: readonly SinkState[]
  readonly keys: readonly KeyFacts[]
  /** The databases as they are now. */
  readonly sources: readonly FoundSource[]
}

export interface KeyFacts {
  readonly ring: string
  readonly state: string
  /** Days since it was made: of the key that comes next, since its ring was turned last. */
  readonly ageDays: number
}

export interface PersonFacts {
  readonly email: string
  readonly roles: readonly string[]
  readonly isActive: boolean
  readonly hasSecondFactor: boolean
}

/** The role that may do everything, of which an installation should have two holders. */
const HIGHEST = 'superadmin'
const NO_STORE = "Castellan's own tables are not there yet."
const MAKE_STORE = 'Run "castellan migrate", or start the server once.'

export function checklist(facts: Facts): readonly Line[] {
  return [
    secret(facts),
    debug(facts),
    https(facts),
    allowList(facts),
    secondFactor(facts),
    superadmins(facts),
    permissions(facts),
    keys(facts),
    transport(facts),
    audit(facts),
    anchors(facts),
    ...sinks(facts),
    mail(facts),
    node(facts),
    schema(facts),
    fields(facts),
    ...relations(facts),
    ...databases(facts),
  ]
}

function secret({ secret }: Facts): Line {
  if (secret === 'configured') return pass('secret', 'configured, long enough and not a known one.')
  return warn(
    'secret',
    'a generated one in a file.',
    'Set CASTELLAN_SECRET_KEY to what "castellan secret" prints.',
  )
}

function debug({ checked, isProduction }: Facts): Line {
  if (checked.debug) return fail('debug', 'debug is on.', 'Set CASTELLAN_DEBUG=false.')
  if (isProduction) return pass('debug', 'off.')
  return warn('debug', '"castellan serve" turns it on for loopback addresses.', 'Set NODE_ENV=production.')
}

function https({ checked }: Facts): Line {
  if (!checked.enforceHttps)
    return fail('https', 'plain HTTP is accepted.', 'Set CASTELLAN_ENFORCE_HTTPS=true.')
  if (!checked.secureCookies) {
    return fail('https', 'cookies travel over plain HTTP.', 'Set CASTELLAN_SECURE_COOKIES=true.')
  }
  if (checked.publicUrl?.startsWith('https://')) return pass('https', `enforced at ${checked.publicUrl}.`)
  return warn(
    'https',
    'enforced, at no address that is configured.',
    'Set CASTELLAN_PUBLIC_URL to the origin that people type.',
  )
}

function allowList({ checked }: Facts): Line {
  const count = checked.allowedIps.length + checked.allowedNetworks.length
  if (count > 0) return pass('allow-list', `${count} addresses and networks may reach the sign-in page.`)
  return warn(
    'allow-list',
    'every address may reach the sign-in page.',
    'Set CASTELLAN_ALLOWED_NETWORKS to the networks of those who work with it.',
  )
}

function secondFactor({ store }: Facts): Line {
  const name = 'second factor'
  if (!store) return fail(name, NO_STORE, MAKE_STORE)
  const active = store.people.filter(({ isActive }) => isActive)
  const without = active.filter(({ hasSecondFactor }) => !hasSecondFactor)
  if (without.length === 0) return pass(name, `enrolled by all ${active.length} active people.`)
  const who = without.map(({ email }) => email).join(', ')
  return fail(name, `not enrolled by ${who}.`, 'Let them sign in once, which enrols it, or deactivate them.')
}

function superadmins({ store }: Facts): Line {
  const name = 'superadmins'
  if (!store) return fail(name, NO_STORE, MAKE_STORE)
  const count = store.people.filter(({ isActive, roles }) => isActive && roles.includes(HIGHEST)).length
  if (count >= 2) return pass(name, `${count} active ones.`)
  const remedy = 'Have two, so that neither can be locked out for good.'
  return count === 1 ? warn(name, 'only one.', remedy) : fail(name, 'none.', remedy)
}

function permissions({ store, checked }: Facts): Line {
  const name = 'store file'
  if (!store) return fail(name, NO_STORE, MAKE_STORE)
  if (store.fileMode === null) return pass(name, `none: the own tables are in ${checked.store.label}.`)
  const file = checked.store.file ?? ''
  const mode = (store.fileMode & 0o777).toString(8).padStart(3, '0')
  const remedy = `Run "chmod 600 ${file}".`
  if ((store.fileMode & 0o007) !== 0) return fail(name, `every account may reach it (mode ${mode}).`, remedy)
  if ((store.fileMode & 0o070) !== 0) return warn(name, `its group may reach it (mode ${mode}).`, remedy)
  return pass(name, `for its owner alone (mode ${mode}).`)
}

/** Beyond this, routine has failed: by itself a ring is turned every 30 days. */
const OLD_DAYS = 90
/** Turned when somebody says so, for others have written its fingerprint down. */
const BY_HAND = 'checkpoint'

function keys({ store, checked }: Facts): Line {
  const name = 'keys'
  if (!store) return fail(name, NO_STORE, MAKE_STORE)
  const turned = store.keys.filter(({ ring, state }) => state === 'next' && ring !== BY_HAND)
  const limit = Math.max(OLD_DAYS, checked.keyRotationDays * 2)
  const old = turned.filter(({ ageDays }) => ageDays > limit)
  const oldest = Math.floor(Math.max(0, ...turned.map(({ ageDays }) => ageDays)))
  const within = oldest < 1 ? 'today' : `within ${oldest + 1} days`
  if (old.length === 0) return pass(name, `every ring was turned ${within}.`)
  const rings = old.map(({ ring, ageDays }) => `${ring} (${Math.floor(ageDays)} days ago)`).join(', ')
  const found = `turned last long ago: ${rings}.`
  return warn(name, found, 'Run "castellan keys rotate", and leave keyRotationDays above 0.')
}

function transport({ checked }: Facts): Line {
  if (checked.inTheClear.length === 0) return pass('transport', 'no database is reached in the clear.')
  return fail(
    'transport',
    `reached on another machine without TLS: ${checked.inTheClear.join(', ')}.`,
    'Put sslmode=verify-full (PostgreSQL) or ssl-mode=VERIFY_IDENTITY (MariaDB) into the address; of Redis begin it with rediss://.',
  )
}

function audit({ store }: Facts): Line {
  if (!store) return fail('audit log', NO_STORE, MAKE_STORE)
  if (store.audit.isVerified) return pass('audit log', `${store.audit.line}.`)
  return fail('audit log', `${store.audit.line}.`, 'Keep the file as it is, and compare it with a backup.')
}

function anchors({ store, isProduction }: Facts): Line {
  const name = 'anchors'
  if (!store) return fail(name, NO_STORE, MAKE_STORE)
  if (store.anchors.length === 0) {
    const grade = isProduction ? fail : warn
    return grade(
      name,
      'checkpoints are kept nowhere else.',
      'Name one: CASTELLAN_ANCHOR_FILE, or "anchors" of the option "audit".',
    )
  }
  const late = store.anchors.filter(({ isLate }) => isLate)
  if (late.length === 0) return pass(name, `${store.anchors.map(({ label }) => label).join(', ')}: kept up.`)
  const found = late.map(({ label, keptAt, code }) => {
    const since = keptAt === null ? 'has kept nothing yet' : `has kept nothing since ${instantText(keptAt)}`
    return `${label} ${since}${code === null ? '' : ` (${code})`}`
  })
  return fail(name, `${found.join('; ')}.`, 'Start the server, and see that it reaches them.')
}

/** A line only where events are sent on. */
function sinks({ store }: Facts): readonly Line[] {
  const all = store?.sinks ?? []
  if (all.length === 0) return []
  const bad = all.flatMap(({ name, isLate, behindSince, failingSince }) => {
    if (failingSince !== null) return [`${name} has failed since ${instantText(failingSince)}`]
    return isLate && behindSince !== null ? [`${name} is behind since ${instantText(behindSince)}`] : []
  })
  if (bad.length === 0) return [pass('sinks', `${all.map(({ name }) => name).join(', ')}: kept up.`)]
  return [fail('sinks', `${bad.join('; ')}.`, 'Start the server, and see that it reaches them.')]
}

function mail({ mail }: Facts): Line {
  if (mail.by === 'application') return pass('mail', 'sent by a function of the application.')
  if (mail.by === 'smtp') return mailServer(mail)
  return warn(
    'mail',
    'off: nobody is written to when their account changes.',
    'Set CASTELLAN_MAIL to "smtp://name:password@host:587?from=admin@example.com".',
  )
}

function mailServer({ host, code }: Extract<MailFacts, { readonly by: 'smtp' }>): Line {
  if (code === null) return pass('mail', `${host} takes it.`)
  const remedy =
    code === 'EAUTH'
      ? 'Correct the name and the password in CASTELLAN_MAIL.'
      : 'See that it runs, that this machine reaches it, and that it offers TLS with a certificate that is good.'
  return fail('mail', `${host} can't be used (${code}).`, remedy)
}

const OLDEST_NODE = [24, 12] as const

function node({ nodeVersion }: Facts): Line {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number)
  const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])
  if (!isOld) return pass('node', `Node.js ${nodeVersion}.`)
  return fail('node', `Node.js ${nodeVersion}.`, `Use ${OLDEST_NODE.join('.')} or newer.`)
}

function schema({ store }: Facts): Line {
  if (!store) return fail('schema', NO_STORE, MAKE_STORE)
  const changed = store.sources.flatMap(({ id, changedSince }) =>
    changedSince === null ? [] : [`${id} (since ${instantText(changedSince)})`],
  )
  if (changed.length === 0) return pass('schema', 'as the server found it when it was last started.')
  const remedy = 'Start the server again to take the change in.'
  return warn('schema', `another one than the server was last started on: ${changed.join(', ')}.`, remedy)
}

function fields({ store }: Facts): Line {
  if (!store) return fail('fields', NO_STORE, MAKE_STORE)
  const waiting = store.sources.flatMap((source) => source.waiting)
  if (waiting.length === 0) return pass('fields', 'every one is classified.')
  const names = waiting.map((field) => `${placeOf(field)} (${field.guess}?)`)
  const remedy = 'Classify them with "castellan classify", or declare their "sensitivity".'
  return fail('fields', `appeared later, and hidden until classified: ${names.join(', ')}.`, remedy)
}

/** A line only where there is something to look through. */
function relations({ store }: Facts): readonly Line[] {
  const found = suggestedIn(store?.sources ?? [])
  const [first] = found
  if (!first) return []
  const text = `${found.length} may be missing, such as ${wayText(first)}.`
  return [warn('relations', text, '"castellan relations" prints what to declare.')]
}

/** What the databases and the application's own models say that does not fit together. */
function databases({ store }: Facts): readonly Line[] {
  return (store?.sources ?? []).flatMap((source) =>
    warningsOf(source).map(({ sentence, places }): Line => {
      const where = places.length === 0 ? source.label : places.join(', ')
      return { grade: 'warn', name: 'database', text: `${where}: ${sentence}` }
    }),
  )
}

function pass(name: string, found: string): Line {
  return { grade: 'pass', name, text: found }
}

function warn(name: string, found: string, remedy: string): Line {
  return { grade: 'warn', name, text: `${found} ${remedy}` }
}

function fail(name: string, found: string, remedy: string): Line {
  return { grade: 'fail', name, text: `${found} ${remedy}` }
}
