/** A whole admin over a sample, with nothing configured, and a superadmin who is signed in. */

import type { Outcome } from '../../src/gate/outcome.ts'
import type { RecordList, RecordRead } from '../../src/gate/records.ts'
import type { Principal } from '../../src/identity/principal.ts'
import { systemPrincipal } from '../../src/identity/principal.ts'
import type { Model } from '../../src/model/model.ts'
import { BASE, type Client } from '../client.ts'
import { type House, openHouse, performAs } from '../house.ts'
import type { TestDatabase } from '../servers.ts'
import { loadSample, type Sample } from './databases.ts'
import { type Storage, storageOf } from './stored.ts'

export interface SampleHouse {
  readonly sample: Sample
  readonly house: House
  readonly home: TestDatabase
  readonly client: Client
  readonly storage: Storage
  /** The application's, without Castellan's own. */
  readonly models: readonly Model[]
  perform(action: string, input: unknown, key?: string): Promise<Outcome>
  read(model: Model, key: string): Promise<RecordRead>
  /** The keys of the model's records in the order of its list, each as in an address; at most so many. */
  keys(model: Model, most: number): Promise<readonly string[]>
  close(): Promise<void>
}

const PER_PAGE = 200

export async function openSampleHouse(sample: Sample): Promise<SampleHouse> {
  const home = await loadSample(sample)
  const house = await openHouse({ engine: sample.engine, home })
  const { client, id } = await house.signIn({ name: 'Ana Ferreira', role: 'superadmin' })
  const storage = storageOf(sample.engine, home)
  const models = [...house.admin.models.values()].filter(({ name }) => !name.startsWith('castellan.'))
  await storage.watch(models)

  const perform = (action: string, input: unknown, key?: string): Promise<Outcome> =>
    performAs(house.admin, superadmin(id, house.clock.now), action, input, key === undefined ? {} : { key })
  const result = async <Result>(action: string, input: unknown, key?: string): Promise<Result> => {
    const outcome = await perform(action, input, key)
    if (outcome.kind !== 'done') throw new Error(`${action}: ${outcome.kind}`)
    return outcome.result as Result
  }

  return {
    sample,
    house,
    home,
    client,
    storage,
    models,
    perform,
    read: ({ name }, key) => result<RecordRead>(`${name}.read`, null, key),
    async keys({ name }, most) {
      const found: string[] = []
      let cursor: string | null = null
      do {
        const list: RecordList = await result(`${name}.list`, { limit: PER_PAGE, cursor, fields: [] })
        found.push(...list.records.flatMap(({ key }) => key ?? []))
        cursor = list.page.next
      } while (cursor !== null && found.length < most)
      return found
    },
    close: () => house.close(),
  }
}

/** The pages of a record; `''` is the record itself. */
export function pageOf({ name }: Model, key: string, page: '' | '/edit' | '/history' = ''): string {
  return `${BASE}/m/${encodeURIComponent(name)}/${encodeURIComponent(key)}${page}`
}

/** Somebody with the role, as identity would establish them. */
export function superadmin(id: string, now: number): Principal {
  const system = systemPrincipal('test', now)
  return {
    ...system,
    name: 'Ana Ferreira',
    subject: { ...system.subject, kind: 'person', id, roles: ['superadmin'] },
    authentication: { methods: ['password', 'totp'], assurance: 2, at: now },
  }
}
