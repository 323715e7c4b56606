/**
 * An admin in a Fastify server: `app.register(castellan, { admin })`. Exported
 * as `castellan/fastify`.
 */

import type { FastifyPluginAsync } from 'fastify'
import { type Fetcher, mount } from './mount.ts'

export interface CastellanFastifyOptions {
  readonly admin: Fetcher & { readonly configuration: { readonly basePath: string } }
}

/**
 * Answers everything under the admin's base path. Within it bodies are left
 * unread, whatever parsers the application has, and none of its hooks that
 * work on an answer run: the admin writes its own.
 */
export const castellan: FastifyPluginAsync<CastellanFastifyOptions> = async (app, { admin }) => {
  const handler = mount(admin)
  const { basePath } = admin.configuration
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  for (const path of [basePath || '/', `${basePath}/*`]) {
    app.all(path, async (request, reply) => {
      reply.hijack()
      await handler(request.raw, reply.raw)
    })
  }
}
