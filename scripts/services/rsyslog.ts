/** A receiver of syslog for tests: Debian's rsyslog, on this machine alone, which writes what it gets into a file. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { privateFolder, type Server, startServer } from './server.ts'
import type { Certificate } from './tls.ts'

export interface Rsyslog extends Server {
  /** Severity, host, program, process, kind, structured data and text of each message, divided by tabs. */
  received(): readonly string[]
}

/** @param tls Its certificate, and the authority that signed it; absent: it listens without encryption. */
export async function startRsyslog(
  parent: string,
  tls?: Certificate & { readonly authority: string },
): Promise<Rsyslog> {
  const folder = privateFolder(parent, tls ? 'rsyslog-tls' : 'rsyslog', null)
  const [settings, file] = [join(folder, 'rsyslog.conf'), join(folder, 'received')]
  const server = await startServer({
    name: 'rsyslog',
    folder,
    account: null,
    command: '/usr/sbin/rsyslogd',
    arguments(port) {
      writeFileSync(settings, configurationOf(folder, file, port, tls))
      return ['-n', '-f', settings, '-i', join(folder, 'pid')]
    },
    url: (port) => `${tls ? 'syslogs' : 'syslog'}://localhost:${port}`,
    stopSignal: 'SIGTERM',
  })
  return {
    ...server,
    received: () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []),
  }
}

function configurationOf(
  folder: string,
  file: string,
  port: number,
  tls: (Certificate & { readonly authority: string }) | undefined,
): string {
  const driver = 'StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="anon"'
  const files = tls
    ? `DefaultNetstreamDriverCAFile="${tls.authority}" DefaultNetstreamDriverCertFile="${tls.certificate}" DefaultNetstreamDriverKeyFile="${tls.key}"`
    : ''
  const parts = ['syslogseverity', 'hostname', 'app-name', 'procid', 'msgid', 'structured-data', 'msg']
  return [
    `global(workDirectory="${folder}" maxMessageSize="256k" ${files})`,
    `module(load="imtcp" ${tls ? driver : ''})`,
    `template(name="line" type="string" string="${parts.map((part) => `%${part}%`).join('\\t')}\\n")`,
    `input(type="imtcp" address="127.0.0.1" port="${port}")`,
    `action(type="omfile" file="${file}" template="line")`,
    '',
  ].join('\n')
}
