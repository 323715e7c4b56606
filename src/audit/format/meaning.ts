/**
 * What a kind of event is in the vocabularies of others: the class and activity
 * of OCSF, the category and type of ECS. A kind that has no line of its own goes
 * by the first word of its name.
 */

import type { EventKind } from '../catalogue.ts'

/** Classes of OCSF 1.3.0 by their `class_uid`. */
export const CLASSES = {
  3001: 'Account Change',
  3002: 'Authentication',
  3003: 'Authorize Session',
  3005: 'User Access Management',
  6003: 'API Activity',
  6005: 'Datastore Activity',
} as const

export type ClassUid = keyof typeof CLASSES

export interface Meaning {
  /** Of OCSF. */
  readonly classUid: ClassUid
  /** Of that class; 99: another one, which goes by its name. */
  readonly activity: number
  /** Of ECS, `event.category`. */
  readonly category: 'authentication' | 'configuration' | 'database' | 'iam' | 'session' | 'web'
  /** Of ECS, `event.type`. */
  readonly types: readonly string[]
}

const OTHER = 99

const account = (activity: number, type: string): Meaning => ({
  classUid: 3001,
  activity,
  category: 'iam',
  types: ['user', type],
})
const proof = (activity: number, type: string): Meaning => ({
  classUid: 3002,
  activity,
  category: 'authentication',
  types: [type],
})
const access = (activity: number): Meaning => ({
  classUid: 3005,
  activity,
  category: 'iam',
  types: ['user', 'change'],
})
const records = (activity: number, type: string): Meaning => ({
  classUid: 6005,
  activity,
  category: 'database',
  types: [type],
})
const setting = (activity: number, type: string): Meaning => ({
  classUid: 6003,
  activity,
  category: 'configuration',
  types: [type],
})
const request = (activity: number, type: string): Meaning => ({
  classUid: 6003,
  activity,
  category: 'web',
  types: [type],
})
const session = (activity: number, type: string): Meaning => ({
  classUid: 6003,
  activity,
  category: 'session',
  types: [type],
})

const MEANINGS: Readonly<Partial<Record<EventKind, Meaning>>> = {
  'record.list': records(8, 'access'),
  'record.read': records(1, 'access'),
  'record.reveal': records(1, 'access'),
  'record.history': records(1, 'access'),
  'record.export': records(1, 'access'),
  'record.create': records(6, 'creation'),
  'record.import': records(5, 'creation'),
  'record.delete': records(7, 'deletion'),
  'record.purge': records(7, 'deletion'),
  'record.bulk-delete': records(7, 'deletion'),
  'record.bulk-purge': records(7, 'deletion'),
  'action.run': request(OTHER, 'change'),
  'page.open': request(2, 'access'),
  'identity.set-up': account(1, 'creation'),
  'identity.sign-in': proof(1, 'start'),
  'identity.sign-out': proof(2, 'end'),
  'identity.enrol': account(10, 'change'),
  'identity.remove-authenticator': account(11, 'change'),
  'identity.rename-authenticator': account(OTHER, 'change'),
  'identity.password': account(3, 'change'),
  'identity.recover': account(4, 'change'),
  'identity.link': account(OTHER, 'change'),
  'identity.unlink': account(OTHER, 'change'),
  'session.end': proof(2, 'end'),
  'session.list': session(2, 'access'),
  'person.list': setting(2, 'access'),
  'person.create': account(1, 'creation'),
  'person.invite': account(1, 'creation'),
  'person.register': account(1, 'creation'),
  'person.activate': account(2, 'change'),
  'person.deactivate': account(5, 'change'),
  'person.reset-credentials': account(11, 'change'),
  'person.renew-password': account(4, 'change'),
  'person.reject': account(6, 'deletion'),
  'role.list': setting(2, 'access'),
  'role.grant': access(1),
  'role.revoke': access(2),
  'token.list': setting(2, 'access'),
  'token.create': setting(1, 'creation'),
  'token.revoke': setting(4, 'deletion'),
  'key.list': setting(2, 'access'),
  'key.create': setting(1, 'creation'),
  'key.revoke': setting(4, 'deletion'),
  'audit.read': setting(2, 'access'),
  'audit.verify': setting(2, 'access'),
  'audit.export': setting(2, 'access'),
  'field.list': setting(2, 'access'),
}

const FIRST_WORDS: Readonly<Record<string, Meaning>> = {
  record: records(2, 'change'),
  identity: proof(OTHER, 'info'),
  session: proof(OTHER, 'info'),
  person: account(OTHER, 'change'),
  guard: request(OTHER, 'denied'),
}

export function meaningOf(kind: EventKind): Meaning {
  const [word = ''] = kind.split('.')
  return MEANINGS[kind] ?? FIRST_WORDS[word] ?? setting(3, 'change')
}
