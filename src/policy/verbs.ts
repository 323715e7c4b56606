/** The action names that a policy may speak of without being told: those of every model, and Castellan's own. */

/**
 * Before a verb: doing that to more than 100 records at once. A right beside the one that each record needs, and no
 * action of its own.
 */
export const BULK = 'bulk-'

/** What can be done with the records of any model of the application. */
export const RECORD_VERBS: readonly string[] = [
  'list',
  'read',
  'create',
  'update',
  'delete',
  'restore',
  'purge',
  'reveal',
  'history',
  'revert',
  'export',
  'import',
  'bulk-update',
  'bulk-delete',
  'bulk-restore',
  'bulk-purge',
]

/** What can be done with Castellan's own records, by model. */
export const OWN_VERBS: Readonly<Record<string, readonly string[]>> = {
  'castellan.people': [
    'list',
    'read',
    'create',
    'invite',
    'update',
    'delete',
    'activate',
    'deactivate',
    'reset-credentials',
    'renew-password',
    'reject',
    'grant-role',
    'revoke-role',
  ],
  'castellan.sessions': ['list', 'read', 'end', 'bulk-end', 'end-all'],
  'castellan.tokens': ['list', 'create', 'revoke'],
  'castellan.agents': ['list', 'create', 'revoke'],
  'castellan.keys': ['list', 'rotate', 'revoke'],
  'castellan.fields': ['list', 'classify'],
  'castellan.policy': ['read'],
  // Pages of the application: their verbs are declared with them.
  'castellan.pages': [],
  'castellan.audit': ['list', 'read', 'activity', 'checkpoint', 'verify', 'export', 'erase'],
}

/** Secret fields are set by these verbs, where a rule names them; no verb reads them. */
export const SETTING_VERBS: ReadonlySet<string> = new Set(['create', 'update', 'import'])

/** Whether it is one of Castellan's own models, which no wildcard reaches. */
export function isOwn(model: string): boolean {
  return model.startsWith('castellan.')
}
