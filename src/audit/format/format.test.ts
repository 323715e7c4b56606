import fc from 'fast-check'
import { expect, test } from 'vitest'
import { draft } from '../../../test/log.ts'
import { runs } from '../../../test/runs.ts'
import { CATALOGUE, type EventKind } from '../catalogue.ts'
import { composeEvent } from '../compose.ts'
import type { AuditEvent, EventChange, EventDraft } from '../event.ts'
import { parseEventLine } from '../export-files.ts'
import { FORMAT, FORMATS, type FormatName } from './format.ts'
import type { CLASSES } from './meaning.ts'

const KINDS = Object.keys(CATALOGUE) as readonly EventKind[]
const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

const CHANGES: readonly EventChange[] = [
  { field: 'status', class: 'internal', before: 'open', after: 'paid' },
  { field: 'email', class: 'personal', before: null, after: 'c0ffee'.repeat(10), masked: true },
  { field: 'password', class: 'secret', masked: true },
]

function event(rest: Partial<EventDraft> = {}, changes: readonly EventChange[] = CHANGES): AuditEvent {
  const composed = draft({ request: { ...draft().request, traceparent: TRACE }, ...rest })
  return composeEvent(composed, {
    id: 'ab'.repeat(16),
    at: Date.UTC(2026, 10, 21, 10) + 0.125,
    changes,
    previousForTarget: null,
    node: 'admin-1:42',
    version: '0.1.0',
  })
}

function lineOf(format: FormatName, one: AuditEvent, sequence = 7): string {
  return FORMAT[format].line({ event: one, sequence })
}

function jsonOf(format: FormatName, one: AuditEvent): unknown {
  return JSON.parse(lineOf(format, one))
}

test('JSON Lines are the bytes that a leaf is over, with the number beside them', () => {
  const line = lineOf('jsonl', event())

  const parsed = parseEventLine(Buffer.from(line))
  expect(parsed?.sequence).toBe(7)
  expect(JSON.parse(Buffer.from(parsed?.bytes ?? []).toString())).toEqual(event())
})

/** What OCSF 1.3.0 requires of every event, and of each class beside it. */
const OCSF_BASE = [
  ...['activity_id', 'category_uid', 'class_uid', 'metadata', 'severity_id', 'time', 'type_uid'],
  ...['status_id', 'actor', 'src_endpoint'],
]
const OCSF_OWN: Readonly<Record<keyof typeof CLASSES, readonly string[]>> = {
  3001: ['user'],
  3002: ['user', 'service'],
  3003: ['user'],
  3005: ['user', 'privileges'],
  6003: ['api'],
  6005: ['table'],
}
const OCSF_ACTIVITIES: Readonly<Record<keyof typeof CLASSES, number>> = {
  3001: 11,
  3002: 5,
  3003: 2,
  3005: 2,
  6003: 4,
  6005: 10,
}

test.each(KINDS)('OCSF has a class for %s, with what the class requires', (kind) => {
  const made = jsonOf('ocsf', event({ kind })) as Record<string, number>
  const uid = made['class_uid'] as keyof typeof CLASSES
  const activity = made['activity_id'] ?? 0

  expect(Object.keys(made)).toEqual(expect.arrayContaining([...OCSF_BASE, ...OCSF_OWN[uid]]))
  expect(activity === 99 || (activity >= 1 && activity <= OCSF_ACTIVITIES[uid])).toBe(true)
  expect(made['type_uid']).toBe(uid * 100 + activity)
  expect(made['category_uid']).toBe(Math.floor(uid / 1000))
})

test('OCSF says who, from where, on what, how it ended, and what belongs together', () => {
  const made = jsonOf('ocsf', event({ outcome: 'refused', code: 'denied', reason: 'asked for' }))

  expect(made).toMatchObject({
    class_uid: 6005,
    activity_id: 2,
    time: Date.UTC(2026, 10, 21, 10),
    severity_id: 3,
    status_id: 2,
    status_code: 'denied',
    comment: 'asked for',
    metadata: { version: '1.3.0', uid: 'ab'.repeat(16), sequence: 7, correlation_uid: TRACE.slice(3, 35) },
    actor: { user: { uid: 'ana', name: 'Ana', groups: [{ name: 'support' }] } },
    src_endpoint: { ip: '192.0.2.1' },
    table: { name: 'orders' },
    resources: [{ uid: '42', name: '#42', type: 'orders' }],
    unmapped: { rules: ['support-updates-orders'] },
  })
})

test('OCSF names the account that a role was given to, not only who gave it', () => {
  const target = { model: 'castellan.people', key: 'bo', label: 'Bo' }

  expect(jsonOf('ocsf', event({ kind: 'role.grant', target, details: { role: 'auditor' } }))).toMatchObject({
    class_uid: 3005,
    user: { uid: 'bo', name: 'Bo' },
    privileges: ['auditor'],
    actor: { user: { uid: 'ana' } },
  })
})

