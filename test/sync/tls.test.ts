// @module-tag heavy
import { randomUUID, X509Certificate } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { connect as connectSecure, createServer } from 'node:tls'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { openReceiver } from '../../receiver/open-receiver.ts'
import { ReceiverReader } from '../../sync/receiver-reader.ts'
import { makeTarget } from '../../sync/targets/catalog.ts'
import type { TlsMaterial } from '../../sync/targets/https.ts'
import { httpsTarget } from '../../sync/targets/https.ts'
import { once } from '../waits.ts'
import { MemoryJournal } from './memory-journal.ts'
import type { Rig, RunningSync } from './rig.ts'
import { cloud, done, fastClock, LogRecord, openRig, storedHashes, syncTo } from './rig.ts'
import type { Issued } from './servers/certificates.ts'
import { Authority } from './servers/certificates.ts'

const LOOPBACK = 'IP:127.0.0.1'
let authority: Authority
beforeAll(() => {
  authority = new Authority()
})
afterAll(() => authority.remove())

type Secure = { rig: Rig; url: string; journal: MemoryJournal; token: string }

/** A receiver with TLS and a journal for it. */
async function secure({ cert, key }: Issued, clientCa?: string): Promise<Secure> {
  const rig = await openRig()
  onTestFinished(() => rig.close())
  const receiver = await openReceiver({
    store: rig.store,
    listen: { host: '127.0.0.1', port: 0 },
    tls: { key, cert, ...(clientCa !== undefined && { clientCa }) },
    clock: fastClock(1),
    log: new LogRecord(),
  })
  onTestFinished(() => receiver.close())
  const journal = new MemoryJournal()
  journal.append(5)
  return { rig, url: receiver.url, journal, token: (await rig.enrol(journal.chain.agentId)).token }
}

async function begin({ url, token, journal }: Secure, tls: () => Promise<TlsMaterial>): Promise<RunningSync> {
  const clock = fastClock(20)
  const target = httpsTarget({ id: 'cloud', url, token: async () => token, clock, requestId: randomUUID, tls })
  const sync = syncTo(journal, target)
  onTestFinished(() => sync.sender.close())
  await sync.sender.open()
  return sync
}

/** `acknowledged`, or the code of what hinders it. */
async function outcome(endpoint: Secure, tls: TlsMaterial): Promise<string> {
  const sync = await begin(endpoint, async () => tls)
  const status = await sync.until((present) => done(present) || present.last_error !== null)
  expect(JSON.stringify([status, sync.log.lines])).not.toContain(endpoint.token)
  expect(status.last_error?.message ?? '').not.toMatch(/Node\.js|\n/)
  return status.last_error === null ? 'acknowledged' : status.last_error.code
}

test('who connects and says nothing, or half of it, is not waited for longer than for headers', async () => {
  const { cert, key } = authority.issue(LOOPBACK)
  const rig = await openRig()
  onTestFinished(() => rig.close())
  const more = { store: rig.store, clock: fastClock(1), log: new LogRecord(), headersTimeoutMs: 100 }
  const listen = { host: '127.0.0.1', port: 0 }
  for (const tls of [undefined, { cert, key }]) {
    const receiver = await openReceiver({ ...more, listen, ...(tls && { tls }) })
    onTestFinished(() => receiver.close())
    for (const word of ['', 'GET / HTTP/1.1\r\nHost: ']) {
      const socket = connect(Number(new URL(receiver.url).port), '127.0.0.1')
      socket.on('error', () => undefined)
      socket.resume()
      socket.write(word)
      await new Promise((resolve) => socket.once('close', resolve))
    }
  }
})

test('a client that shuts its sending side gets its answer, and one that cut its body a refusal', async () => {
  const { cert, key } = authority.issue(LOOPBACK)
  const rig = await openRig()
  onTestFinished(() => rig.close())
  const { token } = await rig.enrol(new MemoryJournal().chain.agentId)
  const head = (line: string): string => `${line} HTTP/1.1\r\nHost: receiver\r\nAuthorization: Bearer ${token}\r\n`
  for (const tls of [undefined, { cert, key }]) {
    const parts = { store: rig.store, clock: fastClock(1), log: new LogRecord() }
    const receiver = await openReceiver({ ...parts, listen: { host: '127.0.0.1', port: 0 }, ...(tls && { tls }) })
    onTestFinished(() => receiver.close())
    const at = { host: '127.0.0.1', port: Number(new URL(receiver.url).port), allowHalfOpen: true }
    const answered = async (request: string): Promise<string> => {
      const socket = tls === undefined ? connect(at) : connectSecure({ ...at, ca: authority.ca })
      let text = ''
      socket
        .on('error', () => undefined)
        .on('data', (bytes) => {
          text += String(bytes)
        })
      socket.end(request)
      await once(socket, 'close')
      return text
    }
    expect(await answered(`${head('GET /nothing')}\r\n`)).toMatch(/^HTTP\/1\.1 404 /)
    const cut = `${head('POST /v1/events')}Content-Type: application/json\r\nContent-Length: 900\r\n\r\n{`
    expect(await answered(cut)).toMatch(/^HTTP\/1\.1 4\d\d /)
  }
})

