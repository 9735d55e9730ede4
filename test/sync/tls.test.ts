import { execFileSync } from 'node:child_process'
import { randomUUID, X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openReceiver } from '../../sync/receiver/open-receiver.ts'
import { httpsTarget } from '../../sync/targets/https.ts'
import { MemoryJournal } from './memory-journal.ts'
import type { Rig } from './rig.ts'
import { cloud, done, fastClock, LogRecord, openRig, replayTo } from './rig.ts'

type Secure = { rig: Rig; url: string; cert: string; journal: MemoryJournal; token: string }

/** A certificate authority of one certificate: `openssl req` makes none that has expired. */
const AUTHORITY = `
[ca]
default_ca = own
[own]
new_certs_dir = .
database = index
serial = serial
default_md = sha256
policy = any
x509_extensions = server
[any]
commonName = supplied
[server]
subjectAltName = IP:127.0.0.1
[req]
distinguished_name = name
[name]
`

/** A receiver behind TLS with a certificate of its own for 127.0.0.1, valid until `end` (yymmddhhmmssZ). */
async function secure(end: string): Promise<Secure> {
  const directory = await mkdtemp(join(tmpdir(), 'tls-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  await writeFile(join(directory, 'ca.cnf'), AUTHORITY)
  await writeFile(join(directory, 'index'), '')
  await writeFile(join(directory, 'serial'), '01\n')
  const openssl = (...words: string[]): void => {
    execFileSync('openssl', words, { stdio: 'pipe', cwd: directory })
  }
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'key.pem']
  openssl('req', '-new', '-config', 'ca.cnf', ...key, '-subj', '/CN=receiver', '-out', 'request.pem')
  const dates = ['-startdate', '200101000000Z', '-enddate', end]
  const files = ['-keyfile', 'key.pem', '-in', 'request.pem', '-out', 'cert.pem']
  openssl('ca', '-selfsign', '-batch', '-notext', '-config', 'ca.cnf', ...dates, ...files)
  const [keyFile, certFile] = [join(directory, 'key.pem'), join(directory, 'cert.pem')]
  const [keyPem, cert] = [await readFile(keyFile, 'utf8'), await readFile(certFile, 'utf8')]
  const rig = await openRig()
  onTestFinished(() => rig.close())
  const receiver = await openReceiver({
    store: rig.store,
    listen: { host: '127.0.0.1', port: 0 },
    tls: { key: keyPem, cert },
    clock: fastClock(1),
    log: new LogRecord(),
  })
  onTestFinished(() => receiver.close())
  const journal = new MemoryJournal()
  journal.append(5)
  return { rig, url: receiver.url, cert, journal, token: (await rig.enrol(journal.chain.agentId)).token }
}

function targetOf({ url, token }: Secure, tls: { ca?: string; spkiSha256?: string }): ReturnType<typeof httpsTarget> {
  return httpsTarget({ id: 'cloud', url, token: async () => token, clock: fastClock(20), requestId: randomUUID, tls })
}

async function outcome(made: Secure, tls: { ca?: string; spkiSha256?: string }): Promise<string | undefined> {
  const replay = replayTo(made.journal, targetOf(made, tls))
  onTestFinished(() => replay.replayer.close())
  await replay.replayer.open()
  const status = await replay.until((present) => done(present) || present.last_error !== null)
  return status.last_error === null ? 'acknowledged' : status.last_error.code
}

test('W-13: an own CA and a pinned key are accepted; no CA, another key are not', async () => {
  const made = await secure('491231235959Z')
  const spki = new X509Certificate(made.cert).publicKey.export({ type: 'spki', format: 'der' })
  const spkiSha256 = Buffer.from(await crypto.subtle.digest('SHA-256', spki)).toString('base64')
  expect(await outcome(made, {})).toBe('DEPTH_ZERO_SELF_SIGNED_CERT')
  expect(await outcome(made, { ca: made.cert, spkiSha256: Buffer.alloc(32).toString('base64') })).toBe('spki-mismatch')
  expect(await outcome(made, { ca: made.cert, spkiSha256 })).toBe('acknowledged')
})

test('W-12: a certificate that has expired is said together with what our clock says', async () => {
  const made = await secure('200201000000Z')
  const replay = replayTo(made.journal, targetOf(made, { ca: made.cert }))
  onTestFinished(() => replay.replayer.close())
  await replay.replayer.open()
  const status = await replay.until(({ last_error: error }) => error !== null)
  expect(status.last_error?.code).toBe('CERT_HAS_EXPIRED')
  expect(status.last_error?.message).toMatch(/our clock says 20/)
})

test('tokens do not cross a network in clear', async () => {
  for (const url of ['http://cloud.example', 'http://10.0.0.1', 'ftp://127.0.0.1']) {
    expect(() => cloud(url, 't')).toThrow('https:')
  }
  const rig = await openRig()
  onTestFinished(() => rig.close())
  const open = { store: rig.store, listen: { host: '0.0.0.0', port: 0 }, clock: fastClock(1), log: new LogRecord() }
  await expect(openReceiver(open)).rejects.toThrow('tls')
})
