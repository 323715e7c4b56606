import { expect, test } from 'vitest'
import type { Role } from './document.ts'
import { markedRoles } from './marked.ts'

const role = (more: Partial<Role> = {}): Role => ({ title: 'A role', description: 'Does; cannot.', ...more })

test('a role has the marks of those it inherits, and of no others', () => {
  const roles = {
    owner: role({ privileged: true }),
    deputy: role({ inherits: ['owner'] }),
    intern: role({ inherits: ['deputy'], deviceBound: true }),
    reader: role({ privileged: false }),
  }

  expect(markedRoles({ roles, rules: [] }, 'privileged')).toEqual(['owner', 'deputy', 'intern'])
  expect(markedRoles({ roles, rules: [] }, 'deviceBound')).toEqual(['intern'])
})

test('roles that inherit one another in a circle end', () => {
  const roles = { one: role({ inherits: ['other'] }), other: role({ inherits: ['one'] }) }

  expect(markedRoles({ roles, rules: [] }, 'privileged')).toEqual([])
})
