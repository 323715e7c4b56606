/** What a database refuses stands at the fields that it is about, in plain words and without SQL, on every engine. */

import { afterEach, expect, test } from 'vitest'
import type { Rule } from '../../src/policy/document.ts'
import { api, type Reply } from '../attack/api.ts'
import { policyWith } from '../attack/shop.ts'
import { ENGINE, type StoreEngine } from '../engine.ts'
import { openHouse, type SignedIn } from '../house.ts'

const SQL = `
  create table floors (id integer primary key, house integer not null, level integer not null, unique (house, level));
  create table rooms (
    id integer primary key, house integer not null, level integer not null, name text not null,
    size integer not null default 1 check (size > 0), code text unique,
    foreign key (house, level) references floors (house, level)
  );
  create table bookings (
    id integer primary key, room_id integer not null references rooms (id), day text not null,
    person text not null, unique (room_id, day)
  );
  insert into floors (id, house, level) values (1, 1, 1), (2, 1, 2);
  insert into rooms (id, house, level, name, code) values (1, 1, 1, 'Hall', 'H'), (2, 1, 2, 'Loft', 'L');
  insert into bookings (id, room_id, day, person) values (1, 1, 'monday', 'Ana');
`
/** A rule of the database's owner, in whose words nothing may be said to anybody. */
const TRIGGERS: Readonly<Record<StoreEngine, string>> = {
  sqlite: `
    create trigger no_sunday before insert on bookings when new.day = 'sunday'
    begin select raise(abort, 'select secret_plan from strategy'); end`,
  postgres: `
    create function no_sunday() returns trigger language plpgsql as $$ begin
      if new.day = 'sunday' then raise exception 'select secret_plan from strategy'; end if;
      if new.day = 'holiday' then raise exception 'secret_plan' using errcode = 'XX123'; end if;
      return new;
    end $$;
    create trigger no_sunday before insert on bookings for each row execute function no_sunday()`,
  mariadb: `
    create trigger no_sunday before insert on bookings for each row
    if new.day = 'sunday' then signal sqlstate '45000' set message_text = 'select secret_plan from strategy';
    elseif new.day = 'holiday' then signal sqlstate '45000' set message_text = 'secret_plan', mysql_errno = 30001;
    end if`,
}
/** One engine checks all of them at once. */
const DEFERRED: Readonly<Record<StoreEngine, string>> = {
  sqlite: 'deferrable initially deferred',
  postgres: 'deferrable initially deferred',
  mariadb: '',
}
const ALL: Rule = { id: 'all', effect: 'permit', roles: ['support'], actions: ['*.*'] }

let house: Awaited<ReturnType<typeof openHouse>>
afterEach(() => house.close())

async function open(more = ''): Promise<SignedIn> {
  house = await openHouse({ sql: `${SQL}${more}`, policy: policyWith([ALL]) })
  return house.signIn({ name: 'Noor', role: 'support' })
}

const create = (person: SignedIn, model: string, values: unknown): Promise<Reply> =>
  api(person.client, 'POST', `/models/${model}/records`, { values })
const change = (person: SignedIn, model: string, key: string, values: unknown): Promise<Reply> =>
  api(person.client, 'PATCH', `/models/${model}/records/${key}`, { values })
/** Says yes where it is asked first. */
async function remove(person: SignedIn, model: string, key: string): Promise<Reply> {
  const asked = await api(person.client, 'DELETE', `/models/${model}/records/${key}`, {})
  if (asked.status !== 428) return asked
  return api(person.client, 'DELETE', `/models/${model}/records/${key}`, {
    confirmation: asked.json['confirmation'],
  })
}
const fieldsOf = ({ status, json }: Reply): unknown => {
  expect(status).toBe(422)
  return json['fields']
}

test('a value that is taken is told at its field', async () => {
  const person = await open()

  expect(fieldsOf(await change(person, 'rooms', '1', { code: 'L' }))).toEqual({
    code: ['is already taken by another record'],
  })
})

test('a combination that is taken is told at each of its fields, written or not', async () => {
  const person = await open()
  const both = ['is already taken by another record, in this combination']

  const again = await create(person, 'bookings', { room_id: 1, day: 'monday', person: 'Ben' })
  expect(fieldsOf(again)).toEqual({ room_id: both, day: both })
  const made = await create(person, 'bookings', { room_id: 1, day: 'friday', person: 'Ben' })
  const { key } = made.json['record'] as { key: string }
  expect(fieldsOf(await change(person, 'bookings', key, { day: 'monday' }))).toEqual({
    room_id: both,
    day: both,
  })
})

test('a reference of several fields is told at all of them, written whole or in part', async () => {
  const person = await open()
  const nowhere = [
    expect.stringMatching(/^(names no floor that you can read|refers to a record that does not exist)$/),
  ]

  expect(fieldsOf(await change(person, 'rooms', '1', { level: 9 }))).toEqual({
    house: nowhere,
    level: nowhere,
  })
  const made = await create(person, 'rooms', { house: 7, level: 1, name: 'Cellar' })
  expect(fieldsOf(made)).toEqual({ house: nowhere, level: nowhere })
})

test('a check is told at the field that it is about', async () => {
  const person = await open()

  expect(fieldsOf(await change(person, 'rooms', '1', { size: 0 }))).toEqual({
    size: ['breaks a rule of the database'],
  })
})

test('what a trigger refuses is one sentence, and none of its own words', async () => {
  const person = await open()
  await house.sql(TRIGGERS[ENGINE])

  for (const day of ENGINE === 'sqlite' ? ['sunday'] : ['sunday', 'holiday']) {
    const refused = await create(person, 'bookings', { room_id: 1, day, person: 'Ben' })
    expect(refused.status, day).toBe(422)
    expect(refused.json['detail']).toBe('Booking: something of it breaks a rule of the database.')
    expect(refused.text).not.toMatch(/secret_plan|select|trigger/i)
  }
  expect((await create(person, 'bookings', { room_id: 1, day: 'friday', person: 'Ben' })).status).toBe(201)
})

test('what is checked only at the end of all is told as well', async () => {
  const person = await open(`
    create table pets (
      id integer primary key, name text not null,
      owner_id integer not null references rooms (id) ${DEFERRED[ENGINE]}
    );
    insert into pets (id, name, owner_id) values (1, 'Rex', 2);
  `)

  const refused = await remove(person, 'rooms', '2')
  expect(refused).toMatchObject({
    status: 409,
    json: { detail: 'Other records refer to this room. Change or delete those first.' },
  })
  expect(await house.sql('select count(*) as n from rooms')).toEqual([{ n: 2 }])
})

test('a record that others refer to is kept, and nothing is said of which', async () => {
  const person = await open()

  const refused = await remove(person, 'rooms', '1')
  expect(refused).toMatchObject({
    status: 409,
    json: { detail: 'Other records refer to this room. Change or delete those first.' },
  })
  expect(refused.text).not.toMatch(/Ana|monday|booking/i)
})
