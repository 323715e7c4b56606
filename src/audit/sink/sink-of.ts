/** From the option of a sink to the sink. */

import { fileSink } from './file-sink.ts'
import { httpSink } from './http-sink.ts'
import { kindOf, type SinkOption } from './option.ts'
import type { Sink } from './sink.ts'
import { syslogSink } from './syslog-sink.ts'

/** @throws TypeError for an address that the option's schema refuses. */
export function sinkOf(option: SinkOption): Sink {
  switch (kindOf(option.to)) {
    case 'file':
      return fileSink(option)
    case 'syslog':
      return syslogSink(option)
    case 'http':
      return httpSink(option)
    default:
      throw new TypeError(`The sink "${option.name}" leads nowhere.`)
  }
}
