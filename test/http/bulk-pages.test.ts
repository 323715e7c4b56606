/** Choosing records on the pages: plain forms, as a browser without scripts sends them. */

import { expect, onTestFinished, test } from 'vitest'
import { SEEDED_POLICY } from '../../src/policy/seeded.ts'
import { BASE } from '../client.ts'
import { type House, type HouseOptions, openHouse, type SignedIn } from '../house.ts'

const SHOP = `
  create table orders (id integer primary key, status text not null, note text);
  create table notes (id integer primary key, word text not null, deleted_at timestamp null);
  insert into orders values ${Array.from({ length: 60 }, (_, n) => `(${n + 1},'${n % 2 === 0 ? 'open' : 'paid'}',null)`).join()};
  insert into notes values (1,'one','2026-01-01 00:00:00'), (2,'two','2026-01-01 00:00:00'), (3,'three',null);
`

interface World {
  readonly house: House
  readonly ana: SignedIn
  /** Sends a form with names that may stand more than once. */
  post(path: string, fields: readonly (readonly [string, string])[]): Promise<Page>
}

interface Page {
  readonly status: number
  readonly location: string | null
  readonly text: string
}

async function open(role = 'superadmin', options: Partial<HouseOptions> = {}): Promise<World> {
  const house = await openHouse({ sql: SHOP, ...options })
  onTestFinished(() => house.close())
  const ana = await house.signIn({ role })
  return {
    house,
    ana,
    async post(path, fields) {
      const csrf = await ana.client.csrf(`${BASE}/profile`)
      const body = new URLSearchParams([...fields.map(([name, value]) => [name, value]), ['_csrf', csrf]])
      const { status, headers, text } = await ana.client.send('POST', `${BASE}${path}`, {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: body.toString(),
      })
      return { status, location: headers.get('location'), text }
    },
  }
}

/** The fields that the form of a page would send. */
function hidden(text: string): readonly (readonly [string, string])[] {
  const main = text.slice(text.indexOf('<main'))
  return [...main.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)]
    .filter(([, name]) => name !== '_csrf')
    .map(([, name = '', value = '']) => [plain(name), plain(value)] as const)
}

function plain(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&')
}

test('a list has a box for each row, and the bar of what may be done to those', async () => {
  const { ana } = await open()

  const { text } = await ana.client.get(`${BASE}/m/orders?per=25`)

  expect(text.match(/name="k" value="\d+"/g)).toHaveLength(25)
  expect(text).toContain('name="_all" value="page"')
  expect(text).toContain('name="_all" value="match"')
  expect(text).toContain('/m/orders/~bulk/update')
  expect(text).toContain('/m/orders/~bulk/delete')
})

test('who may change nothing is offered nothing to choose', async () => {
  const { ana } = await open('auditor')

  const { text } = await ana.client.get(`${BASE}/m/orders`)

  expect(text).toContain('class="row-link"')
  expect(text).not.toContain('name="k"')
})

test('nothing can be chosen while a filter is ignored', async () => {
  const { ana, post, house } = await open()

  const { text } = await ana.client.get(`${BASE}/m/orders?f=colour:eq:red`)
  const sent = await post('/m/orders/~bulk/delete', [
    ['_all', 'match'],
    ['_list', '?f=colour:eq:red'],
  ])

  expect(text).not.toContain('name="k"')
  expect(sent.status).toBe(422)
  expect(await house.sql('select count(*) as n from orders')).toEqual([{ n: 60 }])
})

test('deletes the ticked ones once the plan was seen', async () => {
  const { post, house, ana } = await open()
  const asked = await post('/m/orders/~bulk/delete', [
    ['_list', '?f=status:eq:open'],
    ['k', '1'],
    ['k', '3'],
  ])
  expect(asked.status).toBe(428)
  expect(asked.text).toContain('Delete 2 orders for good.')

  const done = await post('/m/orders/~bulk/delete', hidden(asked.text))

  expect(done.status).toBe(303)
  expect(done.location).toContain('/m/orders?f=status%3Aeq%3Aopen')
  const { text } = await ana.client.get(done.location ?? '')
  expect(text).toContain('2 orders deleted.')
  expect(text).toContain('See it in the audit log')
  expect(await house.sql('select count(*) as n from orders')).toEqual([{ n: 58 }])
})

