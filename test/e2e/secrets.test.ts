// @module-tag heavy
import { randomBytes } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { openLog } from '../../base/log.ts'
import { HookServer } from '../alerts/hook-server.ts'
import { SmtpServer } from '../alerts/smtp-server.ts'
import { fiskalEdge } from '../cli/command.ts'
import { SOFTHSM, tokensOfFile } from '../drivers/native/soft-token.ts'
import { austrianTill, sell } from './austria/shop.ts'
import { Bench, GERMAN_LOCATION, GERMAN_MERCHANT } from './bench.ts'
import { ChangeReader } from './change-reader.ts'
import { completion } from './client.ts'
import { event, goods, pay } from './goods.ts'
import { LeapClock } from './leap-clock.ts'
import { filesBelow, finding, overhear, spilt } from './secret-search.ts'

/** A word that occurs nowhere else. */
function canary(name: string): string {
  return `canary${name}${randomBytes(9).toString('hex')}`
}

/** Must be only in the places where they were put. */
const SECRETS = {
  pin: '86420975',
  wrongPin: '97531864',
  syncToken: canary('token'),
  fisconlinePassword: canary('password'),
  fisconlinePin: '7086401259',
  passphrase: canary('passphrase'),
  mailPassword: canary('mailbox'),
  webhookSecret: randomBytes(24).toString('base64'),
  mailLogin: '',
}
SECRETS.mailLogin = Buffer.from(`\0owner\0${SECRETS.mailPassword}`).toString('base64')

/** May be in the journal and the receipt; in no log, figure or change. */
const PERSONAL = {
  customer: canary('customer'),
  address: canary('street'),
  operator: canary('operator'),
  note: canary('note'),
  metadata: canary('metadata'),
  product: canary('product'),
  idempotencyKey: canary('idempotency'),
  path: canary('path'),
  body: canary('body'),
  amount: '7319.47',
}

