import { expect, test } from 'vitest'
import { literalOf, readCheck } from './catalog-expression.ts'

test.each([
  [`'unpaid'::text`, 'unpaid'],
  [`'it''s'::character varying`, "it's"],
  [`'G'::mpaa_rating`, 'G'],
  [`'b'::other."odd type"[]`, 'b'],
  ['0', '0'],
  ['4.99', '4.99'],
  ['(-1)', '-1'],
  [`'-1'::integer`, '-1'],
  ['true', 'true'],
  [`('2026-01-01'::text)::date`, '2026-01-01'],
  [`'{}'::jsonb`, '{}'],
  ['NULL::character varying', undefined],
  [`nextval('a_id_seq'::regclass)`, null],
  ['now()', null],
  ['CURRENT_TIMESTAMP', null],
  [`('a'::text || 'b'::text)`, null],
  ['1 + 1', null],
])('reads the default %s', (expression, literal) => {
  expect(literalOf(expression)).toBe(literal)
})

const NAMES = new Map([
  ['status', 'status'],
  ['odd name', 'Odd name'],
])

test.each([
  [`CHECK (status = ANY (ARRAY['a'::text, 'b'::text]))`, 'status', ['a', 'b']],
  [`CHECK ((status = ANY (ARRAY['a'::text, 'b'::text])))`, 'status', ['a', 'b']],
  [
    `CHECK (status::text = ANY (ARRAY['a'::character varying, 'it''s'::character varying]::text[]))`,
    'status',
    ['a', "it's"],
  ],
  [`CHECK (((status)::text = ANY ((ARRAY['a'::character varying])::text[])))`, 'status', ['a']],
  [`CHECK ("Odd name" = ANY (ARRAY['a'::bpchar, 'b'::bpchar]))`, 'Odd name', ['a', 'b']],
  [`CHECK (status IS NULL OR (status = ANY (ARRAY['a'::text])))`, 'status', ['a']],
])('finds the values that %s admits', (definition, column, values) => {
  expect(readCheck(definition, NAMES).choices).toEqual({ column, values })
})

test.each([
  `CHECK (status <> ALL (ARRAY['a'::text]))`,
  `CHECK (status = ANY (ARRAY['a'::text]) AND length(status) > 1)`,
  `CHECK (lower(status) = ANY (ARRAY['a'::text]))`,
  `CHECK (other = ANY (ARRAY['a'::text]))`,
  `CHECK (status = ANY (string_to_array('a,b'::text, ','::text)))`,
  `EXCLUDE USING gist (status WITH =)`,
])('finds no list of values in %s', (definition) => {
  expect(readCheck(definition, NAMES).choices).toBeNull()
})

test.each([
  ['CHECK (length(status) <= 40)', 40],
  ['CHECK (char_length(status::text) < 41)', 40],
  ['CHECK ((char_length((status)::text) <= 40))', 40],
  ['CHECK (length(status) <= 40 OR true)', null],
  ['CHECK (octet_length(status) <= 40)', null],
])('reads a length from %s', (definition, length) => {
  expect(readCheck(definition, NAMES).maxLength?.length ?? null).toBe(length)
})
