/** A line of syslog for each checkpoint (RFC 5424): whoever collects lines elsewhere keeps them. */

import { hostname } from 'node:os'
import type { Clock } from '../../clock.ts'
import {
  type SyslogAddress,
  type SyslogConnectionOptions,
  type SyslogMessage,
  sendSyslog,
} from '../syslog.ts'
import type { Anchor, KeptCheckpoint } from './anchor.ts'

export interface SyslogAnchor {
  readonly address: SyslogAddress
  readonly clock: Clock
  readonly connection?: SyslogConnectionOptions
}

export function syslogAnchor({ address, clock, connection }: SyslogAnchor): Anchor {
  return {
    label: `syslog ${address.host}:${address.port}`,
    async keep({ checkpoint }) {
      await sendSyslog(address, [messageOf(checkpoint, clock())], connection)
      return checkpoint.note
    },
    read: async () => null,
  }
}

/** The note is one line there: `\u000a` stands for each line end, as in JSON. */
function messageOf({ note }: KeptCheckpoint, at: number): SyslogMessage {
  return {
    at,
    severity: 5,
    host: hostname(),
    app: 'castellan',
    process: String(process.pid),
    kind: 'checkpoint',
    text: note,
  }
}
