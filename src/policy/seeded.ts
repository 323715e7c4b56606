/**
 * The policy that an installation starts with: five roles that mean something
 * on any database, and what the system itself may do.
 *
 * Where a rule grants a thing and another adds what it takes, both are under
 * the same role: the strictest of each obligation holds.
 */

import { splitAction } from './action-pattern.ts'
import type { PolicyDocument, Rule } from './document.ts'
import { permit } from './permit.ts'
import { BULK } from './verbs.ts'

const STEP_UP = { stepUpWithin: '5m' } as const

const RECORDS: readonly Rule[] = [
  permit('superadmin-does-everything-with-records', { roles: ['superadmin'], actions: ['*.*'] }),
  permit('superadmin-purges-after-step-up', {
    roles: ['superadmin'],
    actions: ['*.purge'],
    obligations: { ...STEP_UP, confirm: true },
  }),
  permit('superadmin-changes-many-after-step-up', {
    roles: ['superadmin'],
    actions: ['*.bulk-update', '*.bulk-delete', '*.bulk-restore', '*.bulk-purge'],
    obligations: { ...STEP_UP, confirm: true },
  }),
  permit('exports-need-a-reason', {
    roles: ['superadmin', 'admin'],
    actions: ['*.export'],
    obligations: { reason: true },
  }),
  permit('revealing-needs-a-reason', {
    roles: ['superadmin', 'admin'],
    actions: ['*.reveal'],
    obligations: { reason: true },
  }),
  permit('admin-works-with-records', {
    roles: ['admin'],
    actions: ['*.list', '*.read', '*.history', '*.create', '*.update', '*.revert', '*.import'],
  }),
  permit('admin-deletes-after-confirmation', {
    roles: ['admin'],
    actions: ['*.delete', '*.restore'],
    obligations: { confirm: true },
  }),
  permit('support-reads-and-updates-records', {
    roles: ['support'],
    actions: ['*.list', '*.read', '*.history', '*.update'],
  }),
  permit('auditor-reads-records', { roles: ['auditor'], actions: ['*.list', '*.read', '*.history'] }),
]

const PEOPLE: readonly Rule[] = [
  permit('overseers-see-people-roles-and-tokens', {
    roles: ['superadmin', 'security-officer', 'auditor'],
    actions: [
      'castellan.people.list',
      'castellan.people.read',
      'castellan.tokens.list',
      'castellan.policy.read',
    ],
  }),
  permit('people-and-tokens-change-after-step-up', {
    roles: ['superadmin', 'security-officer'],
    actions: [
      'castellan.people.create',
      'castellan.people.invite',
      'castellan.people.update',
      'castellan.people.delete',
      'castellan.people.activate',
      'castellan.people.deactivate',
      'castellan.people.reset-credentials',
      'castellan.people.renew-password',
      'castellan.people.reject',
      'castellan.people.grant-role',
      'castellan.people.revoke-role',
      'castellan.tokens.create',
      'castellan.tokens.revoke',
    ],
    obligations: STEP_UP,
  }),
  permit('security-sees-and-ends-sessions', {
    roles: ['superadmin', 'security-officer'],
    actions: [
      'castellan.sessions.list',
      'castellan.sessions.read',
      'castellan.sessions.end',
      'castellan.sessions.bulk-end',
      'castellan.sessions.end-all',
    ],
  }),
  permit('auditor-sees-sessions', {
    roles: ['auditor'],
    actions: ['castellan.sessions.list', 'castellan.sessions.read'],
  }),
  permit('everyone-sees-and-ends-own-sessions', {
    kinds: ['person'],
    actions: ['castellan.sessions.list', 'castellan.sessions.read', 'castellan.sessions.end'],
    where: { person_id: { eq: { principal: 'id' } } },
  }),
]

/** Nobody makes an agent for somebody else: it would act with what that person may. */
const AGENTS: readonly Rule[] = [
  permit('everyone-makes-agents-of-their-own', {
    kinds: ['person'],
    actions: ['castellan.agents.create'],
    obligations: STEP_UP,
  }),
  permit('everyone-sees-and-revokes-own-agents', {
    kinds: ['person'],
    actions: ['castellan.agents.list', 'castellan.agents.revoke'],
    where: { person_id: { eq: { principal: 'id' } } },
  }),
  permit('security-sees-and-revokes-agents', {
    roles: ['superadmin', 'security-officer'],
    actions: ['castellan.agents.list', 'castellan.agents.revoke'],
  }),
  permit('auditor-sees-agents', { roles: ['auditor'], actions: ['castellan.agents.list'] }),
]

const KEYS: readonly Rule[] = [
  permit('overseers-see-which-keys-there-are', {
    roles: ['superadmin', 'security-officer', 'auditor'],
    actions: ['castellan.keys.list'],
  }),
  permit('keys-change-after-step-up', {
    roles: ['superadmin', 'security-officer'],
    actions: ['castellan.keys.rotate', 'castellan.keys.revoke'],
    obligations: { ...STEP_UP, reason: true },
  }),
]

const FIELDS: readonly Rule[] = [
  permit('overseers-see-how-fields-are-classified', {
    roles: ['superadmin', 'security-officer', 'auditor'],
    actions: ['castellan.fields.list'],
  }),
  permit('fields-are-classified-after-step-up', {
    roles: ['superadmin'],
    actions: ['castellan.fields.classify'],
    obligations: STEP_UP,
  }),
]