test('a client that sends request after request without waiting is cut off after eight', async () => {
  const { cert, key } = authority.issue(LOOPBACK)
  const rig = await openRig()
  onTestFinished(() => rig.close())
  const listen = { host: '127.0.0.1', port: 0 }
  for (const tls of [undefined, { cert, key }]) {
    const parts = { store: rig.store, clock: fastClock(1), log: new LogRecord() }
    const receiver = await openReceiver({ ...parts, listen, ...(tls && { tls }) })
    onTestFinished(() => receiver.close())
    const at = { host: '127.0.0.1', port: Number(new URL(receiver.url).port) }
    const socket = tls === undefined ? connect(at) : connectSecure({ ...at, ca: authority.ca })
    socket.on('error', () => undefined).resume()
    let serial = 0
    const count = (): void => {
      serial++
    }
    subscribe('http.server.request.start', count)
    socket.write('GET /v1/chains HTTP/1.1\r\nHost: receiver\r\n\r\n'.repeat(1_000))
    await new Promise((resolve) => socket.once('close', resolve))
    unsubscribe('http.server.request.start', count)
    // At most eight wait, and more come while some are answered: one read creates no further requests.
    expect(serial).toBeLessThan(50)
  }
})

test('an own CA and a pinned key are accepted; no CA, another CA, another key are not', async () => {
  const server = authority.issue(LOOPBACK)
  const endpoint = await secure(server)
  const spki = new X509Certificate(server.cert).publicKey.export({ type: 'spki', format: 'der' })
  const spkiSha256 = Buffer.from(await crypto.subtle.digest('SHA-256', spki)).toString('base64')
  const stranger = new Authority()
  onTestFinished(() => stranger.remove())
  const { ca } = authority
  expect(await outcome(endpoint, {})).toMatch(/SELF_SIGNED|UNABLE_TO/)
  expect(await outcome(endpoint, { ca: stranger.ca })).toMatch(/UNABLE_TO|SELF_SIGNED/)
  expect(await outcome(endpoint, { ca, spkiSha256: Buffer.alloc(32).toString('base64') })).toBe('spki_mismatch')
  expect(await outcome(endpoint, { ca, spkiSha256 })).toBe('acknowledged')
})

test('a receiver that requires client certificates accepts only those of its CA', async () => {
  const endpoint = await secure(authority.issue(LOOPBACK), authority.ca)
  const stranger = new Authority()
  onTestFinished(() => stranger.remove())
  const { ca } = authority
  expect(await outcome(endpoint, { ca })).toMatch(/CERTIFICATE_REQUIRED|ECONNRESET|EPIPE/)
  expect(await outcome(endpoint, { ca, ...pair(stranger.issue('DNS:shop')) })).toMatch(/ALERT|ECONNRESET|EPIPE/)
  expect(await storedHashes(endpoint.rig.store, endpoint.journal.chain.chainId)).toEqual([])
  expect(await outcome(endpoint, { ca, ...pair(authority.issue('DNS:shop')) })).toBe('acknowledged')
})

test('a lost machine is restored from a receiver that requires client certificates, and the refusal names them', async () => {
  const endpoint = await secure(authority.issue(LOOPBACK), authority.ca)
  const { agentId } = endpoint.journal.chain
  const { token } = await endpoint.rig.enrol(agentId)
  const own = { url: endpoint.url, agentId, token, ca: authority.ca }
  const read = (more: object) => new ReceiverReader({ ...own, ...more }).backups()
  await expect(read({})).rejects.toThrow(/--cert-file and --key-file/)
  await expect(new ReceiverReader({ url: endpoint.url, agentId, token }).backups()).rejects.toThrow(/--ca-file/)
  expect(await read(pair(authority.issue('DNS:office')))).toMatchObject({ backups: [] })
})

