/** Fields that may not be written, or written and not read, in a change of several records. */

import { expect, test } from 'vitest'
import type { Rule } from '../../src/policy/document.ts'
import { bulk, confirmed } from './bulk.ts'
import { type Attack, openAttack, ROW_RULES, WITHOUT_FIELD_RULE } from './shop.ts'

const KEYS = ['1', '3']

async function stored({ house }: Attack): Promise<string> {
  return JSON.stringify(await house.sql('select nickname, region, password_hash from customers order by id'))
}

const write = ({ low }: Attack, values: Readonly<Record<string, string>>) =>
  confirmed(low.client, 'update', { keys: KEYS, input: { values } })

test('a field that is not granted is refused in the words of one that does not exist', async () => {
  await using attack = await openAttack(ROW_RULES)
  const before = await stored(attack)
  const answer = async (field: string): Promise<string> => {
    const { status, json } = await write(attack, { [field]: 'x' })
    return `${status} ${JSON.stringify([json['detail'], json['fields']])}`.replaceAll(field, 'FIELD')
  }

  expect(await answer('nickname')).toBe(await answer('no_such_field'))
  expect(await answer('nickname')).toContain('422')
  expect(await stored(attack)).toBe(before)
})

test('control: without the field rule the same request writes it', async () => {
  await using attack = await openAttack(WITHOUT_FIELD_RULE)

  expect((await write(attack, { nickname: 'x' })).status).toBe(200)
  expect(await stored(attack)).not.toContain('zebra-77')
})

/** With no condition on the region: the record that the change makes is held against that as well. */
const ALL_REGIONS = ROW_RULES.map(({ where: _where, ...rule }) => rule)

const READONLY = { models: { customers: { form: { update: { readonly: ['region'] } } } } } as const

test('a field that the application keeps read-only stays as it is', async () => {
  await using attack = await openAttack(ALL_REGIONS, READONLY)
  const before = await stored(attack)

  const { status, json } = await write(attack, { region: 'north!' })
  expect([status, Object.keys(Object(json['fields']))]).toEqual([422, ['region']])
  expect(await stored(attack)).toBe(before)
})

test('control: without that the same request writes it', async () => {
  await using attack = await openAttack(ALL_REGIONS)

  expect((await write(attack, { region: 'north!' })).status).toBe(200)
  expect(await stored(attack)).toContain('north!')
})

const moveAway = (attack: Attack) => write(attack, { region: 'south' })

test('records are not moved out of what somebody may change', async () => {
  await using attack = await openAttack(ROW_RULES)
  const before = await stored(attack)

  expect((await moveAway(attack)).status).toBe(403)
  expect(await stored(attack)).toBe(before)
})

test('control: without the row rule the same request moves them', async () => {
  await using attack = await openAttack(ALL_REGIONS)

  expect((await moveAway(attack)).status).toBe(200)
  expect(await stored(attack)).not.toContain('north')
})

/** Writes the nickname everywhere; reads it only as the control. */
const writing = (isRead: boolean): readonly Rule[] => [
  {
    id: 'support-reads-customers',
    effect: 'permit',
    roles: ['support'],
    actions: ['customers.list', 'customers.read'],
    ...(!isRead && { fields: { except: ['nickname'] } }),
  },
  { id: 'support-changes-customers', effect: 'permit', roles: ['support'], actions: ['customers.update'] },
]

/** Whatever tells a guess that is right from one that is not. */
async function guess(isRead: boolean, nickname: string): Promise<string> {
  await using attack = await openAttack(writing(isRead))
  const body = { keys: KEYS, input: { values: { nickname } } }
  const asked = await bulk(attack.low.client, 'update', body)
  const { confirmation } = asked.json
  const done = await bulk(attack.low.client, 'update', { ...body, confirmation })
  expect([asked.status, done.status]).toEqual([428, 200])
  return JSON.stringify([asked.json['plan'], done.json['result']])
}

test('writing what may not be read does not tell whether it was the same before', async () => {
  expect(await guess(false, 'zebra-77')).toBe(await guess(false, 'guess-00'))
})

test('control: who may read it is told', async () => {
  const right = await guess(true, 'zebra-77')

  expect(right).not.toBe(await guess(true, 'guess-00').then((one) => one.replaceAll('guess-00', 'zebra-77')))
  expect(right).toContain('"affected":1')
})
