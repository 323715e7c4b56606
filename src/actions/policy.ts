/** Reading the policy in force: the document, its version, and each role with its sentence. */

import { z } from 'zod'
import { type Action, defineAction } from '../gate/action.ts'
import type { PolicyRead, RoleRead } from '../gate/standing.ts'
import type { PolicyDocument } from '../policy/document.ts'
import { readInput } from './input.ts'
import type { ActionParts } from './parts.ts'

const Nothing = z.strictObject({})

export function policyActions({ policy }: ActionParts): readonly Action[] {
  return [
    defineAction<Record<string, never>, PolicyRead>({
      verb: 'read',
      model: 'castellan.policy',
      label: 'Read the roles and rules',
      on: 'model',
      access: 'read',
      kind: 'role.list',
      isFolded: true,
      parse: (raw) => readInput('castellan.policy.read', Nothing, raw),
      async run() {
        const { document, version } = policy
        return { document, version, roles: rolesIn(document) }
      },
    }),
  ] as readonly Action[]
}

function rolesIn(document: PolicyDocument): readonly RoleRead[] {
  return Object.entries(document.roles).map(([name, { title, description }]) => {
    const inherits = ancestors(document, name)
    const all = [name, ...inherits]
    const rules = document.rules.filter((rule) => rule.roles?.some((role) => all.includes(role)) ?? false)
    return { name, title, description, inherits, rules: rules.map(({ id }) => id) }
  })
}

function ancestors(document: PolicyDocument, name: string): readonly string[] {
  const found = new Set([name])
  // A set grows while it is walked, so this follows inheritance to its end and stops at a circle.
  for (const role of found) for (const parent of document.roles[role]?.inherits ?? []) found.add(parent)
  return [...found].slice(1)
}
