/**
 * Every type that a column can have, on every engine that has it, with values
 * at its edges. `test/http/types.test.ts` sends each of them through everything
 * that shows or takes a value.
 *
 * A row is one type; beside an engine's name stands how that engine declares it,
 * how SQL writes each value, and how it looks as JSON. To add a type, add a row:
 * nothing else has to change. PGlite is asked all that PostgreSQL is.
 */

import {
  BEYOND,
  DIGITS_38,
  digits,
  HELLO,
  hello,
  LARGEST,
  list,
  moments,
  on,
  type Row,
  SMALLEST,
  same,
  texts,
  UNICODE,
  UUID,
} from './type-values.ts'

export const TYPES: readonly Row[] = [
  {
    type: 'small integer',
    postgres: on('int2', [same(-32768), same(32767)], { refused: [32768, '1.5'] }),
    mariadb: on('tinyint', [same(-128), same(127)], { refused: [128] }),
  },
  {
    type: 'integer',
    postgres: on('int4', [same(-2147483648), same(2147483647)], { refused: [2147483648] }),
    mariadb: on('int', [same(-2147483648), same(2147483647)], { refused: [2147483648] }),
  },
  {
    type: 'unsigned integer',
    mariadb: on('int unsigned', [same(0), same(4294967295)], { refused: [-1] }),
  },
  {
    type: 'big integer',
    sqlite: on('integer', digits(SMALLEST, BEYOND, LARGEST), { refused: ['9223372036854775808'] }),
    postgres: on('int8', digits(SMALLEST, BEYOND, LARGEST), { refused: ['9223372036854775808'] }),
    mariadb: on('bigint', digits(SMALLEST, BEYOND, LARGEST), { refused: ['9223372036854775808'] }),
  },
  {
    type: 'unsigned big integer',
    mariadb: on('bigint unsigned', digits('0', BEYOND, '18446744073709551615'), {
      refused: ['18446744073709551616', '-1'],
    }),
  },
  {
    type: 'decimal',
    sqlite: on('decimal(15,2)', [{ sql: '0', json: '0.00' }, ...digits('-0.01', '9999999999999.25')], {
      refused: ['0.001', 0.5],
    }),
    postgres: on('numeric(38,10)', digits(DIGITS_38, `-${DIGITS_38}`), { refused: [0.5] }),
    mariadb: on('decimal(38,10)', digits(DIGITS_38, `-${DIGITS_38}`), { refused: [0.5, 'NaN'] }),
  },
  {
    type: 'decimal of any length',
    sqlite: on('decimal_text', [same(DIGITS_38)], { refused: ['NaN'] }),
    postgres: on(
      'numeric',
      [
        ...digits(`${DIGITS_38.replace('.', '')}.${'0123456789'.repeat(4)}1`),
        same('NaN', { asked: null }),
        same('Infinity', { asked: null }),
      ],
      { refused: ['1e5'] },
    ),
    mariadb: on(
      'decimal(65,30)',
      digits('12345678901234567890123456789012345.123456789012345678901234567891'),
    ),
  },
  {
    type: 'money',
    postgres: on('money', [same('$1,234.50')], { readonly: 'its text is of a locale' }),
  },
  {
    type: 'floating-point number',
    sqlite: on('double', [same(0.1), same(1.7976931348623157e308, { text: '1.7976931348623157e+308' })], {
      refused: ['NaN', 'abc'],
    }),
    postgres: on(
      'float8',
      [
        same(0.1),
        same(1.7976931348623157e308, { text: '1.7976931348623157e+308' }),
        same('NaN', { asked: null }),
        same('Infinity', { asked: null }),
        same('-Infinity', { asked: null }),
      ],
      { refused: ['abc'] },
    ),
    mariadb: on('double', [same(0.1), same(1.7976931348623157e308, { text: '1.7976931348623157e+308' })], {
      refused: ['NaN', 'Infinity'],
    }),
  },
  {
    type: 'single-precision number',
    postgres: on('float4', [same(0.1), same(16777216)], { refused: [0.123456789] }),
    mariadb: on('float', [same(0.1), same(16777216)], { refused: [0.123456789] }),
  },
  {
    type: 'truth',
    sqlite: on('boolean', [same(true), same(false)], { refused: [2] }),
    postgres: on('bool', [same(true), same(false)], { refused: [2] }),
    mariadb: on('boolean', [same(true), same(false)], { refused: [2] }),
  },
  {
    type: 'text',
    sqlite: on('text', texts('', UNICODE, 'one\ntwo')),
    postgres: on('text', texts('', UNICODE, 'one\ntwo')),
    mariadb: on('longtext', texts('', UNICODE, 'one\ntwo')),
  },
  {
    type: 'text of a length',
    sqlite: on('varchar(20)', texts(UNICODE), { refused: ['x'.repeat(21)] }),
    postgres: on('varchar(20)', texts(UNICODE), { refused: ['x'.repeat(21)] }),
    mariadb: on('varchar(20)', texts(UNICODE), { refused: ['x'.repeat(21)] }),
  },
  {
    type: 'padded text',
    postgres: on('char(5)', texts('ab', 'abcde'), { refused: ['ab '] }),
    mariadb: on('char(5)', texts('ab', 'abcde'), { refused: ['ab '] }),
  },
  {
    type: 'enum',
    sqlite: on(`text check (value in ('sad', 'so so'))`, texts('sad', 'so so'), { refused: ['gay'] }),
    postgres: on('mood', texts('sad', 'so so'), { refused: ['gay'] }),
    mariadb: on(`enum('sad','so so')`, texts('sad', 'so so'), { refused: ['gay', 'SAD'] }),
  },
  {
    type: 'set',
    mariadb: on(
      `set('a','b c','d')`,
      [list('a,d', ['a', 'd']), list('', [], { asked: null }), list('b c', ['b c'])],
      { operator: 'contains', refused: [['x'], 'a', ['A']] },
    ),
  },
  {
    type: 'domain',
    postgres: on('positive', [same(1), same(2147483647)], { refused: [0] }),
  },
  {
    type: 'uuid',
    sqlite: on('uuid', texts(UUID), { refused: ['1b4e'] }),
    postgres: on('uuid', texts(UUID), { refused: ['1b4e'] }),
    mariadb: on('uuid', texts(UUID), { refused: ['1b4e'] }),
  },
  {
    type: 'date',
    sqlite: on('date', texts('2026-11-21', '0001-01-01', '9999-12-31'), {
      refused: ['2026-02-30', 'infinity'],
    }),
    postgres: on(
      'date',
      [
        ...texts('0001-01-01', '9999-12-31', 'infinity', '-infinity'),
        { sql: `'4713-01-01 BC'`, json: '-4712-01-01' },
        { sql: `'5874897-12-31'`, json: 'Y5874897-12-31' },
      ],
      { refused: ['2026-02-30'] },
    ),
    mariadb: on(
      'date',
      [...texts('1000-01-01', '9999-12-31'), same('0000-00-00', { isOnlyRead: true, asked: null })],
      { refused: ['2026-02-30', 'infinity'] },
    ),
  },
  {
    type: 'time of day',
    sqlite: on('time', texts('07:30:00', '23:59:59'), { refused: ['25:00', '838:59:59'] }),
    postgres: on(
      'time',
      [
        ...moments((text) => text, '00:00:00', '23:59:59.999999'),
        same('24:00:00', { isOnlyRead: true, asked: null }),
      ],
      { refused: ['25:00', '838:59:59'] },
    ),
  },
  {
    type: 'time span',
    mariadb: on(
      'time(6)',
      moments((text) => text, '-838:59:59.000000'.slice(0, 10), '838:59:59', '00:00:00.000001'),
      { refused: ['839:00:00'] },
    ),
  },
  { type: 'year', mariadb: on('year', [same(1901), same(2155)], { refused: [1900, 2156] }) },
  {
    type: 'date and time',
    sqlite: on(
      'datetime',
      moments((text) => text.replace('T', ' '), '2026-11-21T07:30:00', '9999-12-31T23:59:59'),
      { refused: ['infinity', '2026-02-30T00:00'] },
    ),
    postgres: on(
      'timestamp',
      moments((text) => text, '2026-11-21T07:30:00.123456', 'infinity', '-infinity'),
      { refused: ['2026-11-21T07:30:00Z'] },
    ),
    mariadb: on(
      'datetime(6)',
      [
        ...moments(
          (text) => text.replace('T', ' '),
          '2026-11-21T07:30:00.123456',
          '9999-12-31T23:59:59.999999',
        ),
        same('0000-00-00 00:00:00.000000', { isOnlyRead: true, asked: null }),
      ],
      { refused: ['infinity'] },
    ),
  },
  {
    type: 'instant',
    sqlite: on(
      'timestamptz',
      moments((text) => text, '2026-11-21T07:30:00Z', '9999-12-31T23:59:59Z'),
      { refused: ['infinity'] },
    ),
    postgres: on(
      'timestamptz',
      moments((text) => text, '2026-11-21T07:30:00.123456Z', 'infinity', 'Y10000-01-01T00:00:00Z').map(
        (value) =>
          value.json === 'Y10000-01-01T00:00:00Z'
            ? // beyond what an input of an instant holds, so it is typed as text, seconds and all
              { ...value, sql: `'10000-01-01 00:00:00+00'`, typed: 'Y10000-01-01T00:00:00' }
            : value,
      ),
      { refused: ['yesterday'] },
    ),
    mariadb: on(
      'timestamp(6) null',
      moments(
        (text) => text.replace('T', ' ').replace('Z', ''),
        '2026-11-21T07:30:00.123456Z',
        '2038-01-19T03:14:07.999999Z',
      ),
      { refused: ['infinity'] },
    ),
  },
  {
    type: 'time with a zone',
    postgres: on('timetz', texts('07:30:00+02', '23:59:59.999999-15:59'), { refused: ['noon'] }),
  },
  {
    type: 'interval',
    postgres: on('interval', texts('P1Y2M3DT4H5M6.7S', 'PT0S', 'P-1Y-2M3DT-4H-5M-6.789012S'), {
      refused: ['soon'],
    }),
  },
  {
    type: 'JSON',
    sqlite: on('json', texts('{"a": 1.50,  "n": 12345678901234567890}', 'null', '[]'), {
      operator: null,
      refused: ['{not json'],
    }),
    postgres: on('json', texts('{"a": 1.50,  "n": 12345678901234567890}', 'null', '[]'), {
      operator: null,
      refused: ['{not json'],
    }),
    mariadb: on('json', texts('{"a": 1.50,  "n": 12345678901234567890}', 'null', '[]'), {
      operator: null,
      refused: ['{not json'],
    }),
  },
  {
    type: 'binary JSON',
    postgres: on('jsonb', texts('{"a": 1.50, "n": 12345678901234567890}', 'null'), {
      operator: null,
      refused: ['{not json', '"\\u0000"'],
    }),
  },
  {
    type: 'bytes',
    sqlite: on('blob', [hello(`x'${HELLO.toString('hex')}'`)], { operator: null, refused: ['no base64!'] }),
    postgres: on('bytea', [hello(`'\\x${HELLO.toString('hex')}'`)], {
      operator: null,
      refused: ['no base64!'],
    }),
    mariadb: on('blob', [hello(`x'${HELLO.toString('hex')}'`)], { operator: null, refused: ['no base64!'] }),
  },
  {
    type: 'array of integers',
    postgres: on(
      'int4[]',
      [
        list('{1,NULL,2147483647}', [1, null, 2147483647], { asked: '2147483647' }),
        list('{}', [], { asked: null }),
      ],
      { operator: 'contains', refused: [[1.5], [2147483648], 1, ['x'], [[1], [2, 3]]] },
    ),
  },
  {
    type: 'array of big integers',
    postgres: on('int8[]', [list(`{${BEYOND},${SMALLEST}}`, [BEYOND, SMALLEST])], {
      operator: 'contains',
      refused: [['9223372036854775808']],
    }),
  },
  {
    type: 'array of decimals',
    postgres: on('numeric(38,10)[]', [list(`{${DIGITS_38}}`, [DIGITS_38])], {
      operator: 'contains',
      refused: [[0.5]],
    }),
  },
  {
    type: 'array of texts',
    postgres: on(
      'text[]',
      [
        list(`{"${UNICODE}","say \\"so\\"","{a,b}","NULL",NULL,""}`, [
          UNICODE,
          'say "so"',
          '{a,b}',
          'NULL',
          null,
          '',
        ]),
        list('{"back\\\\slash"}', ['back\\slash']),
      ],
      { operator: 'contains', refused: [['a\0b'], [1]] },
    ),
  },
  {
    type: 'array of truths',
    postgres: on('bool[]', [list('{t,f,NULL}', [true, false, null])], {
      operator: 'contains',
      refused: [['x']],
    }),
  },
  {
    type: 'array of floating-point numbers',
    postgres: on('float8[]', [list('{0.1,NaN,-Infinity}', [0.1, 'NaN', '-Infinity'])], {
      operator: 'contains',
    }),
  },
  {
    type: 'array of instants',
    postgres: on(
      'timestamptz[]',
      [list('{"2026-11-21 07:30:00.123456+00",infinity}', ['2026-11-21T07:30:00.123456Z', 'infinity'])],
      { operator: 'contains', refused: [['noon']] },
    ),
  },
  {
    type: 'array of an enum',
    postgres: on(
      'mood[]',
      [list('{sad,"so so"}', ['sad', 'so so']), list('{"so so",sad,sad}', ['so so', 'sad', 'sad'])],
      { operator: 'contains', refused: [['gay']] },
    ),
  },
  {
    type: 'array of UUIDs',
    postgres: on('uuid[]', [list(`{${UUID}}`, [UUID])], { operator: 'contains', refused: [['1b4e']] }),
  },
  {
    type: 'array of bytes',
    postgres: on('bytea[]', [list('{"\\\\x00ff",NULL}', ['AP8=', null])], {
      operator: null,
      refused: [['?']],
    }),
  },
  {
    type: 'array of JSON',
    postgres: on('jsonb[]', [list('{"{\\"a\\": 1}"}', ['{"a": 1}'])], { operator: null, refused: [['{']] }),
  },
  {
    type: 'nested array',
    postgres: on(
      'int4[][]',
      [
        list(
          '{{1,2},{3,NULL}}',
          [
            [1, 2],
            [3, null],
          ],
          { asked: '3' },
        ),
      ],
      { operator: 'contains', refused: [[[1], [2, 3]], [[1], 2], [[]]] },
    ),
  },
  {
    type: 'array of a domain',
    postgres: on('positive[]', [list('{1,2}', [1, 2])], { operator: 'contains', refused: [[0]] }),
  },
  {
    type: 'array that counts from another number',
    postgres: on('int2[]', [{ sql: `'[0:1]={1,2}'`, json: '[0:1]={1,2}', isOnlyRead: true, asked: '2' }], {
      operator: 'contains',
    }),
  },
  {
    type: 'range',
    postgres: on('int4range', texts('[1,5)', 'empty', '[-2147483648,)'), { refused: ['[5,1)', 'x'] }),
  },
  {
    type: 'range of instants',
    postgres: on('tstzrange', texts('["2026-11-21 07:30:00.123456+00",infinity]', '(,)')),
  },
  {
    type: 'multirange',
    postgres: on('nummultirange', texts('{[1.1,2.2),[3,4]}', '{}'), { refused: ['{[2,1]}'] }),
  },
  {
    type: 'network address',
    postgres: on('inet', texts('192.0.2.1', '192.0.2.1/24', '2001:db8::1'), { refused: ['300.1.1.1'] }),
    mariadb: on('inet6', texts('2001:db8::1', '::'), { refused: ['300.1.1.1'] }),
  },
  {
    type: 'network',
    postgres: on('cidr', texts('192.0.2.0/24', '2001:db8::/32'), { refused: ['192.0.2.1/24'] }),
  },
  {
    type: 'hardware address',
    postgres: on('macaddr', texts('08:00:2b:01:02:03'), { refused: ['08'] }),
  },
  {
    type: 'bits',
    postgres: on('bit(3)', texts('101', '000'), { refused: ['1', '2'] }),
    mariadb: on('bit(64)', [{ sql: '18446744073709551615', json: '18446744073709551615' }]),
  },
  { type: 'bits of any length', postgres: on('varbit', texts('10101'), { refused: ['2'] }) },
  {
    type: 'XML',
    postgres: on('xml', texts('<a> b </a>', '<a href="x">ż</a>'), { refused: ['<a>'] }),
  },
  {
    type: 'words to search',
    postgres: on('tsvector', texts(`'a':1 'b':2`), { refused: [`'`] }),
  },
  { type: 'point', postgres: on('point', texts('(1.5,2)'), { refused: ['1'] }) },
  {
    type: 'polygon',
    postgres: on('polygon', texts('((0,0),(1,0),(1,1))'), { refused: ['x'] }),
  },
  {
    type: 'array of boxes',
    postgres: on('box[]', [list('{(2,2),(1,1);(4,4),(3,3)}', ['(2,2),(1,1)', '(4,4),(3,3)'])], {
      operator: null,
    }),
  },
  { type: 'composite', postgres: on('place', texts('(1,"a, b")', '(,)'), { refused: ['x'] }) },
  {
    type: 'geometry',
    mariadb: on('geometry', [{ sql: `ST_GeomFromText('POINT(1.5 2)')`, json: 'POINT(1.5 2)' }], {
      operator: null,
      readonly: 'its text has no reference system',
    }),
  },
  {
    type: 'computed by the database',
    sqlite: on('bigint generated always as (id * 2) stored', [{ sql: 'default', json: '2' }], {
      readonly: 'computed',
    }),
    postgres: on('int8 generated always as (id * 2) stored', [{ sql: 'default', json: '2' }], {
      readonly: 'computed',
    }),
    mariadb: on('bigint generated always as (id * 2) stored', [{ sql: 'default', json: '2' }], {
      readonly: 'computed',
    }),
  },
  {
    type: 'unknown to Castellan',
    postgres: on('pg_snapshot', [same('10:20:10,14')], { operator: null, readonly: 'unknown' }),
  },
  {
    type: 'without a type',
    sqlite: on('', [same('text'), { sql: '1', json: '1' }, { sql: '1.5', json: '1.5' }], {
      operator: null,
      readonly: 'it holds values of several types',
    }),
  },
]
