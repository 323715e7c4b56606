/** Defaults that are literals, as values that a form may begin with. */

import { canonicalDecimal } from '../../model/decimal.ts'
import { canonicalDate, canonicalTime, canonicalTimestamp } from '../../model/instant.ts'
import { textOfMembers } from '../../model/members.ts'
import type { Value } from '../../model/model.ts'
import type { CatalogColumn } from '../catalog.ts'

type Typed = Pick<CatalogColumn, 'type' | 'scale' | 'choices'>

/** The value that the text of a literal is in a column of that type; null where it is none. */
export function valueOfLiteral({ type, scale, choices }: Typed, text: string): Value {
  switch (type) {
    case 'int':
      return /^-?\d{1,15}$/.test(text) ? Number(text) : null
    case 'bigint':
      return /^-?\d+$/.test(text) ? BigInt(text) : null
    case 'decimal':
      return canonicalDecimal(text, scale)
    case 'float':
      return /^-?[\d.]+(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : null
    case 'bool':
      return flagOf(text.toLowerCase())
    case 'date':
      return canonicalDate(text)
    case 'time':
      return canonicalTime(text)
    case 'timestamp':
      return canonicalTimestamp(text, 'none')
    case 'timestamptz':
      return canonicalTimestamp(text.replace(/([+-]\d{2})$/, '$1:00'), 'utc')
    case 'uuid':
      return text.toLowerCase()
    case 'enum':
      return choices?.includes(text) === true ? text : null
    case 'set':
      return textOfMembers(text === '' ? [] : text.split(','))
    case 'text':
    case 'json':
    case 'native':
      return text
    default:
      return null
  }
}

function flagOf(text: string): boolean | null {
  if (text === 'true' || text === 't' || text === '1') return true
  return text === 'false' || text === 'f' || text === '0' ? false : null
}
