import { expect, test } from 'vitest'
import type { FieldType, Sensitivity } from './model.ts'
import { classify } from './sensitivity.ts'

const SAMPLES: readonly (readonly [Sensitivity, FieldType, readonly string[]])[] = [
  [
    'secret',
    'text',
    [
      'password',
      'password_hash',
      'passwordHash',
      'pwd',
      'salt',
      'api_key',
      'apiKey',
      'ApiKey',
      'access_token',
      'secret',
      'client_secret',
      'private_key',
      'totp_secret',
      'recovery_codes',
      'cvv',
      'hash',
      'refresh_token',
      'session_key',
      'session_data',
      'password_digest',
      'verification_code',
      'encrypted_ssn',
      'cookie',
    ],
  ],
  ['secret', 'bytes', ['password', 'salt', 'token']],
  [
    'personal',
    'text',
    [
      'ssn',
      'tax_number',
      'taxId',
      'passport_number',
      'iban',
      'bank_account',
      'card_number',
      'credit_card',
      'blood_type',
      'diagnosis',
      'national_id',
      'date_of_birth',
      'birthday',
    ],
  ],
  ['personal', 'timestamp', ['BirthDate', 'birth_date']],
  ['personal', 'date', ['dob', 'date_of_birth']],
  ['internal', 'text', ['first_name', 'email', 'Phone', 'address', 'PostalCode', 'notes']],
  ['internal', 'json', ['settings']],
  ['public', 'decimal', ['total', 'tax', 'tax_amount', 'tax_rate']],
  ['public', 'text', ['status', 'title', 'card_type', 'tax_class', 'sku', 'country']],
  ['public', 'bigint', ['token_count', 'max_tokens', 'quantity', 'token_id']],
  ['public', 'text', ['content_hash', 'cookie_policy']],
  ['public', 'int', ['sid', 'key']],
]

test.each(SAMPLES)('calls %s (as %s): %j', (sensitivity, type, names) => {
  expect(names.map((name) => [name, classify(name, type)])).toEqual(names.map((name) => [name, sensitivity]))
})

test('does not take a time for a secret', () => {
  expect(classify('password_changed_at', 'timestamp')).not.toBe('secret')
  expect(classify('has_password', 'bool')).not.toBe('secret')
})

test.each([
  ['api_keys', 'key', 'text', 'secret'],
  ['ApiKey', 'value', 'text', 'secret'],
  ['personal_access_tokens', 'data', 'json', 'secret'],
  ['session', 'sess', 'json', 'secret'],
  ['sessions', 'sid', 'text', 'secret'],
  ['sessions', 'payload', 'text', 'secret'],
  ['password_resets', 'code', 'text', 'secret'],
  ['api_keys', 'name', 'text', 'internal'],
  ['api_keys', 'value', 'int', 'public'],
  ['sessions', 'code', 'text', 'public'],
  ['settings', 'key', 'text', 'public'],
  ['token_kinds', 'value', 'text', 'public'],
] as const)('sees by the table %s whether %s (as %s) is a secret', (table, column, type, sensitivity) => {
  expect(classify(column, type, table)).toBe(sensitivity)
})
