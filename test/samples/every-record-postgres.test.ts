/** Samples on PostgreSQL: records open, are saved unchanged, and change in one field only. */

import { everyRecordOf } from './every-record.ts'

everyRecordOf('postgres')
