/**
 * Castellan's own tables as models, under the same gate as any other.
 *
 * Only what is named here can be read: a column that a migration adds stays
 * hidden until it is named, and nothing that proves who someone is ever is.
 * Their records are changed by actions with names of their own, never as
 * records. A model is the same whatever engine the store is on: of the tables
 * only their place is taken over.
 */

import type { Field, FieldType, Index, Model, Relation, Sort } from '../model/model.ts'

const READ_ONLY = 'Castellan keeps these records itself; they change through actions of their own.'

interface OwnModel {
  readonly name: string
  readonly table: string
  readonly label: string
  readonly labelPlural: string
  readonly icon: string
  readonly description: string
  /** The readable columns with their labels, in the order of a record's page. */
  readonly fields: Readonly<Record<string, string>>
  readonly title: readonly string[]
  readonly columns: readonly string[]
  readonly filters: readonly string[]
  readonly search: readonly string[]
  readonly sort: readonly Sort[]
  readonly relations: readonly Relation[]
  readonly key: readonly string[]
  /** By which records are found fast, unique ones apart. */
  readonly indexes: readonly (readonly string[])[]
  readonly uniques: readonly (readonly string[])[]
}

/** What is no text. */
const TYPES: Readonly<Record<string, FieldType>> = {
  is_active: 'bool',
  is_change: 'bool',
  attributes: 'json',
  methods: 'json',
  actions: 'json',
  assurance: 'int',
  sequence: 'bigint',
  entry: 'bigint',
}

const PEOPLE: OwnModel = {
  name: 'castellan.people',
  table: 'castellan_person',
  label: 'Person',
  labelPlural: 'People',
  icon: 'users',
  description: 'Who may sign in.',
  fields: {
    id: 'Id',
    name: 'Name',
    email: 'E-mail',
    is_active: 'Active',
    attributes: 'Attributes',
    time_zone: 'Time zone',
    locale: 'Language',
    created_at: 'Added',
    last_seen_at: 'Last seen',
  },
  title: ['name'],
  columns: ['name', 'email', 'is_active', 'last_seen_at'],
  filters: ['id', 'name', 'email', 'is_active', 'created_at', 'last_seen_at'],
  search: ['name', 'email'],
  sort: [{ field: 'name', direction: 'asc' }],
  relations: [many('sessions', 'Sessions', 'castellan.sessions', 'id', 'person_id')],
  key: ['id'],
  indexes: [],
  uniques: [['id']],
}

const SESSIONS: OwnModel = {
  name: 'castellan.sessions',
  table: 'castellan_session',
  label: 'Session',
  labelPlural: 'Sessions',
  icon: 'monitor',
  description: 'Who is signed in, from where.',
  fields: {
    id: 'Id',
    person_id: 'Person',
    methods: 'Signed in with',
    assurance: 'Assurance',
    address: 'Address',
    user_agent: 'Browser',
    created_at: 'Signed in',
    proved_at: 'Last proved',
    last_seen_at: 'Last seen',
    expires_at: 'Ends at the latest',
  },
  title: ['user_agent'],
  columns: ['person_id', 'address', 'user_agent', 'created_at', 'last_seen_at'],
  filters: ['id', 'person_id', 'methods', 'address', 'created_at', 'last_seen_at', 'expires_at'],
  search: ['address', 'user_agent', 'person.name'],
  sort: [{ field: 'last_seen_at', direction: 'desc' }],
  relations: [one('person', 'Person', 'castellan.people', 'person_id', 'id')],
  key: ['id'],
  indexes: [['person_id', 'created_at']],
  uniques: [['id']],
}

const TOKENS: OwnModel = {
  name: 'castellan.tokens',
  table: 'castellan_service_token',
  label: 'Service token',
  labelPlural: 'Service tokens',
  icon: 'key-round',
  description: 'Programs that may use the API.',
  fields: {
    id: 'Id',
    name: 'Name',
    actions: 'Limited to',
    created_at: 'Made',
    expires_at: 'Expires',
    last_used_at: 'Last used',
    revoked_at: 'Revoked',
  },
  title: ['name'],
  columns: ['name', 'created_at', 'expires_at', 'last_used_at', 'revoked_at'],
  filters: ['id', 'name', 'created_at', 'expires_at', 'last_used_at', 'revoked_at'],
  search: ['name'],
  sort: [{ field: 'created_at', direction: 'desc' }],
  relations: [],
  key: ['id'],
  indexes: [],
  uniques: [['id']],
}

