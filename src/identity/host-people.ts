/**
 * People whom the application itself knows: what it brings of them, and how its
 * users write it. `host-proof.ts` asks it who somebody is, `host-mirror.ts` and
 * `host-arrival.ts` keep what stands here for each of them.
 *
 * What the application answers is believed only as far as it names a record of
 * its model; everything else about a person is Castellan's own.
 */

/** The application's side, checked at the start. Made in `assembly/`. */
export interface HostPeople {
  /** The model whose records people are: `users`. */
  readonly model: string
  /** What the field of the sign-in page is called: "E-mail", "Username". */
  readonly usernameLabel: string
  /** Whatever it answers is checked by `find`. */
  authenticate(username: string, password: string): unknown
  /** Null: passwords are changed elsewhere. */
  readonly changePassword: ((id: HostId, password: string) => unknown) | null
  /** Null: roles are granted in the admin alone. */
  readonly roles: ((id: HostId) => unknown) | null
  /** The record that an answer of `authenticate` names, as it is now; null where it names none. */
  find(id: unknown): Promise<HostRecord | null>
  /** The same by the key that was stored. */
  findByKey(key: string): Promise<HostRecord | null>
}

/** As the application's own code knows its records: a number where it is a whole one that a number holds, else text. */
export type HostId = string | number

export interface HostRecord {
  /** As in an address. */
  readonly key: string
  readonly id: HostId
  /** How people call them. */
  readonly name: string
  /** What they sign in with. */
  readonly username: string
}

/** The option `people` of `createAdmin`: the application's own table of people, and its code that knows their passwords. */
export interface PeopleOption {
  /** The model whose records people are: `users`. */
  readonly model: string
  /** The field with which they sign in. */
  readonly usernameField: string
  /** The field by which pages and the audit log call them; absent: the title of the record. */
  readonly nameField?: string
  /** The field that holds the hash of the password, where its name does not tell: it leaves every read. */
  readonly passwordField?: string
  /**
   * The id of the record whose password that is, or null. It may ask for more, and answers null where that is
   * not met. It takes as long for a username that nobody has as for one with another password.
   */
  authenticate(username: string, password: string): Answer<string | number | bigint | null>
  /** Sets a password, hashed as `authenticate` wants it; absent: passwords are changed in the application alone. */
  changePassword?(id: HostId, password: string): Answer<void>
  /** Roles of the policy that the record has at this sign-in, beside those that administrators grant. */
  roles?(id: HostId): Answer<readonly string[]>
}

type Answer<T> = T | Promise<T>