const tokens = tokensOfFile(async (made) => {
  await made.makeToken('kassa', SECRETS.pin)
})
/** A receiver that violates the protocol: it refuses, and repeats the token in the refusal. */
async function rudeCloud() {
  const server = createServer((req, res) => {
    res.writeHead(403, { 'Content-Type': 'application/problem+json' })
    const said = String(req.headers.authorization).replace(/^Bearer /, '')
    res.end(JSON.stringify({ code: said, title: `no entry for ${said}`, detail: `the token ${said} is refused` }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  }
}

/** A webhook and a mail server: they take what they are sent, or refuse and repeat all that they were sent. */
async function channels(secretFile: string, passwordFile: string) {
  const login = { user: 'owner', password: SECRETS.mailPassword }
  const [hook, smtp] = [await HookServer.open(), await SmtpServer.open({ isPlain: true, login, repeatsLogin: true })]
  const addresses = { from: 'till@shop.example', to: ['owner@shop.example'] }
  const mail = { host: '127.0.0.1', port: smtp.port, security: 'none', user: 'owner', passwordFile, ...addresses }
  const rules = { devices: { afterSeconds: 0 }, device_warnings: { afterSeconds: 0 } }
  return {
    hook,
    smtp,
    config: {
      webhooks: [{ id: 'office', url: `${hook.url}/${SECRETS.syncToken}`, secretFile }],
      alerts: { mail, rules, digest: { at: '07:00', always: true } },
    },
    messages: () => JSON.stringify([hook.calls.map(({ body }) => body), smtp.mails.map(({ data }) => data)]),
    refuse: (refuses: boolean) => {
      smtp.login = refuses ? { ...login, password: 'another' } : login
      hook.answer = (response) =>
        void response.writeHead(refuses ? 500 : 204, refuses ? { 'x-secret': SECRETS.webhookSecret } : {}).end()
    },
    [Symbol.asyncDispose]: async () => {
      await hook[Symbol.asyncDispose]()
      await smtp[Symbol.asyncDispose]()
    },
  }
}

test('no secret leaves its place, and no text of a customer is logged or sent, over a day with every fault', async () => {
  await using cloud = await rudeCloud()
  const pinFile = join(tokens.folder, 'pin')
  const tokenFile = join(tokens.folder, 'token')
  writeFileSync(pinFile, SECRETS.pin, { mode: 0o600 })
  writeFileSync(tokenFile, SECRETS.syncToken, { mode: 0o600 })
  const secretFile = join(tokens.folder, 'office.secret')
  const passwordFile = join(tokens.folder, 'mail.password')
  writeFileSync(secretFile, `whsec_${SECRETS.webhookSecret}`, { mode: 0o600 })
  writeFileSync(passwordFile, SECRETS.mailPassword, { mode: 0o600 })
  await using told = await channels(secretFile, passwordFile)
  told.refuse(true)
  const clock = new LeapClock()
  const logged: string[] = []
  const answers = overhear()
  const config = {
    devices: [
      { id: 'card-1', driver: 'card-pkcs11', module: SOFTHSM, token: 'kassa', vda: 'AT3', pinFile },
      { id: 'tse-1', driver: 'tse-simulator' },
    ],
    sync: { targets: [{ id: 'cloud', kind: 'https', url: cloud.url, tokenFile }] },
    ...told.config,
  }
  const log = openLog('debug', { write: (line) => logged.push(line) })
  await using bench = await Bench.open({ log, clock, config })
  const changes = await ChangeReader.open(bench.url, { Authorization: `Bearer ${bench.platformKey}` })
  await bench.agent.administration.deviceAct('card-1', 'init')
  const austrian = await austrianTill(bench)
  await sell(austrian, '12.00')
  const german = await germanTill(bench)
  await shift(bench, german)
  await italianMerchant(bench)
  await misuse(bench)
  await bench.until(() => bench.agent.application.sync()[0]?.['last_error'] !== null)

  // The card gets a wrong PIN: it is down, with the reason.
  writeFileSync(pinFile, SECRETS.wrongPin, { mode: 0o600 })
  await bench.restart()
  await bench.until(() => bench.agent.application.devices().some((device) => device['state'] === 'down'))
  await aDayOfAlerts(bench, clock, told)
  for (const path of [
    '/v1/devices',
    '/v1/sync',
    '/v1/overview',
    '/readyz',
    '/metrics',
    '/',
    '/docs',
    '/v1/journal?limit=200',
  ])
    await bench.office.call({ path })
  await bench.office.call({ path: '/v1/merchants' })
  const crypto = join(bench.config.state, 'crypto.json')
  await bench.agent.administration.exportTo(
    'rksv_crypto',
    { from: '2000-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' },
    crypto,
  )
  const { base64AESKey } = JSON.parse(readFileSync(crypto, 'utf8')) as { base64AESKey: string }
  const journal = JSON.stringify(bench.journal())
  const commands = await outputOfCommands(bench, config)
  await bench.stop()

  const keys = { platform: bench.platformKey, austrian: austrian.key, german: german.key }
  const secrets = {
    ...SECRETS,
    aesKey: Buffer.from(base64AESKey, 'base64'),
    sealKey: keyIn(bench, 'seal.key'),
    checkpointKey: keyIn(bench, 'checkpoint.key'),
  }
  expect(base64AESKey.length).toBeGreaterThan(40)
  expect(logged.length).toBeGreaterThan(30)
  expect(answers.length).toBeGreaterThan(30)
  const lines = logged.join('')
  expect({ log: finding({ ...secrets, ...keys, ...PERSONAL }, lines) }).toEqual({ log: [] })
  expect({ messages: finding({ ...secrets, ...keys, ...PERSONAL }, told.messages()) }).toEqual({ messages: [] })
  expect({ commands: finding({ ...secrets, ...keys, ...PERSONAL }, commands) }).toEqual({ commands: [] })
  expect({ answers: finding(secrets, answers.join('\n')) }).toEqual({ answers: [] })
  expect({ journal: finding({ ...secrets, ...keys }, journal) }).toEqual({ journal: [] })
  expect({ changes: finding({ ...secrets, ...keys, ...PERSONAL }, JSON.stringify(changes.told)) }).toEqual({
    changes: [],
  })
  // A key is in the one answer that made it.
  for (const key of [austrian.key, german.key]) expect(answers.filter((answer) => answer.includes(key))).toHaveLength(1)
  expect(answers.filter((answer) => answer.includes(bench.platformKey))).toEqual([])
  // On the disk a secret is in no file but its own.
  const own = /(crypto\.json|seal\.key|checkpoint\.key)$/
  const files = filesBelow(bench.config.state).filter((file) => !own.test(file) && statSync(file).size < 100_000_000)
  expect(files.length).toBeGreaterThan(3)
  expect(spilt({ ...secrets, ...keys }, files)).toEqual([])
})

interface AlertsNow {
  readonly channels: readonly { readonly last_error: string | null }[]
  readonly open: readonly { readonly message: string }[]
}

/** Refused messages, repeated ones, a device that goes and comes, the digest of the next morning. */
async function aDayOfAlerts(
  bench: Bench,
  clock: LeapClock,
  { refuse, smtp, messages }: Awaited<ReturnType<typeof channels>>,
): Promise<void> {
  const alertsNow = async () => (await bench.office.get('/v1/overview'))['alerts'] as AlertsNow
  const isDown = async () =>
    (await alertsNow()).open.some(({ message }) => message === 'tse-1: The fiscal device does not answer.')
  await bench.until(async () => (await alertsNow()).channels.every(({ last_error }) => last_error !== null))
  refuse(false)
  await bench.faultAt('tse-1', 'unplugged@*')
  await bench.until(isDown)
  for (let hours = 0; hours < 8; hours += 2) clock.leap(2 * 3_600_000)
  await bench.faultAt('tse-1', 'clear')
  await bench.until(async () => {
    // An alert ends after half a minute without its reason.
    clock.leap(5_000)
    return !(await isDown())
  })
  for (let hours = 8; hours < 26; hours += 2) clock.leap(2 * 3_600_000)
  await bench.until(() => ['alert.raised', 'alert.resolved', 'alert.digest'].every((type) => messages().includes(type)))
  await bench.until(() => smtp.mails.length > 2)
}

/** What a technician is shown, and what leaves for support. */
async function outputOfCommands(bench: Bench, config: object): Promise<string> {
  const [file, bundle] = [join(tokens.folder, 'agent.json'), join(tokens.folder, 'bundle.tar.gz')]
  const whole = { version: 1, state: bench.config.state, listen: { port: 0 }, ...config }
  writeFileSync(file, JSON.stringify(whole))
  const runs = [
    ['alert', 'list'],
    ['alert', 'list', '--json'],
    ['alert', 'test'],
    ['doctor'],
    ['support', 'bundle', bundle],
  ]
  const outputs: string[] = []
  for (const args of runs) {
    const { out, err } = await fiskalEdge(...args, '--config', file)
    outputs.push(out, err)
  }
  return [...outputs, gunzipSync(readFileSync(bundle)).toString('latin1')].join('\n')
}

/** The private bytes of a key file. */
function keyIn(bench: Bench, name: string): Uint8Array {
  return readFileSync(join(bench.config.state, name)).subarray(-32)
}

async function germanTill(bench: Bench) {
  const merchant = await bench.office.post('/v1/merchants', GERMAN_MERCHANT)
  const owner = bench.office.forMerchant(String(merchant['id']))
  const location = await owner.post('/v1/locations', GERMAN_LOCATION)
  const { id } = await owner.post('/v1/registers', { location_id: location['id'], name: 'Kasse' })
  const done = await owner.post(`/v1/registers/${String(id)}/fiscalize`, {}, 202)
  const key = String(done['register_api_key'])
  return { id: String(id), key, till: bench.client({ 'X-Register-Api-Key': key }) }
}

async function shift(bench: Bench, { id, till }: Awaited<ReturnType<typeof germanTill>>): Promise<void> {
  await till.create(event('session_open', id, { opening_balance_amount: '50.00' }), PERSONAL.idempotencyKey)
  const more = {
    customer: {
      name: PERSONAL.customer,
      address: { line1: PERSONAL.address, city: 'Berlin', postal_code: '10115', country_code: 'DEU' },
    },
    operator_name: PERSONAL.operator,
    note: PERSONAL.note,
    metadata: { told: PERSONAL.metadata },
  }
  const sale = await till.create(goods('sale', id, [[PERSONAL.amount, '0.07', { title: PERSONAL.product }]], more))
  await till.complete(sale, [pay('cash', PERSONAL.amount)])
  await till.call({ path: `/v1/operations/${sale.id}/receipt`, headers: { Accept: 'text/plain' } })
  await bench.faultAt('tse-1', 'unplugged@*')
  const dark = await till.create(goods('sale', id, [['2.00', '0.07', { title: PERSONAL.product }]], more))
  await till.call(completion(dark, [pay('cash', '2.00')]))
  await bench.faultAt('tse-1', 'clear')
}

async function italianMerchant(bench: Bench): Promise<void> {
  const address = { line1: 'Via Garibaldi 12', city: 'Torino', postal_code: '10122', country_code: 'ITA' }
  const identity = {
    country_code: 'ITA',
    tax_number: '12345678903',
    vat_number: '12345678903',
    fisconline_user: 'RSSMRA80A01H501U',
    fisconline_password: SECRETS.fisconlinePassword,
    fisconline_pin: SECRETS.fisconlinePin,
    legal_entity_type: 'COMPANY',
  }
  const body = { legal_name: 'Panificio', country_code: 'ITA', address, fiscal_identities: [identity] }
  const merchant = await bench.office.post('/v1/merchants', body)
  await bench.office.patch(`/v1/merchants/${String(merchant['id'])}`, { fiscal_identities: [identity] })
  // A refusal names the member that is wrong, not the others.
  await bench.office.refused({
    path: '/v1/merchants',
    body: { ...body, fiscal_identities: [{ ...identity, tax_number: 'x' }] },
  })
}

/** Errors of callers, with words that a log must not repeat. */
async function misuse(bench: Bench): Promise<void> {
  await bench.client({ Authorization: `Bearer ${bench.mistypedKey}` }).refused({ path: '/v1/devices' })
  await bench.client({ Authorization: `Basic ${bench.platformKey}` }).refused({ path: '/v1/devices' })
  await bench.office.refused({ path: `/v1/${PERSONAL.path}?key=${PERSONAL.path}` })
  await bench.office.refused({ path: `/v1/operations/${PERSONAL.path}` })
  await bench.office.refused({ path: '/v1/operations', body: `{"type": "sale", "${PERSONAL.body}` })
  await bench.office.refused({ path: '/v1/operations', body: { type: 'sale', [PERSONAL.body]: PERSONAL.body } })
  await bench.office.refused({ path: '/v1/events', headers: { 'Last-Event-ID': PERSONAL.body } })
  await bench.office.refused({ path: '/v1/operations', headers: { Origin: `https://${PERSONAL.body}.example` } })
}
