/** A SET as the server prints it, `a,b`, and as the model has it, `["a","b"]`. No label holds a comma. */

import { membersOf, textOfMembers } from '../../model/members.ts'
import type { Value } from '../../model/model.ts'

export function setOfLabels(printed: string): string {
  return textOfMembers(printed === '' ? [] : printed.split(','))
}

/** The labels of a value; null where it is no set of texts. */
export function labelsOfSet(value: Value): readonly string[] | null {
  const members = membersOf({}, value)
  return members?.every((member) => typeof member === 'string') === true ? members : null
}