/** What ECS allows. */
const ECS_CATEGORIES = ['authentication', 'configuration', 'database', 'iam', 'session', 'web']
const ECS_TYPES = [...['access', 'change', 'creation', 'deletion', 'denied', 'end', 'info', 'start', 'user']]

test.each(KINDS)('ECS has categories and types of its own list for %s', (kind) => {
  const made = jsonOf('ecs', event({ kind, outcome: 'refused' })) as {
    readonly event: { readonly category: readonly string[]; readonly type: readonly string[] }
  }

  expect(ECS_CATEGORIES).toEqual(expect.arrayContaining([...made.event.category]))
  expect(ECS_TYPES).toEqual(expect.arrayContaining([...made.event.type]))
  expect(made.event.type).toContain('denied')
})

test('ECS says who, from where, on what, how it ended, and what belongs together', () => {
  expect(jsonOf('ecs', event({ ticket: 'OPS-7' }))).toMatchObject({
    '@timestamp': '2026-11-21T10:00:00.000125Z',
    event: { id: 'ab'.repeat(16), sequence: 7, action: 'orders.update', outcome: 'success', severity: 47 },
    user: { id: 'ana', name: 'Ana', roles: ['support'] },
    source: { ip: '192.0.2.1' },
    user_agent: { original: 'test' },
    trace: { id: TRACE.slice(3, 35) },
    labels: { ticket: 'OPS-7', model: 'orders', record: 'orders:42' },
  })
})

test('OpenTelemetry has nanoseconds, the trace and a severity', () => {
  const made = jsonOf('otel', event({ outcome: 'failed', code: 'conflict' }))

  expect(made).toMatchObject({
    resourceLogs: [
      {
        scopeLogs: [
          {
            logRecords: [
              {
                timeUnixNano: '1795255200000125000',
                severityNumber: 13,
                severityText: 'WARN',
                traceId: TRACE.slice(3, 35),
                spanId: TRACE.slice(36, 52),
                eventName: 'castellan.record.update',
                attributes: expect.arrayContaining([
                  { key: 'castellan.sequence', value: { intValue: '7' } },
                  { key: 'user.id', value: { stringValue: 'ana' } },
                  { key: 'user.roles', value: { arrayValue: { values: [{ stringValue: 'support' }] } } },
                ]),
              },
            ],
          },
        ],
      },
    ],
  })
})

test.each(['not-a-trace', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, null])(
  'takes no trace out of %s',
  (traceparent) => {
    const one = event({ request: { ...draft().request, traceparent } })

    expect(lineOf('otel', one)).not.toContain('"traceId"')
    expect(jsonOf('ocsf', one)).toMatchObject({ metadata: { correlation_uid: 'request-1' } })
  },
)

test('CEF has the header and the keys of ArcSight', () => {
  const { header, values } = parseCef(lineOf('cef', event({ ticket: 'OPS=7' })))

  expect(header).toEqual([
    'CEF:0',
    'Castellan',
    'Castellan',
    '0.1.0',
    'record.update',
    'Fields of a record were changed.',
    '5',
  ])
  expect(values).toMatchObject({
    rt: String(Date.UTC(2026, 10, 21, 10)),
    externalId: 'ab'.repeat(16),
    suid: 'ana',
    suser: 'Ana',
    src: '192.0.2.1',
    act: 'orders.update',
    outcome: 'done',
    cs1: 'orders:42',
    cs1Label: 'record',
    cs2: 'OPS=7',
    cn1: '7',
    oldValue: '{"status":"open","email":"(masked)","password":"(masked)"}',
    msg: '{"status":"paid","email":"(masked)","password":"(masked)"}',
  })
})

test('CEF gives an address of IPv6 the key for it', () => {
  const { values } = parseCef(
    lineOf('cef', event({ request: { ...draft().request, address: '2001:db8::1' } })),
  )

  expect(values).toMatchObject({ c6a2: '2001:db8::1', c6a2Label: 'Source IPv6 Address' })
  expect(values).not.toHaveProperty('src')
})

