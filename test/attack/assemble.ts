/**
 * An admin with one part replaced: the control of an attack test.
 *
 * Puts the parts together as `assembly/` does, which itself has no way to leave
 * one out. With nothing replaced it must refuse what the product refuses.
 */

import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import { builtInActions } from '../../src/actions/built-in.ts'
import type { Admin, createAdmin } from '../../src/admin.ts'
import { openDatabases } from '../../src/assembly/databases.ts'
import { extensionsOf } from '../../src/assembly/extensions.ts'
import { hostPeopleOf } from '../../src/assembly/host-people.ts'
import { classifySources, knownFields } from '../../src/assembly/known-fields.ts'
import { senderOf } from '../../src/assembly/mail.ts'
import { administered, findSources } from '../../src/assembly/models.ts'
import { NO_ANCHORS } from '../../src/audit/anchor/read-anchors.ts'
import { createAuditLog } from '../../src/audit/create-log.ts'
import { type Configuration, configure } from '../../src/config.ts'
import type { DataSource } from '../../src/data/data-source.ts'
import { createApi } from '../../src/faces/api/api.ts'
import type { House } from '../../src/faces/house.ts'
import { serveAsset } from '../../src/faces/pages/assets.ts'
import { createPages } from '../../src/faces/pages/pages.ts'
import { createGate } from '../../src/gate/create-gate.ts'
import type { Gate } from '../../src/gate/gate.ts'
import type { Parts } from '../../src/gate/parts.ts'
import { recordActions } from '../../src/gate/record/built-in.ts'
import { type AppParts, createApp } from '../../src/http/app.ts'
import { createIdentity } from '../../src/identity/create-identity.ts'
import type { HostPeople } from '../../src/identity/host-people.ts'
import type { Identity } from '../../src/identity/identity.ts'
import { openKeys } from '../../src/keys/key-ring.ts'
import type { Sender } from '../../src/mail/sender.ts'
import type { Model } from '../../src/model/model.ts'
import { compilePolicy } from '../../src/policy/compile.ts'
import { SEEDED_POLICY } from '../../src/policy/seeded.ts'
import { createStore } from '../../src/store/store.ts'
import { refusalDraft } from '../../src/system-events.ts'

/** Each gets the part as the product makes it and answers the one to use. */
export interface Replaced {
  model?(model: Model): Model
  /** The application's data source. */
  source?(source: DataSource): DataSource
  identity?(identity: Identity): Identity
  /** The application's people, where the option `people` is given. */
  host?(host: HostPeople): HostPeople
  gate?(parts: Parts): Parts
  /** What letters are composed with. */
  mail?(configuration: Configuration): Configuration
  app?(parts: AppParts): AppParts
}

export function withParts(replaced: Replaced): typeof createAdmin {
  return (options, ports = {}) => {
    const configuration = configure(options)
    const { clock = Date.now, passwordCost } = ports
    const common = { clock, randomBytes }
    let running: Promise<Open> | null = null
    const open = (): Promise<Open> => {
      running ??= start()
      return running
    }

    async function start(): Promise<Open> {
      const databases = await openDatabases(configuration)
      const database = databases.own
      const all = (await findSources(databases, configuration.models, configuration.people)).map((one) => ({
        ...one,
        dataSource: replaced.source?.(one.dataSource) ?? one.dataSource,
      }))
      const extensions = extensionsOf(
        configuration,
        all.flatMap(({ models }) => models),
      )
      const store = createStore(database)
      await store.migrate()
      const found = await classifySources(all, configuration.models, { own: database, clock, serves: true })
      const installation = await store.installation()
      const secrets = configuration.secretKeys.map((secret) => secret.reveal())
      const keys = await openKeys({ store, secrets, ...common })
      const audit = createAuditLog({ store, keys, ...common, node: 'test', version: '0' })
      const { models: made, sources } = await administered(found, database, extensions)
      const models = new Map([...made].map(([name, model]) => [name, replaced.model?.(model) ?? model]))
      const policy = compilePolicy(configuration.policy ?? SEEDED_POLICY, models, {
        version: 'v1',
        actions: [
          ...extensions.names,
          ...(configuration.people?.changePassword ? [`${configuration.people.model}.change-password`] : []),
        ],
      })
      const host = configuration.people && hostPeopleOf(configuration.people, models, sources)
      let sender: Sender | null = null
      const plain = createIdentity({
        store: database,
        keys,
        audit,
        ...common,
        ...(passwordCost && { passwordCost }),
        ...(host && { host: replaced.host?.(host) ?? host }),
        onLetter: () => sender?.wake(),
        options: {
          issuer: `castellan/${installation}`,
          title: configuration.title,
          accessTokenMinutes: configuration.accessTokenMinutes,
          sessionTimeoutMinutes: configuration.sessionTimeoutMinutes,
          roles: Object.keys(policy.document.roles),
          superadmin: 'superadmin',
          hasMail: configuration.mail !== null,
          hasRegistration: configuration.registration,
        },
      })
      const identity = replaced.identity?.(plain) ?? plain
      const post = replaced.mail?.(configuration) ?? configuration
      const quiet = { warn: () => {} }
      sender = senderOf(post, identity.letters, { log: quiet, serves: true, onError: () => {} })
      const parts: Parts = {
        models,
        sources,
        store: database,
        actions: [
          ...builtInActions({
            identity,
            policy,
            audit,
            fields: knownFields,
            readAnchors: async () => NO_ANCHORS,
          }),
          ...extensions.actions,
          ...recordActions,
        ],
        policy,
        audit,
        identity,
        clock,
        networksOf: () => [],
      }
      const gate = createGate(replaced.gate?.(parts) ?? parts)
      const house: House = {
        gate,
        identity,
        clock,
        own: extensions.own,
        settings: {
          title: configuration.title,
          publicUrl: null,
          basePath: configuration.basePath,
          environment: null,
          isDebug: configuration.debug,
          cookieName: configuration.cookieName,
          version: '0',
          placeOf: configuration.places.of,
        },
      }
      const appParts: AppParts = {
        identity,
        settings: { ...configuration, isDebug: configuration.debug },
        faces: [createApi(house), createPages(house)],
        serveAsset: (c) => serveAsset(c),
        isReady: async () => true,
        recordRefusal: async (refusal) => {
          await audit.appendAlone(refusalDraft(refusal))
        },
        log: pino({ level: 'silent' }),
        ...common,
        onError: configuration.onError,
      }
      const app = createApp(replaced.app?.(appParts) ?? appParts)
      const close = async (): Promise<void> => {
        await sender?.close()
        await audit.close()
        await databases.close()
      }
      return { gate, identity, models, fetch: app.fetch, close }
    }

    return {
      configuration,
      models: new Map(),
      sources: [],
      initialize: async () => ({ setUpToken: await (await open()).identity.issueSetUpToken() }),
      fetch: async (request, peer) => (await open()).fetch(request, peer),
      perform: async (call) => (await open()).gate.perform(call),
      async close() {
        const opened = running
        running = null
        await (await opened)?.close()
      },
    }
  }
}

interface Open {
  readonly gate: Gate
  readonly identity: Identity
  readonly models: ReadonlyMap<string, Model>
  readonly fetch: Admin['fetch']
  close(): Promise<void>
}
