import { expect, test } from 'vitest'
import { kindOf, SINKS_SCHEMA } from './option.ts'
import { sinkOf } from './sink-of.ts'

test.each([
  ['file:///var/log/castellan/audit.jsonl', 'file'],
  ['syslogs://logs.example.com:6514', 'syslog'],
  ['syslog://127.0.0.1:601', 'syslog'],
  ['https://collector.example.com/v1/logs?index=audit', 'http'],
  ['http://localhost:4318/v1/logs', 'http'],
])('%s leads to a receiver of the kind %s', (to, kind) => {
  expect(kindOf(to)).toBe(kind)
  expect(SINKS_SCHEMA.safeParse([{ name: 'one', to }]).success).toBe(true)
  expect(sinkOf({ name: 'one', to }).name).toBe('one')
})

test.each([
  'http://collector.example.com/v1/logs',
  'syslog://logs.example.com',
  'https://name:password@collector.example.com/',
  'file://host/audit.jsonl',
  'file:///var/log/',
  'file:///var/log%2Faudit',
  'ftp://example.com/audit',
  'audit.jsonl',
])('%s leads nowhere', (to) => {
  expect(kindOf(to)).toBeNull()
  expect(SINKS_SCHEMA.safeParse([{ name: 'one', to }]).success).toBe(false)
  expect(() => sinkOf({ name: 'one', to })).toThrow('leads nowhere')
})

const to = 'https://collector.example.com/'

test.each([
  [[{ name: 'One', to }]],
  [[{ name: 'one', to, format: 'csv' }]],
  [[{ name: 'one', to, keep: 3 }]],
  [[{ name: 'one', to: 'file:///audit.jsonl', headers: {} }]],
  [[{ name: 'one', to: 'file:///var/log/audit.jsonl', ca: '-----BEGIN CERTIFICATE-----' }]],
  [[{ name: 'one', to: 'syslogs://logs.example.com', allowedNetworks: ['10.0.0.0/8'] }]],
  [[{ name: 'one', to, allowedNetworks: ['10.0.0.0/33'] }]],
  [[{ name: 'one', to, headers: { 'x\n': 'y' } }]],
  [[{ name: 'one', to, headers: { x: 'a\r\nb: c' } }]],
  [[{ name: 'one', to, unknown: 1 }]],
  [
    [
      { name: 'one', to },
      { name: 'one', to: 'file:///audit.jsonl' },
    ],
  ],
])('refuses %j', (sinks) => {
  expect(SINKS_SCHEMA.safeParse(sinks).success).toBe(false)
})