test('certificates that are renewed on disk are used without a restart', async () => {
  const endpoint = await secure(authority.issue(LOOPBACK), authority.ca)
  let material: TlsMaterial = {}
  const sync = await begin(endpoint, async () => material)
  await sync.until(({ last_error: error }) => error !== null)
  material = { ca: authority.ca, ...pair(authority.issue('DNS:shop')) }
  await sync.until(done)
})

test('a certificate that has expired, or is not valid yet, is reported together with the time of our clock', async () => {
  for (const [from, until, code] of [
    ['200101000000Z', '200201000000Z', 'CERT_HAS_EXPIRED'],
    ['480101000000Z', '491231235959Z', 'CERT_NOT_YET_VALID'],
  ] as const) {
    const sync = await begin(await secure(authority.issue(LOOPBACK, from, until)), async () => ({ ca: authority.ca }))
    const status = await sync.until(({ last_error: error }) => error !== null)
    expect(status).toMatchObject({ state: 'offline', acked_seq: 0, last_error: { code } })
    expect(status.last_error?.message).toMatch(/our clock says 20/)
  }
})

test('a certificate of another host, and a server of before TLS 1.2, are not a target', async () => {
  const { ca } = authority
  expect(await outcome(await secure(authority.issue('DNS:cloud.example')), { ca })).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
  const { cert, key } = authority.issue(LOOPBACK)
  const ancient = createServer({ cert, key, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' })
  ancient.on('tlsClientError', () => undefined)
  ancient.listen(0, '127.0.0.1')
  await once(ancient, 'listening')
  onTestFinished(() => void ancient.close())
  const url = `https://127.0.0.1:${(ancient.address() as AddressInfo).port}`
  const endpoint = await secure(authority.issue(LOOPBACK))
  expect(await outcome({ ...endpoint, url }, { ca })).toMatch(/PROTO|VERSION|ALERT/)
})

test('unreadable or empty certificate files are reported and delay nothing else', async () => {
  const endpoint = await secure(authority.issue(LOOPBACK))
  const sync = await begin(endpoint, () => Promise.reject(Object.assign(new Error('no file'), { code: 'ENOENT' })))
  const status = await sync.until(({ last_error: error }) => error !== null)
  expect(status.last_error).toEqual({ code: 'ENOENT', message: expect.stringContaining('certificate or key file') })
  expect(await outcome(endpoint, { ca: authority.ca, cert: 'rubbish', key: 'rubbish' })).toMatch(/^ERR_OSSL/)
})

test.each(['https', 'nats'] as const)(
  'a "caFile" without a certificate trusts no server, and is reported: %s',
  async (kind) => {
    const read = { 'ca.pem': '', token: 'ofk' } as Record<string, string>
    const context = { clock: fastClock(1), requestId: randomUUID, readSecret: async (path: string) => read[path] ?? '' }
    const tls = { caFile: 'ca.pem' }
    const settings = {
      https: { id: 'cloud', kind: 'https', url: 'https://127.0.0.1:9', tokenFile: 'token', tls },
      nats: { id: 'cloud', kind: 'nats', servers: ['tls://127.0.0.1:9'], stream: 'F', shards: 1, tenant: 'shop', tls },
    } as const
    const target = await makeTarget(settings[kind], context)
    const { chain } = new MemoryJournal()
    const { signal } = new AbortController()
    for (const pem of ['', authority.ca.slice(0, 200), 'rubbish']) {
      read['ca.pem'] = pem
      const code = 'ca_file_invalid'
      expect(await target.position(chain, signal)).toEqual({
        kind: 'unknown',
        code,
        message: expect.stringContaining('ca.pem'),
      })
    }
    read['ca.pem'] = authority.ca
    expect(await target.position(chain, signal)).toMatchObject({ code: 'ECONNREFUSED' })
  },
)

test('tokens do not cross a network unencrypted', async () => {
  for (const url of ['http://cloud.example', 'http://10.0.0.1', 'ftp://127.0.0.1']) {
    expect(() => cloud(url, 't')).toThrow('https:')
  }
  const rig = await openRig()
  onTestFinished(() => rig.close())
  const open = { store: rig.store, listen: { host: '0.0.0.0', port: 0 }, clock: fastClock(1), log: new LogRecord() }
  await expect(openReceiver(open)).rejects.toThrow('tls')
})

function pair({ cert, key }: Issued): { cert: string; key: string } {
  return { cert, key }
}
