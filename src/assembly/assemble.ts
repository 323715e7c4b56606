/**
 * Puts the parts together over open databases: store, keys, log, identity,
 * policy, gate and faces, in the order in which each needs the one before.
 */

import { hostname } from 'node:os'
import { type Logger, pino } from 'pino'
import { builtInActions } from '../actions/built-in.ts'
import { openAnchors } from '../audit/anchor/open-anchors.ts'
import { readAnchors } from '../audit/anchor/read-anchors.ts'
import { createAuditLog, type RunningAuditLog } from '../audit/create-log.ts'
import { runSinks } from '../audit/sink/run-sinks.ts'
import { sinkOf } from '../audit/sink/sink-of.ts'
import { type Clock, systemClock } from '../clock.ts'
import type { Configuration } from '../config.ts'
import { createGate } from '../gate/create-gate.ts'
import type { Gate } from '../gate/gate.ts'
import { recordActions } from '../gate/record/built-in.ts'
import type { App } from '../http/app.ts'
import { createIdentity, type PasswordCost } from '../identity/create-identity.ts'
import type { HostPeople } from '../identity/host-people.ts'
import type { Identity } from '../identity/identity.ts'
import { systemRandomBytes } from '../identity/random.ts'
import { openRedis, type Redis } from '../identity/redis.ts'
import { type OpenedKeys, openKeys } from '../keys/key-ring.ts'
import type { Sender } from '../mail/sender.ts'
import type { Model } from '../model/model.ts'
import { markedRoles } from '../policy/marked.ts'
import type { Policy } from '../policy/policy.ts'
import { createStore } from '../store/store.ts'
import { installationDrafts } from '../system-events.ts'
import { VERSION } from '../version.ts'
import { cleanUpRegularly } from './clean-up.ts'
import type { OpenDatabases } from './databases.ts'
import { extensionsOf } from './extensions.ts'
import { createFaces } from './faces.ts'
import { hostPeopleOf } from './host-people.ts'
import { rotateDue } from './key-schedule.ts'
import { classifySources, knownFields } from './known-fields.ts'
import { careForLog } from './log-care.ts'
import { senderOf } from './mail.ts'
import { administered, type FoundSource, findSources } from './models.ts'
import { checkOidcRoles } from './oidc.ts'
import { networksOf, policyOf, SUPERADMIN } from './rules.ts'

/** What the outside world gives; tests bring their own. */
export interface Ports {
  readonly clock?: Clock
  readonly randomBytes?: (size: number) => Uint8Array
  readonly passwordCost?: PasswordCost
  /** False for a command that only looks: the schema it finds is none that a server works with. */
  readonly serves?: boolean
  /** False: a link that somebody was given to set up the installation stays the one that works. */
  readonly setsUp?: boolean
}

/** Everything that is open once the admin runs. */
export interface Running {
  readonly app: App
  readonly gate: Gate
  readonly identity: Identity
  readonly models: ReadonlyMap<string, Model>
  readonly found: readonly FoundSource[]
  close(): Promise<void>
}

/** What every part is made with. */
interface Common {
  readonly clock: Clock
  readonly randomBytes: (size: number) => Uint8Array
  readonly log: Logger
}