/** What an attacker would put into a name: everything that some format gives a meaning. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '|',
        '\\',
        '=',
        '\n',
        '\r',
        '\r\n',
        '"',
        "'",
        ',',
        ' ',
        ' suid=root',
        '\u001b[2J',
        '\0',
      ),
      fc.constantFrom(
        '\u2028',
        '\u2029',
        '\u202e',
        '\u0085',
        '\ufeff',
        '=1+1',
        '@SUM(A1)',
        '\t',
        ']',
        '}\n{',
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''))

function hostileEvent(text: string): AuditEvent {
  const { request, principal } = draft()
  return event(
    {
      principal: { ...principal, id: text, label: text, roles: [text] },
      request: { ...request, userAgent: text, id: text, route: text },
      action: text,
      target: { model: text, key: text, label: text },
      reason: text,
      ticket: text,
      details: { [text || 'x']: text },
    },
    [{ field: text, class: 'public', before: text, after: text }],
  )
}

test('whatever is in an event, it is one line in every format and one record to its reader', () => {
  fc.assert(
    fc.property(hostile, fc.constantFrom(...FORMATS), (text, format) => {
      const line = lineOf(format, hostileEvent(text))
      const isOne = !/[\n\r]/.test(line) && (format === 'jsonl' || !/[\p{Cc}\u2028\u2029\u202e]/u.test(line))
      if (!isOne) throw new Error(`${format} is more than a line: ${JSON.stringify(line)}`)
    }),
    { numRuns: runs(600) },
  )
})

test('CEF gives back what was put in, and not a key more', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const one = hostileEvent(text)
      const { header, values } = parseCef(lineOf('cef', one))

      if (header.length !== 7) throw new Error(`The header has ${header.length} parts.`)
      if (values['suid'] !== undefined) expect(values['suid']).toBe(shown(one.principal.id))
      expect(values['reason'] ?? '').toBe(shown(one.reason ?? ''))
      expect(Object.keys(values).filter((key) => !CEF_KEYS.has(key))).toEqual([])
    }),
    { numRuns: runs(150) },
  )
})

test('CSV gives back what was put in, and no cell that a spreadsheet would run', () => {
  const columns = parseCsv(FORMAT.csv.head.trimEnd())
  fc.assert(
    fc.property(hostile, (text) => {
      const cells = parseCsv(lineOf('csv', hostileEvent(text)))

      expect(cells).toHaveLength(columns.length)
      expect(cells.filter((cell) => /^[\s"']*[=+\-@]/.test(cell) && !cell.startsWith("'"))).toEqual([])
    }),
    { numRuns: runs(150) },
  )
})

test.each(['=1+1', '+1', '-1', '@SUM(A1)', ' =1', '"=1', '\uff1d1'])('CSV defuses %s', (reason) => {
  const columns = parseCsv(FORMAT.csv.head.trimEnd())
  const cell = parseCsv(lineOf('csv', event({ reason })))[columns.indexOf('reason')]

  expect(cell).toBe(`'${reason}`)
})

test.each(FORMATS.filter((format) => format !== 'jsonl'))('%s tells nothing of a masked value', (format) => {
  const line = lineOf(format, event())

  expect(line).toContain('email')
  expect(line).not.toContain('c0ffee')
})

test.each(['started', 'pending'] as const)('of what is only %s no format says how it ended', (outcome) => {
  const one = event({ outcome, details: { startedEvent: 'x' } })

  expect(jsonOf('ecs', one)).toMatchObject({ event: { outcome: 'unknown' }, castellan: { outcome } })
  expect(jsonOf('ocsf', one)).toMatchObject({ status_id: 99, status: outcome })
  expect(parseCef(lineOf('cef', one)).values).toMatchObject({ outcome })
})

/** As a receiver reads it: parts of the header between bare pipes, then keys with their values. */
function parseCef(line: string): {
  readonly header: readonly string[]
  readonly values: Readonly<Record<string, string>>
} {
  const parts = line.split(/(?<=(?<!\\)(?:\\\\)*)\|/)
  const header = parts.slice(0, 7).map((part) => part.replace(/\\([\\|])/g, '$1'))
  const extension = parts.slice(7).join('|')
  const found = [...extension.matchAll(/(?:^|\s)(\w+)=((?:\\.|[^\\=])*?)(?=\s\w+=|$)/gs)]
  const values = found.map(([, key = '', value = '']) => [
    key,
    value.replace(/\\(.)/g, (_, escaped: string) => ({ n: '\n', r: '\r' })[escaped] ?? escaped),
  ])
  return { header, values: Object.fromEntries(values) as Record<string, string> }
}

const CEF_KEYS: ReadonlySet<string> = new Set([
  ...['rt', 'externalId', 'act', 'outcome', 'reason', 'suid', 'suser', 'spriv', 'src', 'dvchost', 'fname'],
  ...['requestClientApplication', 'requestMethod', 'request', 'oldValue', 'msg', 'cn1', 'cn1Label'],
  ...[1, 2, 3, 4, 5, 6].flatMap((number) => [`cs${number}`, `cs${number}Label`]),
])

/** What stands for a text in a value: line ends as they are, what else is no letter as an escape. */
function shown(text: string): string {
  return text.replace(
    /[^\P{Cc}\n\r]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function parseCsv(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,"]*))/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '',
  )
}
