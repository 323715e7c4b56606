/** What reading Castellan's own models answers beside their fields: what principals hold, and what rules there are. */

import type { RoleGrant } from '../identity/identity.ts'
import type { PolicyDocument } from '../policy/document.ts'
import type { RecordList, RecordRead } from './records.ts'

/** What a person holds. */
export interface Standing {
  readonly roles: readonly RoleGrant[]
  readonly hasSecondFactor: boolean
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

/** `castellan.tokens.list`; role names by token id, for the tokens of this page. */
export interface TokenList extends RecordList {
  readonly roles: Readonly<Record<string, readonly string[]>>
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