const PAGES: readonly Rule[] = [
  permit('superadmin-and-admin-open-pages-of-the-application', {
    roles: ['superadmin', 'admin'],
    actions: ['castellan.pages.*'],
  }),
]

const AUDIT: readonly Rule[] = [
  permit('overseers-read-and-verify-the-log', {
    roles: ['superadmin', 'security-officer', 'auditor'],
    actions: [
      'castellan.audit.list',
      'castellan.audit.read',
      'castellan.audit.activity',
      'castellan.audit.checkpoint',
      'castellan.audit.verify',
    ],
  }),
  permit('auditor-exports-the-log', { roles: ['auditor'], actions: ['castellan.audit.export'] }),
  permit('staff-read-own-events', {
    roles: ['admin', 'support'],
    actions: ['castellan.audit.list', 'castellan.audit.read'],
    where: { principal_id: { eq: { principal: 'id' } } },
  }),
]

const ERASURE: readonly Rule[] = [
  permit('personal-values-are-erased-after-step-up', {
    roles: ['superadmin', 'security-officer'],
    actions: ['castellan.audit.erase'],
    obligations: { ...STEP_UP, confirm: true },
  }),
]

/** The command line and background work. One by one: no wildcard reaches the system. */
const SYSTEM: readonly Rule[] = [
  permit('system-manages-people', {
    kinds: ['system'],
    actions: [
      'castellan.people.list',
      'castellan.people.create',
      'castellan.people.invite',
      'castellan.people.activate',
      'castellan.people.deactivate',
      'castellan.people.reset-credentials',
      'castellan.people.renew-password',
      'castellan.people.grant-role',
      'castellan.people.revoke-role',
    ],
  }),
  permit('system-manages-tokens', {
    kinds: ['system'],
    actions: ['castellan.tokens.create', 'castellan.tokens.list', 'castellan.tokens.revoke'],
  }),
  permit('system-lists-and-ends-sessions', {
    kinds: ['system'],
    actions: ['castellan.sessions.list', 'castellan.sessions.end'],
  }),
  permit('system-lists-and-changes-keys', {
    kinds: ['system'],
    actions: ['castellan.keys.list', 'castellan.keys.rotate', 'castellan.keys.revoke'],
  }),
  permit('system-lists-and-classifies-fields', {
    kinds: ['system'],
    actions: ['castellan.fields.list', 'castellan.fields.classify'],
  }),
  permit('system-verifies-and-exports-the-log-and-erases-personal-values', {
    kinds: ['system'],
    actions: ['castellan.audit.verify', 'castellan.audit.export', 'castellan.audit.erase'],
  }),
]

export const SEEDED_POLICY: PolicyDocument = {
  roles: {
    superadmin: {
      title: 'Superadmin',
      privileged: true,
      description:
        'Does everything with records, people, roles, tokens, keys and sessions, says how sensitive fields are, and reads and verifies the audit log and erases personal values that it holds; must prove again who they are before purging, classifying, changing more than 100 records at once or changing people, tokens and keys, and cannot export the log.',
    },
    admin: {
      title: 'Admin',
      description:
        'Reads, creates, changes, imports and exports all records, deletes them after a confirmation, and runs the actions and opens the pages that the application adds; cannot purge or change more than 100 records at once, and sees nothing of people, roles, or events other than their own.',
    },
    support: {
      title: 'Support',
      description:
        'Reads and changes all records; cannot create, delete, reveal, import or export, and sees nothing of people, roles, or events other than their own.',
    },
    auditor: {
      title: 'Auditor',
      description:
        'Reads all records, people, roles, tokens and sessions, and reads, verifies and exports the audit log; cannot change anything, and ends no sessions but their own.',
    },
    'security-officer': {
      title: 'Security officer',
      privileged: true,
      description:
        'Manages people, roles, tokens and keys after proving again who they are, ends sessions, and reads and verifies the audit log and erases personal values that it holds; sees no records at all.',
    },
  },
  rules: [...RECORDS, ...PEOPLE, ...AGENTS, ...KEYS, ...FIELDS, ...PAGES, ...AUDIT, ...ERASURE, ...SYSTEM],
  constraints: [{ exclusive: ['auditor', 'admin'] }, { exclusive: ['auditor', 'support'] }],
}

/**
 * The same with the actions that the application adds: superadmins run them as they do everything, and admins may, too;
 * but not on more than 100 records at once.
 * @param actions `orders.refund`, each by its full name.
 */
export function seededPolicy(actions: readonly string[]): PolicyDocument {
  if (actions.length === 0) return SEEDED_POLICY
  const isMany = (action: string): boolean => splitAction(action).verb.startsWith(BULK)
  const many = actions.filter(isMany)
  const admin = permit('admin-runs-actions-of-the-application', {
    roles: ['admin'],
    actions: actions.filter((action) => !isMany(action)),
  })
  const superadmin = permit('superadmin-runs-actions-on-many-after-step-up', {
    roles: ['superadmin'],
    actions: many,
    obligations: { ...STEP_UP, confirm: true },
  })
  return {
    ...SEEDED_POLICY,
    rules: [...SEEDED_POLICY.rules, admin, ...(many.length > 0 ? [superadmin] : [])],
  }
}
