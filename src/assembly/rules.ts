/** The policy of a configuration, compiled over the models that there are, and its names for networks. */

import { createHash } from 'node:crypto'
import { CHANGE_PASSWORD } from '../actions/host-password.ts'
import { canonicalJson } from '../audit/canonical.ts'
import type { Configuration } from '../config.ts'
import { type AdminError, misconfigured } from '../errors.ts'
import { networksFrom } from '../http/address.ts'
import type { Model } from '../model/model.ts'
import { compilePolicy } from '../policy/compile.ts'
import type { Policy } from '../policy/policy.ts'
import { seededPolicy } from '../policy/seeded.ts'
import { type Extensions, recordActionNames } from './extensions.ts'

/** The role of the first person, whose last working holder can't be lost. */
export const SUPERADMIN = 'superadmin'

/** @throws AdminError `misconfigured` with every mistake of the document. */
export function policyOf(
  configuration: Configuration,
  models: ReadonlyMap<string, Model>,
  extensions: Extensions,
): Policy {
  const document = configuration.policy ?? seededPolicy(recordActionNames(extensions))
  if (!(SUPERADMIN in document.roles)) throw noSuperadmin()
  const version = createHash('sha256').update(canonicalJson(document)).digest('hex').slice(0, 16)
  return compilePolicy(document, models, {
    version,
    actions: [...extensions.names, ...hostActionNames(configuration)],
    networks: Object.keys(configuration.networks),
  })
}

function hostActionNames({ people }: Configuration): readonly string[] {
  return people?.changePassword ? [`${people.model}.${CHANGE_PASSWORD}`] : []
}

/** The names of the configured networks that an address belongs to. */
export function networksOf({ networks }: Configuration): (address: string) => readonly string[] {
  const matchers = Object.entries(networks).map(([name, list]) => ({
    name,
    has: networksFrom(list, `networks.${name}`),
  }))
  return (address) => matchers.filter(({ has }) => has(address)).map(({ name }) => name)
}

function noSuperadmin(): AdminError {
  return misconfigured([
    {
      id: 'P130',
      place: 'policy.roles',
      problem: `there is no role "${SUPERADMIN}", which the first person needs.`,
      remedy: 'Declare it, and permit what the first person may do.',
    },
  ])
}