/** @throws AdminError `misconfigured`; the databases are then still open. */
export async function assemble(
  configuration: Configuration,
  { clock = systemClock, randomBytes = systemRandomBytes(), passwordCost, serves = true }: Ports,
  databases: OpenDatabases,
): Promise<Running> {
  const { own } = databases
  const log = pino({ level: configuration.log, base: null }, pino.destination(2))
  const common: Common = { clock, randomBytes, log }
  // before anything of ours is made: a database with nothing to administer stays as it was
  const all = await findSources(databases, configuration.models, configuration.people)
  const extensions = extensionsOf(
    configuration,
    all.flatMap(({ models }) => models),
  )

  const store = createStore(own)
  const { applied } = await store.migrate()
  const installation = await store.installation()
  const secrets = configuration.secretKeys.map((secret) => secret.reveal())
  const keys = await openKeys({ store, secrets, clock, randomBytes })
  const audit = createAuditLog({
    store,
    keys,
    clock,
    randomBytes,
    node: `${hostname()}:${process.pid}`,
    version: VERSION,
    onError: (error) => log.error({ err: error }, 'sealing the audit log failed; it is tried again'),
  })
  let redis: Redis | null = null
  try {
    // a command that only looks lets nobody in
    redis = configuration.redis && serves ? await openRedis(configuration.redis.reveal()) : null
    const found = await classifySources(all, configuration.models, { own, clock, serves })
    const { models, sources } = await administered(found, own, extensions)
    const policy = policyOf(configuration, models, extensions)
    let sender: Sender | null = null
    checkOidcRoles(configuration, policy)
    const host = configuration.people && hostPeopleOf(configuration.people, models, sources)
    const identity = identityOf(
      configuration,
      { ...common, keys, audit, policy, own, installation, host, redis, onLetter: () => sender?.wake() },
      passwordCost,
    )
    const anchors = openAnchors(configuration.audit.anchors ?? [], clock)
    const gate = createGate({
      models,
      sources,
      store: own,
      actions: [
        ...builtInActions({
          ...{ identity, policy, audit, fields: knownFields },
          readAnchors: (connection) => readAnchors(connection, anchors),
        }),
        ...extensions.actions,
        ...recordActions,
      ],
      policy,
      audit,
      identity,
      clock,
      networksOf: networksOf(configuration),
      onHookError: hookErrors(configuration, log),
    })
    for (const draft of installationDrafts(applied, keys.created, { clock, randomBytes }))
      await audit.appendAlone(draft)
    const connected = [...new Set([own, ...databases.sources.map(({ database }) => database)])]
    const app = createFaces(configuration, {
      ...common,
      gate,
      identity,
      audit,
      own,
      databases: connected,
      pages: extensions.own,
    })
    const schedule = { ...common, own, gate, identity }
    const stopCleaning = cleanUpRegularly(configuration, {
      own,
      clock,
      log,
      rotateDue: () => rotateDue(configuration, schedule),
      remind: () => identity.remind(),
    })
    const care = careForLog(configuration, { ...common, own, anchors, audit, gate }, serves)
    sender = senderOf(configuration, identity.letters, {
      log,
      serves,
      onError: hostErrors(configuration, log),
    })
    // a command that ends at once leaves what it did to the next server
    const sinks = serves ? (configuration.audit.sinks ?? []) : []
    const delivery = runSinks(sinks.map(sinkOf), { ...common, database: own, audit })
    return {
      app,
      gate,
      identity,
      models,
      found,
      async close() {
        await care.close()
        await stopCleaning()
        await delivery.close()
        await sender?.close()
        await identity.close()
        await audit.close()
        await redis?.close()
        await databases.close()
      },
    }
  } catch (error) {
    await redis?.close()
    await audit.close()
    throw error
  }
}

/** What the options `people` and `mail` threw: to the host, and by its kind alone to the log, for it may hold what somebody typed. */
function hostErrors({ onError }: Configuration, log: Logger): (error: unknown) => void {
  return (error) => {
    try {
      onError?.(error, { requestId: '' })
    } catch {
      log.error('onError itself failed')
    }
  }
}

/** As any other error that nobody foresaw: to the log, and to the host. */
function hookErrors(
  { onError }: Configuration,
  log: Logger,
): (error: unknown, context: { readonly requestId: string }) => void {
  return (error, context) => {
    log.error({ err: error, requestId: context.requestId }, 'a hook of the application failed')
    try {
      onError?.(error, context)
    } catch (failure) {
      log.error({ err: failure, requestId: context.requestId }, 'onError threw')
    }
  }
}

interface IdentityParts extends Common {
  readonly keys: OpenedKeys
  readonly audit: RunningAuditLog
  readonly policy: Policy
  readonly own: OpenDatabases['own']
  readonly installation: string
  readonly host: HostPeople | null
  readonly redis: Redis | null
  readonly onLetter: () => void
}

function identityOf(
  configuration: Configuration,
  { keys, audit, policy, own, installation, host, redis, clock, randomBytes, log, onLetter }: IdentityParts,
  passwordCost: PasswordCost | undefined,
): Identity {
  return createIdentity({
    store: own,
    keys,
    audit,
    clock,
    randomBytes,
    log,
    ...(passwordCost && { passwordCost }),
    oidc: configuration.oidc,
    ...(redis && { redis }),
    ...(host && { host, onHostError: hostErrors(configuration, log) }),
    ...(configuration.passwords.ranges && { passwordRanges: configuration.passwords.ranges }),
    onLetter,
    options: {
      issuer: `castellan/${installation}`,
      title: configuration.title,
      accessTokenMinutes: configuration.accessTokenMinutes,
      refreshTokenDays: configuration.refreshTokenDays,
      sessionTimeoutMinutes: configuration.sessionTimeoutMinutes,
      maxSessionsPerPerson: configuration.maxSessionsPerPerson,
      whenTooManySessions: configuration.whenTooManySessions,
      sessionLimitHours: configuration.sessionLimitHours,
      roles: Object.keys(policy.document.roles),
      superadmin: SUPERADMIN,
      privilegedRoles: markedRoles(policy.document, 'privileged'),
      deviceBoundRoles: markedRoles(policy.document, 'deviceBound'),
      hasMail: configuration.mail !== null,
      hasRegistration: configuration.registration,
      passwordWords: configuration.passwords.words ?? [],
    },
  })
}
