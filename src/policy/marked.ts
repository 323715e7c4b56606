/** Roles by what the document says of them, those included that inherit it. */

import type { PolicyDocument, Role } from './document.ts'

/** The names of the roles with that mark, or with one that has it among their ancestors. */
export function markedRoles(
  { roles }: PolicyDocument,
  mark: keyof Pick<Role, 'privileged' | 'deviceBound'>,
): readonly string[] {
  const isMarked = (name: string, seen: ReadonlySet<string>): boolean => {
    const role = roles[name]
    if (!role || seen.has(name)) return false
    const within = new Set([...seen, name])
    return role[mark] === true || (role.inherits ?? []).some((parent) => isMarked(parent, within))
  }
  return Object.keys(roles).filter((name) => isMarked(name, new Set()))
}
