/** A small lending library: a public list of books, a page for staff, and the admin. */

import { mount } from 'castellan/node'
import { desc, isNull } from 'drizzle-orm'
import express from 'express'
import { admin } from './admin.ts'
import { db, pool, prepare } from './database.ts'
import { html, page } from './page.ts'
import { books, loans } from './schema.ts'
import { memberSignedIn, signIn, signOut } from './session.ts'
import { authenticate } from './staff.ts'

const port = Number(process.env['PORT'] ?? 3000)
const app = express()
app.use(express.urlencoded({ extended: false }))

app.get('/', async (_request, response) => {
  const all = await db.select().from(books).orderBy(books.title)
  const list = all.map(({ title, author }) => html`<li>${title} by ${author}</li>`)
  response.send(page('The library', html`<ul>${list}</ul><p><a href="/desk">For staff</a></p>`))
})

app.get('/desk', async (request, response) => {
  const member = await memberSignedIn(request)
  if (!member) return response.redirect('/sign-in')
  const out = await db.select().from(loans).where(isNull(loans.returnedOn)).orderBy(desc(loans.dueOn))
  const list = out.map(({ reader, dueOn }) => html`<li>${reader}, due on ${dueOn}</li>`)
  response.send(
    page(
      `Hello, ${member.name}`,
      html`<ul>${list}</ul><p><a href="/admin">Admin</a></p>
      <form method="post" action="/sign-out"><button>Sign out</button></form>`,
    ),
  )
})

app.get('/sign-in', (_request, response) => {
  response.send(
    page(
      'Sign in',
      html`<form method="post"><label>E-mail <input name="email" type="email" required></label>
      <label>Password <input name="password" type="password" required></label><button>Sign in</button></form>`,
    ),
  )
})

app.post('/sign-in', async (request, response) => {
  const { email = '', password = '' } = request.body as Record<string, string | undefined>
  const member = await authenticate(email, password)
  if (!member)
    return response.status(401).send(page('Sign in', html`<p>E-mail and password do not match.</p>`))
  signIn(response, member)
  response.redirect('/desk')
})

app.post('/sign-out', (_request, response) => {
  signOut(response)
  response.redirect('/')
})

await prepare()
const { setUpToken } = await admin.initialize()
app.use('/admin', mount(admin))

const server = app.listen(port, '127.0.0.1', () => {
  process.stdout.write(`The library is open at http://localhost:${port}/\n`)
  if (setUpToken) {
    process.stdout.write(
      `Set up the first administrator at http://localhost:${port}/admin/set-up?token=${setUpToken}\n`,
    )
  }
})

process.once('SIGTERM', () => {
  server.close(async () => {
    await admin.close()
    await pool.end()
  })
})