const AGENTS: OwnModel = {
  name: 'castellan.agents',
  table: 'castellan_agent',
  label: 'Agent',
  labelPlural: 'Agents',
  icon: 'key-round',
  description: 'Programs that act for people.',
  fields: {
    id: 'Id',
    person_id: 'Person',
    name: 'Name',
    actions: 'Limited to',
    created_at: 'Made',
    expires_at: 'Expires',
    last_used_at: 'Last used',
    revoked_at: 'Revoked',
  },
  title: ['name'],
  columns: ['name', 'person_id', 'created_at', 'expires_at', 'last_used_at', 'revoked_at'],
  filters: ['id', 'person_id', 'name', 'created_at', 'expires_at', 'last_used_at', 'revoked_at'],
  search: ['name', 'person.name'],
  sort: [{ field: 'created_at', direction: 'desc' }],
  relations: [one('person', 'Person', 'castellan.people', 'person_id', 'id')],
  key: ['id'],
  indexes: [['person_id', 'created_at']],
  uniques: [['id']],
}

const AUDIT: OwnModel = {
  name: 'castellan.audit',
  table: 'castellan_audit_event',
  label: 'Audit event',
  labelPlural: 'Audit log',
  icon: 'history',
  description: 'Everything that was done or refused.',
  fields: {
    sequence: 'Number',
    id: 'Id',
    occurred_at: 'When',
    principal_kind: 'Kind of principal',
    principal_id: 'Principal',
    principal_label: 'Who',
    session: 'Session',
    action: 'Action',
    kind: 'Kind',
    severity: 'Severity',
    model: 'Model',
    record_key: 'Key',
    record_label: 'Record',
    outcome: 'Outcome',
    is_change: 'Changed something',
    code: 'Code',
    reason: 'Reason',
    ticket: 'Ticket',
    address: 'Address',
    request_id: 'Request',
    entry: 'Entry',
  },
  title: ['action'],
  columns: ['sequence', 'occurred_at', 'principal_label', 'action', 'record_label', 'outcome', 'address'],
  filters: [
    'sequence',
    'id',
    'occurred_at',
    'principal_kind',
    'principal_id',
    'principal_label',
    'session',
    'action',
    'kind',
    'severity',
    'model',
    'record_key',
    'outcome',
    'is_change',
    'code',
    'ticket',
    'address',
    'request_id',
  ],
  search: ['principal_label', 'action', 'record_label', 'reason', 'ticket', 'address'],
  sort: [{ field: 'entry', direction: 'desc' }],
  relations: [],
  key: ['id'],
  indexes: [
    ['occurred_at', 'id'],
    ['principal_id', 'occurred_at'],
    ['model', 'record_key', 'is_change', 'entry'],
    ['kind', 'occurred_at'],
  ],
  uniques: [['id'], ['sequence'], ['entry']],
}

/** That they are there, and never what they are: the rest of the table is not named here. */
const KEYS: OwnModel = {
  name: 'castellan.keys',
  table: 'castellan_key',
  label: 'Key',
  labelPlural: 'Keys',
  icon: 'key-round',
  description: 'What tokens, the log and secrets are signed and sealed with.',
  fields: { id: 'Id', purpose: 'Ring', state: 'State', created_at: 'Made' },
  title: ['purpose', 'id'],
  columns: ['purpose', 'state', 'created_at', 'id'],
  filters: ['id', 'purpose', 'state', 'created_at'],
  search: ['id', 'purpose'],
  sort: [
    { field: 'purpose', direction: 'asc' },
    { field: 'created_at', direction: 'desc' },
  ],
  relations: [],
  key: ['id'],
  indexes: [],
  uniques: [['id']],
}

