/** What actions on Castellan's own models answer beside their fields: what principals hold, and what rules there are. */

import type { RoleGrant } from '../identity/identity.ts'
import type { PolicyDocument } from '../policy/document.ts'
import type { RecordList, RecordRead } from './records.ts'

/** What a person holds. */
export interface Standing {
  readonly roles: readonly RoleGrant[]
  readonly hasSecondFactor: boolean
  /** False: they were invited and have not answered, or the application keeps it. */
  readonly hasPassword: boolean
  /** When they registered themselves, RFC 3339, while they wait to be let in; else null. */
  readonly waitingSince: string | null
}

/** `castellan.people.list`; `standing` by person id, for the people of this page. */
export interface PeopleList extends RecordList {
  readonly standing: Readonly<Record<string, Standing>>
}

/** `castellan.people.read`. */
export interface PersonRead extends RecordRead {
  readonly standing: Standing
  /** Roles that whoever asks could give or take. */
  readonly grantable: readonly string[]
}

/** `castellan.people.invite` and `.renew-password`. */
export interface InvitedResult {
  readonly id: string
  /** The address under the base path, with its one-time token, shown once; null: the person alone has it. */
  readonly link: string | null
  /** RFC 3339. */
  readonly expiresAt: string
}

/** `castellan.tokens.list`; role names by token id, for the tokens of this page. */
export interface TokenList extends RecordList {
  readonly roles: Readonly<Record<string, readonly string[]>>
}

/** `castellan.agents.create`. */
export interface NewAgentResult {
  readonly id: string
  /** `cag_…`, shown once and stored only as a hash. */
  readonly token: string
  /** RFC 3339. */
  readonly expiresAt: string
}

/** `castellan.policy.read`. */
export interface PolicyRead {
  readonly document: PolicyDocument
  readonly version: string
  readonly roles: readonly RoleRead[]
}

export interface RoleRead {
  readonly name: string
  readonly title: string
  readonly description: string
  /** With all that those inherit. */
  readonly inherits: readonly string[]
  /** Ids of the rules that name it, or that it inherits. */
  readonly rules: readonly string[]
}