test('changes the ticked fields of all that match, and keeps what was typed on the way', async () => {
  const { post, house } = await open()
  const form = await post('/m/orders/~bulk/update', [
    ['_list', '?f=status:eq:open'],
    ['_all', 'match'],
  ])
  expect(form.status).toBe(200)
  expect(form.text).toContain('name="_set.note"')

  const none = await post('/m/orders/~bulk/update', [...hidden(form.text), ['note', 'typed']])
  expect(none.status).toBe(422)
  expect(none.text).toContain('typed')
  const asked = await post('/m/orders/~bulk/update', [
    ...hidden(form.text),
    ['_set.note', 'true'],
    ['note', 'typed'],
    ['status', 'not meant'],
  ])
  expect(asked.text).toContain('Change 30 orders.')
  const done = await post('/m/orders/~bulk/update', hidden(asked.text))

  expect(done.status).toBe(303)
  expect(
    await house.sql("select count(*) as n from orders where note = 'typed' and status = 'open'"),
  ).toEqual([{ n: 30 }])
})

test('says when others match by then, and goes on with those only when it is asked to', async () => {
  const { post, house } = await open()
  const asked = await post('/m/orders/~bulk/delete', [
    ['_list', '?f=status:eq:open'],
    ['_all', 'match'],
  ])
  await house.sql("update orders set status = 'paid' where id = 1")

  const late = await post('/m/orders/~bulk/delete', hidden(asked.text))
  expect(late.status).toBe(409)
  expect(late.text).toContain('Go on with the 29 that match now')
  const again = await post('/m/orders/~bulk/delete', hidden(late.text))

  expect(again.status).toBe(428)
  expect(again.text).toContain('Delete 29 orders for good.')
  expect(await house.sql('select count(*) as n from orders')).toEqual([{ n: 60 }])
})

test('the trash restores and purges', async () => {
  const { post, house, ana } = await open()
  const { text } = await ana.client.get(`${BASE}/m/notes/trash`)
  expect(text).toContain('/m/notes/~bulk/restore')
  expect(text).toContain('/m/notes/~bulk/purge')

  const asked = await post('/m/notes/~bulk/purge', [
    ['_trash', 'true'],
    ['_list', ''],
    ['k', '1'],
  ])
  const purged = await post('/m/notes/~bulk/purge', hidden(asked.text))
  const back = await post('/m/notes/~bulk/restore', [
    ['_trash', 'true'],
    ['_all', 'page'],
    ['_page', '["2"]'],
  ])
  const restored = await post('/m/notes/~bulk/restore', hidden(back.text))

  expect([purged.status, restored.status]).toEqual([303, 303])
  expect(purged.location).toContain('/m/notes/trash')
  expect(await house.sql('select id from notes where deleted_at is null order by id')).toEqual([
    { id: 2 },
    { id: 3 },
  ])
})

test('a reason is asked for beside the plan', async () => {
  const { post, house } = await open('superadmin', {
    policy: {
      ...SEEDED_POLICY,
      rules: [
        ...SEEDED_POLICY.rules,
        {
          id: 'deleting-needs-a-reason',
          effect: 'permit',
          roles: ['superadmin'],
          actions: ['orders.delete'],
          obligations: { reason: true },
        },
      ],
    },
  })

  const asked = await post('/m/orders/~bulk/delete', [
    ['k', '1'],
    ['k', '2'],
  ])
  expect(asked.text).toContain('Delete 2 orders for good.')
  expect(asked.text).toContain('name="_reason"')
  const done = await post('/m/orders/~bulk/delete', [...hidden(asked.text), ['_reason', 'doubled']])

  expect(done.status).toBe(303)
  expect(await house.sql('select count(*) as n from orders')).toEqual([{ n: 58 }])
})

test('nothing chosen leads back to the list', async () => {
  const { post, ana } = await open()

  const none = await post('/m/orders/~bulk/delete', [['_list', '?q=x']])

  expect(none.status).toBe(303)
  expect((await ana.client.get(none.location ?? '')).text).toContain('Nothing was selected.')
})
