import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parseConfig } from '../../agent/agent-config.ts'
import { checkTls } from '../../agent/cli/checks/tls.ts'
import { secretReader } from '../../agent/config/credentials.ts'
import type { TlsSettings } from '../../agent/tls/material.ts'
import { TlsSource } from '../../agent/tls/material.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { ManualClock } from '../manual-clock.ts'
import { silentLog } from '../silent-log.ts'
import { Authority } from '../sync/servers/certificates.ts'
import { execFileSync } from '../waits.ts'

const SPOILED = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'

/** The doctor's findings about these files. */
function doctorOf(tls: object) {
  const listen = { host: '127.0.0.2', port: 7070 }
  const text = JSON.stringify({ version: 1, state: 'state', listen, devices: [], tls })
  const findings = checkTls(parseConfig('agent.json', text), Date.parse('2026-05-04'))
  return findings.filter(({ check }) => check === 'tls files')
}

/** As the next start would read them. */
function opened(stateDirectory: string, files: Omit<TlsSettings, 'names'>) {
  const readSecret = secretReader(undefined)
  const parts = { stateDirectory, clock: new ManualClock(), log: silentLog, readSecret }
  return new TlsSource({ ...parts, settings: { ...files, names: [] } }).open(() => undefined)
}

test('files that the next start could not serve are refused in words, and the doctor reports it', async () => {
  const authority = new Authority()
  onTestFinished(() => authority.remove())
  const directory = await temporaryDirectory()
  const [one, other] = [1, 2].map(() => authority.issue('DNS:till', '260101000000Z', '360101000000Z'))
  if (one === undefined || other === undefined) throw new Error('nothing was issued')
  const weak = join(directory, 'weak')
  execFileSync(
    'openssl',
    `req -x509 -newkey rsa:1024 -nodes -subj /CN=till -keyout ${weak}.key -out ${weak}.crt`.split(' '),
    { stdio: 'ignore' },
  )
  const locked = join(directory, 'locked.key')
  execFileSync('openssl', ['pkey', '-aes256', '-passout', 'pass:word', '-in', one.keyFile, '-out', locked])
  const chain = join(directory, 'chain.crt')
  writeFileSync(chain, `${readFileSync(one.certFile, 'utf8')}\n${SPOILED}`)
  const doctor = (certFile: string, keyFile: string) => doctorOf({ certFile, keyFile })
  const wrong: [certFile: string, keyFile: string, says: string][] = [
    [one.certFile, other.keyFile, 'are not a certificate and its key'],
    [one.certFile, locked, 'has a passphrase'],
    [`${weak}.crt`, `${weak}.key`, 'RSA from 2048 bits'],
    [chain, one.keyFile, 'whole certificates'],
  ]
  for (const [certFile, keyFile, says] of wrong) {
    await expect(opened(directory, { certFile, keyFile, clientCertificates: 'off' })).rejects.toMatchObject({
      code: 'tls_files_invalid',
      message: expect.stringContaining(says),
    })
    expect(doctor(certFile, keyFile)).toMatchObject([{ state: 'failure', message: expect.stringContaining(says) }])
  }
  expect(doctor(one.certFile, '/none/till.key')).toMatchObject([{ state: 'failure' }])
  expect(doctor(one.certFile, one.keyFile)).toEqual([])
})

test('authorities of terminals of which one is spoiled are refused: its terminals would not be accepted', async () => {
  const authority = new Authority()
  onTestFinished(() => authority.remove())
  const directory = await temporaryDirectory()
  const { certFile, keyFile } = authority.issue('DNS:till', '260101000000Z', '360101000000Z')
  const clientCaFile = join(directory, 'terminals.crt')
  const whole = readFileSync(authority.caFile, 'utf8')
  const pipe = join(directory, 'pipe')
  execFileSync('mkfifo', [pipe])
  const doctor = (file: string) => doctorOf({ certFile, keyFile, clientCaFile: file })
  const open = (file: string) =>
    opened(directory, { certFile, keyFile, clientCaFile: file, clientCertificates: 'required' })
  writeFileSync(clientCaFile, `${whole}\n${SPOILED}`)
  for (const [file, says] of [
    [clientCaFile, `number 2 in ${clientCaFile} is not a whole certificate`],
    [pipe, 'is not a file'],
  ] as const) {
    const wrong = { code: 'tls_files_invalid', message: expect.stringContaining(says) }
    await expect(open(file)).rejects.toMatchObject(wrong)
    expect(doctor(file)).toMatchObject([{ state: 'failure', message: expect.stringContaining(says) }])
  }
  writeFileSync(clientCaFile, `Those of the terminals:\n${whole}\n${readFileSync(certFile, 'utf8')}`)
  await expect(open(clientCaFile)).resolves.toMatchObject({ ca: expect.any(String) })
  expect(doctor(clientCaFile)).toEqual([])
})
