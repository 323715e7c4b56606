import { expect, test } from 'vitest'
import type { RecordView } from '../../../gate/records.ts'
import { field, model } from '../../../model/fixture.ts'
import type { Model, Relation, Values } from '../../../model/model.ts'
import { rowTitle } from './list-view.ts'

const ACTOR: Relation = {
  name: 'actor',
  label: 'Actor',
  kind: 'one',
  target: 'actors',
  from: ['actor_id'],
  to: ['id'],
  onDelete: 'restrict',
}

const CASTING = model('castings', [field('actor_id', 'bigint'), field('film_id', 'bigint'), field('role')], {
  key: ['actor_id', 'film_id'],
  relations: [ACTOR],
})

function record(values: Values, title: string): RecordView {
  const actor = { model: 'actors', key: '7', title: 'Nina Simone' }
  return { model: 'castings', key: '["7","9"]', title, values, masked: [], related: { actor }, version: null }
}

function titleIn(of: Model, name: string, title: string): string {
  return rowTitle(
    of,
    field(name, name === 'role' ? 'text' : 'bigint'),
    record({ actor_id: 7n, film_id: 9n, role: 'Lead' }, title),
  )
}

test('calls a row without a title by what its column leads to', () => {
  const titled = { ...CASTING, title: ['role'] }

  expect(titleIn({ ...CASTING, title: [] }, 'actor_id', '#7 / 9')).toBe('Nina Simone')
  expect(titleIn({ ...CASTING, title: [] }, 'film_id', '#7 / 9')).toBe('#9')
  expect(titleIn(titled, 'actor_id', 'Lead')).toBe('Lead')
  expect(titleIn(titled, 'role', 'Lead')).toBe('Lead')
})
