/** The action names that a policy may speak of without being told: those of every model, and Castellan's own. */

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
]

/** What can be done with Castellan's own records, by model. */
export const OWN_VERBS: Readonly<Record<string, readonly string[]>> = {
  'castellan.people': [
    'list',
    'read',
    'create',
    'update',
    'activate',
    'deactivate',
    'reset-credentials',
    'grant-role',
    'revoke-role',
  ],
  'castellan.sessions': ['list', 'read', 'end', 'end-all'],
  'castellan.tokens': ['list', 'create', 'revoke'],
  'castellan.fields': ['list', 'classify'],
  'castellan.policy': ['read'],
  // Pages of the application: their verbs are declared with them.
  'castellan.pages': [],
  'castellan.audit': ['list', 'read', 'checkpoint', 'verify', 'export'],
}

/** Secret fields are set by these verbs, where a rule names them; no verb reads them. */
export const SETTING_VERBS: ReadonlySet<string> = new Set(['create', 'update', 'import'])

/** Whether it is one of Castellan's own models, which no wildcard reaches. */
export function isOwn(model: string): boolean {
  return model.startsWith('castellan.')
}
