/**
 * The closed catalogue of what can happen: every kind of audit event, with what
 * it means and how grave it is. A kind, once published, keeps its meaning.
 *
 * `high` events answer only after a signed checkpoint covers them.
 */

export type Severity = 'low' | 'medium' | 'high'

export const CATALOGUE = {
  'record.list': { severity: 'low', meaning: 'Records of a model were listed, counted or searched.' },
  'record.read': { severity: 'low', meaning: 'A record was opened.' },
  'record.create': { severity: 'medium', meaning: 'A record was made.' },
  'record.update': { severity: 'medium', meaning: 'Fields of a record were changed.' },
  'record.delete': { severity: 'medium', meaning: 'A record was deleted, or marked as deleted.' },
  'record.restore': { severity: 'medium', meaning: 'A record marked as deleted was brought back.' },
  'record.purge': { severity: 'high', meaning: 'A record marked as deleted was removed for good.' },
  'record.reveal': { severity: 'medium', meaning: 'A masked value was shown.' },
  'record.history': { severity: 'low', meaning: 'The history of a record was read.' },
  'record.revert': { severity: 'medium', meaning: 'A record was put back to an earlier version.' },
  'record.export': { severity: 'medium', meaning: 'Records left the system as a file.' },
  'record.import': { severity: 'medium', meaning: 'Records came in from a file.' },
  'record.bulk-update': { severity: 'medium', meaning: 'Several records were changed at once.' },
  'record.bulk-delete': { severity: 'high', meaning: 'Several records were deleted at once.' },
  'record.bulk-purge': {
    severity: 'high',
    meaning: 'Several records marked as deleted were removed for good at once.',
  },
  'record.bulk-restore': { severity: 'medium', meaning: 'Several records were brought back at once.' },
  'action.run': { severity: 'medium', meaning: 'An action of the application ran.' },
  'page.open': { severity: 'low', meaning: 'A page of the application was opened.' },

  'identity.set-up': { severity: 'high', meaning: 'The first administrator was made.' },
  'identity.sign-in': {
    severity: 'medium',
    meaning: 'A person proved who they are and got a session, or failed to.',
  },
  'identity.second-factor': { severity: 'medium', meaning: 'A second factor was presented.' },
  'identity.step-up': {
    severity: 'medium',
    meaning: 'A person proved again who they are, within a session.',
  },
  'identity.enrol': { severity: 'high', meaning: 'A second factor or its recovery codes were set up.' },
  'identity.remove-authenticator': {
    severity: 'high',
    meaning: 'A second factor was removed by its person.',
  },
  'identity.rename-authenticator': {
    severity: 'low',
    meaning: 'A person called one of their passkeys otherwise.',
  },
  'identity.passkey-copied': {
    severity: 'high',
    meaning: 'A passkey counted fewer uses than are known, as a copy of it would; it was refused.',
  },
  'identity.password': { severity: 'high', meaning: 'A password was set or changed.' },
  'identity.recover': {
    severity: 'medium',
    meaning: 'A link to set a new password was asked for, or sent.',
  },
  'identity.link': { severity: 'high', meaning: 'A person linked an account of a provider to sign in with.' },
  'identity.unlink': { severity: 'high', meaning: 'A person took such an account away again.' },
  'identity.sign-out': { severity: 'low', meaning: 'A person ended their own session.' },
  'session.end': {
    severity: 'medium',
    meaning: 'Sessions were ended by someone or something else than signing out.',
  },
  'session.reuse': { severity: 'high', meaning: 'A refresh token was used twice; its sessions were ended.' },
  'session.list': { severity: 'low', meaning: 'Sessions were listed.' },
  'person.list': { severity: 'low', meaning: 'People were listed or read.' },
  'person.create': { severity: 'high', meaning: 'A person was added.' },
  'person.update': {
    severity: 'medium',
    meaning: "A person's name, e-mail, attributes or settings changed.",
  },
  'person.activate': { severity: 'high', meaning: 'A person may sign in again.' },
  'person.deactivate': { severity: 'high', meaning: 'A person may not sign in any more.' },
  'person.reset-credentials': {
    severity: 'high',
    meaning: "A person's credentials were removed, to be set anew.",
  },
  'person.delete': { severity: 'high', meaning: 'A person was removed for good.' },
  'person.invite': { severity: 'high', meaning: 'A person was added, to set their own password.' },
  'person.renew-password': {
    severity: 'high',
    meaning: "A person's password was removed, to be set anew by them.",
  },
  'person.register': { severity: 'medium', meaning: 'Somebody asked for an account.' },
  'person.reject': { severity: 'high', meaning: 'Somebody who asked for an account was not let in.' },
  'role.list': { severity: 'low', meaning: 'Roles and their rules were read.' },
  'role.grant': { severity: 'high', meaning: 'A role was given to a principal.' },
  'role.revoke': { severity: 'high', meaning: 'A role was taken from a principal.' },
  'token.list': { severity: 'low', meaning: 'Service tokens were listed.' },
  'token.create': { severity: 'high', meaning: 'A service token was made.' },
  'token.revoke': { severity: 'high', meaning: 'A service token was revoked.' },
  'agent.list': { severity: 'low', meaning: 'Agents of people were listed.' },
  'agent.create': { severity: 'high', meaning: 'A person made an agent, which acts for them.' },
  'agent.revoke': { severity: 'high', meaning: 'An agent was revoked.' },
  'key.create': { severity: 'high', meaning: 'A signing or encryption key was made.' },
  'key.rotate': { severity: 'high', meaning: 'A key ring moved on to its next key.' },
  'key.list': { severity: 'low', meaning: 'Keys were listed; never what they are.' },
  'key.revoke': {
    severity: 'high',
    meaning: 'A key ring was replaced, and what was made with it ended or made anew.',
  },
  'policy.publish': { severity: 'high', meaning: 'Another version of the policy took effect.' },
  'audit.read': { severity: 'low', meaning: 'The audit log was read.' },
  'audit.verify': { severity: 'medium', meaning: 'The audit log was verified.' },
  'audit.export': { severity: 'high', meaning: 'The audit log was exported.' },
  'audit.erase': {
    severity: 'high',
    meaning: 'The personal values that events hold of one record were made unreadable for good.',
  },
  'audit.sink-behind': {
    severity: 'high',
    meaning: 'A place that events are sent to has taken none for a minute, or is minutes behind; they wait.',
  },
  'audit.sink-recovered': { severity: 'low', meaning: 'A place that events are sent to has caught up.' },
  'audit.alarm': {
    severity: 'high',
    meaning:
      'What protects the log failed: an anchor keeps nothing, or events are not sealed. When done: it is over.',
  },
  'field.list': { severity: 'low', meaning: 'The known fields of the databases were listed.' },
  'field.classify': { severity: 'high', meaning: 'It was said how sensitive fields are.' },
  'store.migrate': { severity: 'medium', meaning: "Castellan's own tables were made or migrated." },
  'mail.fail': { severity: 'medium', meaning: 'A letter could not be sent and was given up.' },
  'guard.forged-request': {
    severity: 'medium',
    meaning: 'A request from another site, or without its token, was refused.',
  },
  'guard.address': {
    severity: 'medium',
    meaning: 'A request from an address that is not allowed was refused.',
  },
  'guard.throttle': { severity: 'medium', meaning: 'Attempts came too fast and were refused.' },
} as const

export type EventKind = keyof typeof CATALOGUE

export function severityOf(kind: EventKind): Severity {
  return CATALOGUE[kind].severity
}
