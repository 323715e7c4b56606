/** Lets all that one session changed be found, however long the log is. */

import { addIndex } from '../make-table.ts'
import type { Migration } from '../migration.ts'

export const auditSessionMigration: Migration = {
  name: '0013-audit-session',
  up: (make) =>
    addIndex(make, 'castellan_audit_event', {
      name: 'castellan_audit_event_session',
      columns: ['session', 'is_change', 'entry'],
    }),
}
