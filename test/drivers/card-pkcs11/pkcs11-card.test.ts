// @module-tag heavy
import { X509Certificate } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { certificateHolder } from '../../../agent/laws/austria/certificate.ts'
import { systemClock } from '../../../base/clock.ts'
import type { Pkcs11CardOptions } from '../../../drivers/card-pkcs11/driver.ts'
import { Pkcs11Card } from '../../../drivers/card-pkcs11/driver.ts'
import { ManualClock } from '../../manual-clock.ts'
import { execFileSync } from '../../waits.ts'
import { SOFTHSM, tokensOfFile } from '../native/soft-token.ts'

const PIN = '123456'
const message = Buffer.from('a receipt')
const PKCS11_TOOL = '/usr/bin/pkcs11-tool'
const cards: Pkcs11Card[] = []
const bench = tokensOfFile()
let tokens = 0

afterEach(async () => {
  await bench.repair()
  for (const card of cards.splice(0)) await card.close()
})

async function newToken(): Promise<string> {
  tokens += 1
  await bench.makeToken(`card-${tokens}`, PIN)
  return `card-${tokens}`
}

async function cardOn(token: string, options: Partial<Pkcs11CardOptions> = {}): Promise<Pkcs11Card> {
  const directory = await mkdtemp(join(bench.folder, 'state-'))
  const settings = { id: 'card-1', module: bench.faulty, token, directory, vda: 'AT1', clock: systemClock }
  const card = new Pkcs11Card({ ...settings, pin: async () => PIN, ...options })
  cards.push(card)
  return card
}

async function seen(name: string): Promise<number> {
  return (await bench.calls()).filter((call) => call.name === name).length
}

test('an empty card is not initialised, and initialise makes key and certificate in it', async () => {
  const card = await cardOn(await newToken(), { module: SOFTHSM })
  await expect(card.open()).rejects.toMatchObject({ code: 'not_initialised', effect: 'none' })
  await card.initialise()
  expect((await card.identity()).certificates).toHaveLength(3)
})

test('of several keys the one is taken that is named by label or id, and without a name none', async () => {
  const token = await newToken()
  await bench.makeKey(token, PIN, '01', '--label', 'first')
  await bench.makeKey(token, PIN, '02', '--label', 'second')
  await expect((await cardOn(token, { module: SOFTHSM })).initialise()).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringMatching(/first.*second|second.*first/),
  })
  const byLabel = await cardOn(token, { module: SOFTHSM, key: 'second' })
  await byLabel.initialise()
  const { serial } = await byLabel.identity()
  const byId = await cardOn(token, { module: SOFTHSM, key: '02' })
  await byId.open()
  expect((await byId.identity()).serial).toBe(serial)
})

test('a certificate file chooses its key among several, and one of another key is refused', async () => {
  const token = await newToken()
  await bench.makeKey(token, PIN, '01', '--label', 'first')
  await bench.makeKey(token, PIN, '02', '--label', 'second')
  const maker = await cardOn(token, { module: SOFTHSM, key: 'second' })
  await maker.initialise()
  const { serial, certificates } = await maker.identity()
  const certFile = join(bench.folder, 'chain.pem')
  await writeFile(certFile, certificates.map((der) => new X509Certificate(der).toString()).join(''))
  const chosen = await cardOn(token, { module: SOFTHSM, certFile })
  await chosen.open()
  expect(await chosen.identity()).toMatchObject({ serial, certificates: expect.objectContaining({ length: 3 }) })

  const other = await newToken()
  await bench.makeKey(other, PIN, '01')
  const stranger = await cardOn(other, { module: SOFTHSM, certFile })
  await expect(stranger.initialise()).rejects.toMatchObject({ code: 'refused' })
})