/** Names of columns, sorted as they are read; the table is as long as the databases have columns. */
const FIELDS: OwnModel = {
  name: 'castellan.fields',
  table: 'castellan_field',
  label: 'Field',
  labelPlural: 'Fields',
  icon: 'eye',
  description: 'How sensitive each column of the application is.',
  fields: {
    id: 'Id',
    source: 'Database',
    model: 'Model',
    field: 'Field',
    type: 'Type',
    guess: 'By its name',
    sensitivity: 'Sensitivity',
    decided_by: 'Classified by',
    found_at: 'Found',
    decided_at: 'Classified',
  },
  title: ['model', 'field'],
  columns: ['model', 'field', 'type', 'guess', 'sensitivity', 'decided_by', 'found_at'],
  filters: ['source', 'model', 'field', 'guess', 'sensitivity', 'decided_by', 'found_at', 'decided_at'],
  search: ['model', 'field'],
  sort: [
    { field: 'model', direction: 'asc' },
    { field: 'field', direction: 'asc' },
  ],
  relations: [],
  key: ['id'],
  indexes: [],
  uniques: [['id']],
}

/**
 * The own models, from those that were introspected from the tables of the store.
 * @throws TypeError when a table or a column of them is missing: the store has not been migrated.
 */
export function ownModels(introspected: readonly Model[]): readonly Model[] {
  const models = [PEOPLE, SESSIONS, TOKENS, AGENTS, KEYS, FIELDS, AUDIT].map((own) =>
    refined(own, tableOf(introspected, own.table)),
  )
  const [first] = models
  if (!first) throw new TypeError('There are no own models.')
  return [...models, policyModel(first.source)]
}

function refined(own: OwnModel, { source, schema, table, fields }: Model): Model {
  const { name, label, labelPlural, icon, description, title, relations, key, uniques } = own
  return {
    name,
    source,
    schema,
    table,
    kind: 'table',
    label,
    labelPlural,
    icon,
    description,
    group: 'Castellan',
    title,
    relations,
    fields: Object.entries(own.fields).map(([column, fieldLabel]) =>
      shown(columnOf(table, fields, column), fieldLabel),
    ),
    key,
    uniques,
    indexes: [
      ...uniques.map((names) => index(own, names, true)),
      ...own.indexes.map((names) => index(own, names, false)),
    ],
    list: { columns: own.columns, filters: own.filters, search: own.search, sort: own.sort, perPage: 50 },
    softDelete: null,
    writable: { create: false, update: false, delete: false, reason: READ_ONLY },
  }
}

function columnOf(table: string, fields: readonly Field[], column: string): Field {
  const field = fields.find((one) => one.column === column)
  if (!field) throw new TypeError(`The table ${table} has no column ${column}.`)
  return field
}

/** Named one by one above, so what a name looks like (`session`, `record_key`) classifies nothing here. */
function shown({ column, nullable }: Field, label: string): Field {
  const type = TYPES[column] ?? (column.endsWith('_at') ? 'timestamptz' : 'text')
  return {
    name: column,
    column,
    label,
    help: null,
    type,
    dbType: type,
    nullable,
    hasDefault: false,
    defaultValue: null,
    generated: false,
    readonly: true,
    hidden: false,
    sensitivity: 'internal',
    choices: null,
    maxLength: null,
    scale: null,
    widget: null,
  }
}

function index({ table }: OwnModel, fields: readonly string[], unique: boolean): Index {
  return { name: `${table}_${fields.join('_')}`, fields, unique, partial: false }
}

/** By the name that our queries use: where the own tables have a schema to themselves, they have no prefix there. */
function tableOf(introspected: readonly Model[], table: string): Model {
  const found = introspected.find(
    (model) => (model.schema === null ? model.table : `${model.schema}_${model.table}`) === table,
  )
  if (!found) throw new TypeError(`The store has no table ${table}.`)
  return found
}

/** The policy in force: a document rather than records, so it has an action to read it and no list. */
function policyModel(source: string): Model {
  return {
    name: 'castellan.policy',
    source,
    schema: null,
    table: '',
    kind: 'view',
    label: 'Policy',
    labelPlural: 'Roles and rules',
    description: 'Who may do what.',
    icon: 'shield',
    group: 'Castellan',
    fields: [],
    key: null,
    uniques: [],
    indexes: [],
    relations: [],
    title: [],
    list: { columns: [], filters: [], search: [], sort: [], perPage: 50 },
    softDelete: null,
    writable: { create: false, update: false, delete: false, reason: READ_ONLY },
  }
}

function one(name: string, label: string, target: string, from: string, to: string): Relation {
  return { name, label, kind: 'one', target, from: [from], to: [to], onDelete: 'restrict' }
}

function many(name: string, label: string, target: string, from: string, to: string): Relation {
  return { name, label, kind: 'many', target, from: [from], to: [to], onDelete: 'restrict' }
}
