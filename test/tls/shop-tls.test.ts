// @module-tag heavy
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { connect, getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { parseConfig } from '../../agent/agent-config.ts'
import { checkTls } from '../../agent/cli/checks/tls.ts'
import { heldCertificates } from '../../agent/tls/expiry.ts'
import type { TlsMaterial } from '../../agent/tls/material.ts'
import { TlsSource } from '../../agent/tls/material.ts'
import { ShopAuthority } from '../../agent/tls/shop-authority.ts'
import { Bench } from '../e2e/bench.ts'
import { CalendarClock } from '../e2e/calendar-clock.ts'
import { event, goods, pay } from '../e2e/goods.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { ManualClock } from '../manual-clock.ts'
import { silentLog } from '../silent-log.ts'
import { Authority } from '../sync/servers/certificates.ts'

const NAMES = ['till.shop.test', '127.0.0.2']
const DAY = 86_400_000

const systemAuthorities = getCACertificates()
afterEach(() => setDefaultCACertificates(systemAuthorities))

/** An agent on another address than the usual one, whose authority this process trusts as a terminal would. */
async function shop(tls: object = {}, more: object = {}): Promise<Bench & { ca: string }> {
  const bench = await Bench.open({
    config: { listen: { host: '127.0.0.2', port: 0 }, tls: { names: NAMES, ...tls }, ...more },
  })
  const ca = readFileSync(join(bench.config.state, 'tls', 'ca.crt'), 'utf8')
  setDefaultCACertificates([...systemAuthorities, ca])
  return Object.assign(bench, { ca })
}

type Said = { status: number; body: { [member: string]: unknown }; retryAfter: string | undefined }

function ask(url: string, options: object): Promise<Said> {
  return new Promise((resolve, reject) => {
    const call = request(url, { agent: false, ...options }, (res) => {
      let text = ''
      res.setEncoding('utf8')
      res.on('data', (chunk: string) => {
        text += chunk
      })
      res.on('end', () =>
        resolve({
          status: res.statusCode ?? 0,
          body: JSON.parse(text) as Said['body'],
          retryAfter: res.headers['retry-after'],
        }),
      )
    })
    call.on('error', reject)
    call.end()
  })
}

test('several registers sell over TLS at one agent, under its names alone', async () => {
  await using bench = await shop()
  expect(bench.url).toMatch(/^https:\/\/127\.0\.0\.2:\d+$/)
  const { locationId } = await bench.shop()
  const registers = [await bench.register(locationId), await bench.register(locationId)]
  const sold = await Promise.all(
    registers.map(async ({ id, till }) => {
      await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
      const open = await till.create(goods('sale', id, [['2.00', '0.07']]))
      return till.complete(open, [pay('cash', '2.00')])
    }),
  )
  expect(sold.map(({ fiscal }) => fiscal?.state)).toEqual(['succeeded', 'succeeded'])
  const { port } = new URL(bench.url)
  const named = { ca: bench.ca, headers: { host: `till.shop.test:${port}` }, servername: 'till.shop.test' }
  expect((await ask(`${bench.url}/healthz`, named)).status).toBe(200)
  const foreign = { ...named, headers: { host: `other.test:${port}` } }
  expect((await ask(`${bench.url}/healthz`, foreign)).status).toBe(421)
  await expect(fetch(`http://127.0.0.2:${port}/healthz`)).rejects.toThrow()
  const old = connect({
    port: Number(port),
    host: '127.0.0.2',
    ca: bench.ca,
    maxVersion: 'TLSv1.1',
    minVersion: 'TLSv1',
  })
  const failed = await new Promise<string>((resolve) => {
    old.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
    old.once('secureConnect', () => resolve('connected'))
  })
  expect(failed).not.toBe('connected')
})

test("a terminal's certificate is for its own register: no other key is taken over it", async () => {
  await using bench = await shop({ clientCertificates: 'optional' })
  const { locationId } = await bench.shop()
  const [first, second] = [await bench.register(locationId), await bench.register(locationId)]
  const authority = new ShopAuthority(bench.config.state, Date.now, NAMES)
  const own = { ...authority.client(first.id), ca: bench.ca }
  const list = (key: string, options: object) =>
    ask(`${bench.url}/v1/registers/${first.id}`, { ...options, headers: { 'X-Register-Api-Key': key } })
  expect((await list(first.key, own)).status).toBe(200)
  expect(await list(second.key, own)).toMatchObject({ status: 403, body: { code: 'forbidden' } })
  const office = { ...own, headers: { Authorization: `Bearer ${bench.platformKey}` } }
  expect((await ask(`${bench.url}/v1/registers`, office)).status).toBe(403)
  expect((await list(first.key, { ca: bench.ca })).status).toBe(200)
  const stranger = new ShopAuthority(await temporaryDirectory(), Date.now, NAMES).client(first.id)
  // Over it only the key counts, and this register does not belong to it.
  expect((await list(second.key, { ...stranger, ca: bench.ca })).status).toBe(404)
})

test('if client certificates are required, only clients with one of the shop are accepted', async () => {
  await using bench = await shop({ clientCertificates: 'required' })
  await expect(ask(`${bench.url}/healthz`, { ca: bench.ca })).rejects.toThrow()
  const stranger = new ShopAuthority(await temporaryDirectory(), Date.now, NAMES).client('reg_1')
  await expect(ask(`${bench.url}/healthz`, { ca: bench.ca, ...stranger })).rejects.toThrow()
  const own = new ShopAuthority(bench.config.state, Date.now, NAMES).client('reg_1')
  expect((await ask(`${bench.url}/healthz`, { ca: bench.ca, ...own })).status).toBe(200)
})

test('a key that asks too often gets a retry time; its neighbour is not delayed', async () => {
  await using bench = await shop({}, { rate: { perSecond: 1, burst: 20 } })
  const { locationId } = await bench.shop()
  const [first, second] = [await bench.register(locationId), await bench.register(locationId)]
  const look = (key: string, id: string) =>
    ask(`${bench.url}/v1/registers/${id}`, { ca: bench.ca, headers: { 'X-Register-Api-Key': key } })
  let refused: Said | undefined
  for (let calls = 0; calls < 200 && refused === undefined; calls++) {
    const said = await look(first.key, first.id)
    if (said.status !== 200) refused = said
  }
  expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limit_exceeded', retryable: true } })
  expect(Number(refused?.retryAfter)).toBeGreaterThanOrEqual(1)
  expect((await look(second.key, second.id)).status).toBe(200)
})

test('the certificate is renewed before it ends, under the same authority, and served without a restart', async () => {
  const clock = new ManualClock(Date.parse('2026-05-04T08:00:00Z'))
  const settings = { names: NAMES, clientCertificates: 'off' as const }
  const parts = { settings, stateDirectory: await temporaryDirectory(), log: silentLog, readSecret: async () => '' }
  let today = (): number => clock.now()
  const running = { now: () => today(), mono: () => clock.mono(), after: clock.after.bind(clock) }
  const source = new TlsSource({ ...parts, clock: running })
  const renewed: TlsMaterial[] = []
  const { cert } = await source.open((material) => renewed.push(material))
  const authority = new X509Certificate(new ShopAuthority(parts.stateDirectory, () => clock.now(), NAMES).certificate())
  const endOf = (pem: string) => new X509Certificate(pem).validToDate.getTime()
  expect(new X509Certificate(cert).checkHost('till.shop.test')).toBe('till.shop.test')
  await clock.advance(60_000)
  expect(renewed).toEqual([])
  const late = new ManualClock(endOf(cert) - 59 * DAY)
  const after = new TlsSource({ ...parts, clock: late })
  const next = await after.open(() => undefined)
  expect(endOf(next.cert)).toBeGreaterThan(endOf(cert) + 300 * DAY)
  expect(new X509Certificate(next.cert).verify(authority.publicKey)).toBe(true)
  // The other process sees it within a minute.
  today = () => late.now()
  await clock.advance(60_000)
  expect(renewed.map((material) => material.cert)).toEqual([next.cert])
  source.close()
  after.close()
})

test('files that are not a certificate and its key are refused by the names of their settings', async () => {
  const directory = await temporaryDirectory()
  const authority = new ShopAuthority(directory, Date.now, NAMES)
  const [one, other] = [authority.client('reg_1'), authority.client('reg_2')]
  const certFile = join(directory, 'tls', 'ca.crt')
  const settings = { certFile, keyFile: 'key', names: [], clientCertificates: 'off' as const }
  const parts = { settings, stateDirectory: directory, clock: new ManualClock(), log: silentLog }
  const opened = (key: string) => new TlsSource({ ...parts, readSecret: async () => key }).open(() => undefined)
  await expect(opened(one.key)).rejects.toThrow('tls.certFile and tls.keyFile')
  await expect(opened('rubbish')).rejects.toMatchObject({ code: 'tls_files_invalid' })
  expect(other.cert).not.toBe(one.cert)
})

test('a certificate that ends is reported by page, figures and doctor before it does: server, authority, terminals', async () => {
  const state = await temporaryDirectory()
  const clock = new ManualClock(Date.parse('2026-05-04T08:00:00Z'))
  const authority = new ShopAuthority(state, () => clock.now(), NAMES)
  authority.server()
  authority.client('reg_1')
  const tls = { names: NAMES, clientCertificates: 'optional' as const }
  const listen = { host: '127.0.0.2', port: 7070 }
  const config = parseConfig('agent.json', JSON.stringify({ version: 1, state, listen, devices: [], tls }))
  const doctor = (nowMs: number) => checkTls(config, nowMs).map(({ check, state }) => `${check} ${state}`)
  const held = () => heldCertificates(state, tls)
  expect(held().map(({ use, holder }) => [use, holder])).toEqual([
    ['server', ''],
    ['authority', ''],
    ['terminal', 'reg_1'],
  ])
  expect(doctor(clock.now())).toEqual(['tls ok', 'tls authority ok'])
  const end = held()[2]?.expiresAtMs ?? 0
  authority.renewServer()
  expect(doctor(end - 29 * DAY)).toContain('tls terminal warning')
  expect(doctor(end)).toContain('tls terminal failure')
  const lastDays = (held()[1]?.expiresAtMs ?? 0) - 100 * DAY
  expect(doctor(lastDays)).toContain('tls authority warning')
  expect(heldCertificates(state, { ...tls, clientCertificates: 'off' }).map(({ use }) => use)).toEqual([
    'server',
    'authority',
  ])
})

test('a certificate that is missing at its configured path is reported with the key that names it', () => {
  const tls = { certFile: '/none/till.crt', keyFile: '/none/till.key' }
  const listen = { host: '127.0.0.2', port: 7070 }
  const config = parseConfig('agent.json', JSON.stringify({ version: 1, state: 'state', listen, devices: [], tls }))
  expect(checkTls(config, Date.now())).toMatchObject([
    { state: 'failure', remedy: expect.stringContaining('"certFile"') },
  ])
})

test('a certificate that is shown to a sync target is reported before it ends, and once it has', async () => {
  const authority = new Authority()
  onTestFinished(() => authority.remove())
  const { certFile, keyFile } = authority.issue('DNS:shop', '260101000000Z', '270101000000Z')
  const tls = { caFile: authority.caFile, certFile, keyFile }
  const target = { id: 'cloud', kind: 'https', url: 'https://127.0.0.1:1', tokenFile: '/token', tls }
  const clock = new CalendarClock('2026-05-04T08:00:00Z')
  await using bench = await Bench.open({ clock, config: { sync: { targets: [target] } } })
  const told = async (now: string) => {
    clock.jump(now)
    await bench.restart()
    const warnings = (await bench.office.get('/v1/overview'))['warnings'] as readonly Record<string, unknown>[]
    const [finding] = checkTls(bench.config, clock.now())
    const codes = warnings.map(({ code, target }) => `${code} ${target}`).filter((code) => code.includes('certificate'))
    return [finding?.check, finding?.state, ...codes]
  }
  expect(await told('2026-05-04T08:00:00Z')).toEqual(['tls target', 'ok'])
  expect(await told('2026-12-04T08:00:00Z')).toEqual(['tls target', 'warning', 'target_certificate_expiring cloud'])
  expect(await told('2027-01-01T08:00:00Z')).toEqual(['tls target', 'failure', 'target_certificate_invalid cloud'])
  const { text } = await bench.office.call({ path: '/metrics' })
  expect(text).toMatch(/^fiskal_tls_certificate_expiry_timestamp_seconds\{use="target",target="cloud"\} 1798761600$/m)
})

test('a terminal with a certificate that has ended, or with none, is refused, and the log says why: once', async () => {
  const authority = new Authority()
  onTestFinished(() => authority.remove())
  const { certFile, keyFile } = authority.issue('IP:127.0.0.2')
  const tls = { certFile, keyFile, clientCaFile: authority.caFile, clientCertificates: 'required' }
  await using bench = await Bench.open({ config: { listen: { host: '127.0.0.2', port: 0 }, tls } })
  const ended = authority.issue('DNS:reg_1', '200101000000Z', '260101000000Z')
  const comes = (shown: object): Promise<unknown> =>
    ask(bench.url, { ca: authority.ca, ...shown }).catch(() => 'refused')
  for (let times = 0; times < 2; times++) {
    expect(await comes({ cert: ended.cert, key: ended.key })).toBe('refused')
    expect(await comes({})).toBe('refused')
  }
  const told = () => bench.lines.flatMap(({ level, fields }) => (level === 'warn' ? [fields['code']] : []))
  await bench.until(() => told().length >= 2)
  expect(told()).toEqual(['CERT_HAS_EXPIRED', 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE'])
})

test('certificates of a clock that ran ahead: the served one is made again, an authority of that time is reported', async () => {
  const state = await temporaryDirectory()
  const nowMs = Date.parse('2026-05-04T08:00:00Z')
  const tls = { names: NAMES, clientCertificates: 'optional' as const }
  const config = parseConfig(
    'agent.json',
    JSON.stringify({ version: 1, state, listen: { host: '127.0.0.2', port: 7070 }, devices: [], tls }),
  )
  const right = new ShopAuthority(state, () => nowMs, NAMES)
  right.certificate()
  const ahead = new ShopAuthority(state, () => nowMs + 400 * DAY, NAMES)
  ahead.renewServer()
  ahead.client('reg_1')
  const doctor = () => checkTls(config, nowMs).map(({ check, state }) => `${check} ${state}`)
  expect(doctor()).toEqual(['tls failure', 'tls authority ok', 'tls terminal failure'])
  expect(new X509Certificate(right.server().cert).validFromDate.getTime()).toBeLessThanOrEqual(nowMs)
  expect(doctor()).toEqual(['tls ok', 'tls authority ok', 'tls terminal failure'])
  ahead.replace()
  expect(doctor()).toContain('tls authority failure')
})

test('a clock that has lost its time takes no certificate from the tills, and a new one is of today', async () => {
  const state = await temporaryDirectory()
  const nowMs = Date.parse('2028-05-04T08:00:00Z')
  const lost = new ShopAuthority(state, () => 0, NAMES)
  const right = new ShopAuthority(state, () => nowMs, NAMES)
  const held = right.server()
  expect(lost.server().cert).toBe(held.cert)
  lost.replace()
  const { validFromDate, validToDate } = new X509Certificate(lost.certificate())
  expect(validFromDate.getTime()).toBeLessThan(nowMs)
  expect(validToDate.getTime()).toBeGreaterThan(nowMs)
})

test('in the last days of its authority a certificate is not made again at each look', async () => {
  const state = await temporaryDirectory()
  const clock = new ManualClock(Date.parse('2026-05-04T08:00:00Z'))
  const above = new X509Certificate(new ShopAuthority(state, () => clock.now(), NAMES).certificate())
  const late = new ShopAuthority(state, () => above.validToDate.getTime() - 30 * DAY, NAMES)
  expect(late.server().cert).toBe(late.server().cert)
})

test('another authority voids the certificates of the old one: a new one is served, terminals are no longer named', async () => {
  const state = await temporaryDirectory()
  const authority = new ShopAuthority(state, Date.now, NAMES)
  const [before, old] = [authority.fingerprint(), authority.server()]
  authority.client('reg_1')
  expect(authority.worthless()).toEqual([])
  authority.replace()
  // Also if the command was killed before it could print that, and is given again.
  for (let asked = 0; asked < 2; asked++)
    expect(authority.worthless().map(({ register }) => register)).toEqual(['reg_1'])
  expect(authority.fingerprint()).not.toBe(before)
  const served = new X509Certificate(authority.server().cert)
  expect(served.verify(new X509Certificate(authority.certificate()).publicKey)).toBe(true)
  expect(served.fingerprint256).not.toBe(new X509Certificate(old.cert).fingerprint256)
  const tls = { names: NAMES, clientCertificates: 'required' as const }
  expect(heldCertificates(state, tls).map(({ use }) => use)).toEqual(['server', 'authority'])
  authority.client('reg_1')
  expect([authority.worthless(), heldCertificates(state, tls).map(({ use }) => use)]).toEqual([
    [],
    ['server', 'authority', 'terminal'],
  ])
})

test('the end of a certificate is in the figures, and among the warnings while the agent runs', async () => {
  await using bench = await shop({ clientCertificates: 'optional' })
  const past = new ShopAuthority(bench.config.state, () => Date.now() - 1080 * DAY, NAMES)
  past.client('reg_1')
  const said = await new Promise<string>((resolve, reject) => {
    request(`${bench.url}/metrics`, { agent: false, ca: bench.ca }, (res) => {
      let text = ''
      res.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      res.on('end', () => resolve(text))
    })
      .on('error', reject)
      .end()
  })
  expect(said).toMatch(/^fiskal_tls_certificate_expiry_timestamp_seconds\{use="server"\} \d+$/m)
  expect(said).toMatch(/^fiskal_tls_certificate_expiry_timestamp_seconds\{use="terminal",register="reg_1"\} \d+$/m)
  expect(said).toMatch(/fiskal_warning\{code="tls_certificate_expiring",severity="warning",key="[^"]+"\} 1/)
})

test('the end of the certificate of a retired register is no longer reported while the agent runs', async () => {
  await using bench = await shop({ clientCertificates: 'optional' })
  const register = await bench.register((await bench.shop()).locationId)
  const past = new ShopAuthority(bench.config.state, () => Date.now() - 1100 * DAY, NAMES)
  past.client(register.id)
  const told = async () => {
    const warnings = (await bench.office.get('/v1/overview'))['warnings'] as readonly { code: string }[]
    return warnings.map(({ code }) => code).filter((code) => code.startsWith('tls_certificate'))
  }
  expect(await told()).toEqual(['tls_certificate_expired'])
  await bench.office.post(`/v1/registers/${register.id}/decommission`, {}, 200)
  await bench.restart()
  expect(await told()).toEqual([])
  expect((await bench.office.call({ path: '/metrics' })).text).not.toContain('{use="terminal"')
})