test('of several certified keys the one is taken whose certificate is for cash registers', async () => {
  const token = await newToken()
  await bench.makeKey(token, PIN, '01', '--label', 'first')
  await bench.makeKey(token, PIN, '02', '--label', 'second')
  for (const key of ['first', 'second']) await (await cardOn(token, { module: SOFTHSM, key })).initialise()
  const tool = (...more: string[]) =>
    execFileSync(PKCS11_TOOL, ['--module', SOFTHSM, '--token-label', token, '--login', '--pin', PIN, ...more])
  const file = (name: string) => join(bench.folder, name)
  tool('--read-object', '--type', 'pubkey', '--id', '02', '--output-file', file('public.der'))
  await writeFile(file('extension.cnf'), '1.2.40.0.10.1.11.1=ASN1:UTF8String:UID ATU12345678\n')
  const openssl = (...more: string[]) => execFileSync('openssl', more, { stdio: 'pipe' })
  openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', file('ca.pem'))
  openssl('pkey', '-pubin', '-inform', 'DER', '-in', file('public.der'), '-out', file('public.pem'))
  const names = ['-new', '-subj', '/CN=register', '-key', file('ca.pem'), '-set_serial', '0x0a1b', '-days', '90']
  const form = ['-force_pubkey', file('public.pem'), '-extfile', file('extension.cnf'), '-outform', 'DER']
  openssl('x509', ...names, ...form, '-out', file('register.der'))
  tool('--write-object', file('register.der'), '--type', 'cert', '--id', '02')
  const card = await cardOn(token, { module: SOFTHSM })
  await card.open()
  const { serial, certificates } = await card.identity()
  expect(serial).toBe('a1b')
  expect(certificateHolder(certificates[0] ?? new Uint8Array())).toBe('UID ATU12345678')
  expect(await card.sign(message)).toHaveLength(64)
})

test('a card of A-Trust, whose module reports that no login is needed, gets the PIN before it signs', async () => {
  const token = await newToken()
  await (await cardOn(token, { module: SOFTHSM, key: 'SK.CH.SIG' })).initialise()
  await bench.actAsATrust(PIN)
  const card = await cardOn(token, { clock: new ManualClock() })
  const before = await seen('C_Login')
  await card.open()
  expect((await seen('C_Login')) - before).toBe(1)
  expect(await card.sign(message)).toHaveLength(64)
  await (await cardOn(token)).initialise()
})

test('a wrong PIN of a card of A-Trust costs one try', async () => {
  const token = await newToken()
  await (await cardOn(token, { module: SOFTHSM })).initialise()
  await bench.actAsATrust(PIN)
  const card = await cardOn(token, { pin: async () => '9999' })
  const before = await seen('C_Login')
  for (let probe = 0; probe < 2; probe += 1)
    await expect(card.open()).rejects.toMatchObject({ code: 'pin_wrong', effect: 'none' })
  expect((await seen('C_Login')) - before).toBe(1)
})

test('a token that requires a login and has no PIN yet is not initialised, and its PIN file is not read', async () => {
  await bench.fault('unset! C_GetTokenInfo')
  const card = await cardOn(await newToken(), { pin: () => Promise.reject(new Error('it was read')) })
  await expect(card.open()).rejects.toMatchObject({ code: 'not_initialised', effect: 'none' })
})

test('a wrong PIN costs one try, however often the card is probed', async () => {
  const card = await cardOn(await newToken(), { pin: async () => '999999' })
  const before = await seen('C_Login')
  for (let probe = 0; probe < 3; probe += 1)
    await expect(card.open()).rejects.toMatchObject({ code: 'pin_wrong', effect: 'none' })
  expect((await seen('C_Login')) - before).toBe(1)
})

test('a signature that does not verify is never returned', async () => {
  const card = await cardOn(await newToken())
  await card.initialise()
  await bench.fault('bad C_Sign')
  await expect(card.sign(message)).rejects.toMatchObject({ code: 'garbled' })
  await card.open()
  expect(await card.sign(message)).toHaveLength(64)
})

test('a DER signature is turned into 64 bytes', async () => {
  const card = await cardOn(await newToken())
  await card.initialise()
  await bench.fault('der! C_Sign')
  expect(await card.sign(message)).toHaveLength(64)
})

test('a module that hangs in C_Sign is answered for at the deadline and is replaced', async () => {
  const clock = new ManualClock()
  const card = await cardOn(await newToken(), { clock })
  await card.initialise()
  const before = await seen('C_Sign')
  await bench.fault('hang C_Sign')
  const signing = card.sign(message).catch((error: unknown) => error)
  await bench.seen('C_Sign', before + 1)
  await clock.advance(5000)
  expect(await signing).toMatchObject({ code: 'timeout' })
  await card.open()
  expect(await card.sign(message)).toHaveLength(64)
})
