/** A bicycle workshop: what is being repaired, a terminal for mechanics, and the admin. */

import { type HttpBindings, serve } from '@hono/node-server'
import { Hono } from 'hono'
import { html } from 'hono/html'
import { admin } from './admin.ts'
import { db, pool, prepare } from './database.ts'
import { mechanicSignedIn, pinHashOf, signIn, signOut } from './session.ts'

const port = Number(process.env['PORT'] ?? 3000)
const app = new Hono<{ Bindings: HttpBindings }>()

app.get('/', async (c) => {
  const jobs = await db.selectFrom('jobs').select(['task', 'status']).orderBy('id').execute()
  return c.html(html`<!doctype html><title>Workshop</title><h1>In the workshop</h1>
    <ul>${jobs.map(({ task, status }) => html`<li>${task}: ${status}</li>`)}</ul><a href="/terminal">Terminal</a>`)
})

app.get('/terminal', async (c) => {
  const name = await mechanicSignedIn(c)
  if (name === null) return c.redirect('/sign-in')
  return c.html(html`<!doctype html><title>Terminal</title><h1>Hello, ${name}</h1>
    <form method="post" action="/sign-out"><button>Sign out</button></form>`)
})

app.get('/sign-in', (c) =>
  c.html(html`<!doctype html><title>Sign in</title>
    <form method="post"><label>PIN <input name="pin" type="password" required></label><button>Sign in</button></form>`),
)

app.post('/sign-in', async (c) => {
  const { pin } = await c.req.parseBody()
  return (await signIn(c, String(pin))) ? c.redirect('/terminal') : c.text('There is no such PIN.', 401)
})

app.post('/sign-out', (c) => {
  signOut(c)
  return c.redirect('/')
})

await prepare(pinHashOf('4711'))
const { setUpToken } = await admin.initialize()
app.on(['GET', 'POST', 'PATCH', 'DELETE'], ['/admin', '/admin/*'], (c) =>
  admin.fetch(c.req.raw, { address: c.env.incoming.socket.remoteAddress ?? '' }),
)

const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, () => {
  process.stdout.write(`The workshop is open at http://localhost:${port}/\n`)
  if (setUpToken) {
    process.stdout.write(
      `Set up the first administrator at http://localhost:${port}/admin/set-up?token=${setUpToken}\n`,
    )
  }
})

process.once('SIGTERM', () => {
  server.close(async () => {
    await admin.close()
    pool.end(() => {})
  })
})
