// @module-tag heavy
import { createPublicKey } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verify } from '../../agent/cli/verify.ts'
import { systemClock } from '../../base/clock.ts'
import { Pkcs11Card } from '../../drivers/card-pkcs11/driver.ts'
import { certified, certifyFolder } from '../certified-unit.ts'
import type { VendorTse } from '../contracts/vendor-tses.ts'
import { vendorTses } from '../contracts/vendor-tses.ts'
import { SOFTHSM, tokensOfFile } from '../drivers/native/soft-token.ts'
import { patientClock } from '../patient-clock.ts'
import { today } from '../today.ts'
import { execFileSync } from '../waits.ts'
import { austrianShop, austrianTill, ONE_CARD, receiptOf, sell } from './austria/shop.ts'
import type { Register } from './bench.ts'
import { Bench } from './bench.ts'
import type { Members, Operation } from './client.ts'
import { signed } from './client.ts'
import { event, goods, pay } from './goods.ts'

const PKCS11_TOOL = '/usr/bin/pkcs11-tool'
const PIN = '74091358'
const MARK = 'NICHT ZERTIFIZIERT'
const tokens = tokensOfFile(async (made) => {
  await writeFile(join(made.folder, 'pin'), PIN, { mode: 0o600 })
})

async function sold({ id, till }: Register): Promise<Operation> {
  return till.complete(await till.create(goods('sale', id, [['3.00', '0.07']])), [pay('cash', '3.00')])
}

async function noticesOf({ till }: Register, { id }: Pick<Operation, 'id'>): Promise<unknown> {
  return (await till.get(`/v1/operations/${id}/receipt`))['notices']
}

async function made(bench: Bench, locationId: string, more: Members = {}): Promise<string> {
  return String((await bench.office.post('/v1/registers', { location_id: locationId, name: 'Kasse', ...more }))['id'])
}

function fiscalized(bench: Bench, id: string, body: Members = {}) {
  return bench.office.call({ path: `/v1/registers/${id}/fiscalize`, body })
}

/** An export as `verify` judges it. */
async function verifiedExport(bench: Bench, type: 'dsfinvk' | 'tse_tar'): Promise<Members | undefined> {
  const file = join(bench.config.state, `exported-${type}`)
  await writeFile(file, await bench.exported(type))
  return (await verify(file, {}))[0]
}

/** The session is closed, and its package judged. */
async function packaged(bench: Bench, { id, till }: Register): Promise<Members | undefined> {
  const { expected_closing_amount } = await till.get(`/v1/registers/${id}/session`)
  await till.create(event('session_cash_count', id, { counted_closing_amount: expected_closing_amount }))
  await till.create(event('session_close', id, { business_date: today() }))
  return verifiedExport(bench, 'dsfinvk')
}

/** A TSE of a maker, certified by an authority that is not ours, outside of the agent. */
async function ofMaker(work: (vendor: VendorTse) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'v-'))
  const vendor = await vendorTses['tse-cryptovision']?.open(folder, 0)
  if (vendor === undefined) throw new Error('no such family')
  try {
    await certifyFolder(join(folder, 'a'))
    await work(vendor)
  } finally {
    await vendor.close()
    await rm(folder, { recursive: true })
  }
}

/** The token's key exists, with a certificate by a private authority in a file. */
async function tokenWithFile(label: string): Promise<Members> {
  await tokens.makeToken(label, PIN)
  await tokens.makeKey(label, PIN, '02')
  const login = ['--module', SOFTHSM, '--token-label', label, '--login', '--pin', PIN]
  const file = join(tokens.folder, `${label}.der`)
  execFileSync(PKCS11_TOOL, [...login, '--read-object', '--type', 'pubkey', '--id', '02', '--output-file', file])
  const key = createPublicKey({ key: await readFile(file), format: 'der', type: 'spki' })
  const [unit] = await certified(
    key.export({ type: 'spki', format: 'pem' }).toString(),
    join(tokens.folder, `${label}-ca`),
  )
  await writeFile(file, unit)
  return { module: SOFTHSM, token: label, pinFile: join(tokens.folder, 'pin'), certFile: file }
}

test('a register on a simulated TSE has a serial number that shows it, in its code too', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  expect(register.clientId).toBe(register.id.replace('reg_', 'NC-').slice(0, 30))
  const done = await sold(register)
  expect(signed(done).verification.qr_data).toMatch(/^V0;NC-[0-9A-Z]{26};Kassenbeleg-V1;/)
  expect(await noticesOf(register, done)).toEqual([MARK])
  const chosen = await made(bench, String((await bench.office.list('/v1/locations'))[0]?.['id']))
  expect((await fiscalized(bench, chosen, { pos_client_serial_number: 'TILL-7' })).json).toMatchObject({
    fiscalization: { client_id: 'TILL-7' },
  })
})

test('a certificate in a file certifies no key in a token: only a serial number that shows it is accepted', async () => {
  const files = await tokenWithFile('hidden')
  const config = { devices: [{ id: 'tse-1', driver: 'tse-pkcs11', ...files }] }
  await using bench = await Bench.open({ config })
  await bench.agent.administration.deviceAct('tse-1', 'init')
  await bench.untilDevice('ready')
  const { locationId } = await bench.shop()
  const chosen = await made(bench, locationId)
  expect((await fiscalized(bench, chosen, { pos_client_serial_number: 'EDGE-1' })).json).toMatchObject({
    code: 'fiscalization_conflict',
    details: { register_id: chosen, reason: 'pos_client_serial_number' },
  })
  const register = await bench.register(locationId)
  expect(register.clientId).toMatch(/^NC-/)
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '0.00' }))
  const done = await sold(register)
  expect(await noticesOf(register, done)).toEqual([MARK])
  const { qr_data, tss_serial_number: serial } = signed(done).verification
  const marked = { valid: true, uncertified: [serial], summary: expect.stringContaining('NOT CERTIFIED') }
  expect((await verify(qr_data, {}))[0]).toMatchObject(marked)
  expect(await packaged(bench, register)).toMatchObject(marked)
  expect(await verifiedExport(bench, 'tse_tar')).toMatchObject({ uncertified: [serial] })
  expect(bench.agent.administration.listTasks()).toEqual([])
})

test('a certified TSE leaves no mark, and takes no register whose serial number denies certification', async () => {
  await ofMaker(async ({ device }) => {
    await using bench = await Bench.open({ clock: patientClock, config: { devices: [device], deadlineMs: 20_000 } })
    await bench.agent.administration.deviceAct('tse-1', 'init')
    await bench.untilDevice('ready')
    const register = await bench.till()
    expect(register.clientId).toMatch(/^EDGE-/)
    const done = await sold(register)
    expect(await noticesOf(register, done)).toEqual([])
    expect((await verify(signed(done).verification.qr_data, {}))[0]).toMatchObject({ valid: true, uncertified: [] })
    expect(await packaged(bench, register)).toMatchObject({ valid: true, uncertified: [] })
    const closing = await register.till.post(`/v1/registers/${register.id}/closings`, {})
    expect((await register.till.get(`/v1/closings/${closing['id']}/receipt`))['notices']).toEqual([])
    expect(await bench.office.get('/readyz')).not.toHaveProperty('certified')
    const other = await made(bench, String((await bench.office.list('/v1/locations'))[0]?.['id']))
    const refused = await fiscalized(bench, other, { pos_client_serial_number: 'NC-7' })
    expect([refused.status, refused.json]).toMatchObject([
      409,
      { code: 'fiscalization_conflict', details: { reason: 'pos_client_serial_number' }, fiscal_effect: 'none' },
    ])
    const registered = bench.agent.administration.deviceAct('tse-1', { act: 'register-client', client: 'NC-7' })
    await expect(registered).rejects.toMatchObject({ code: 'fiscalization_conflict' })
    expect((await fiscalized(bench, other)).json).toMatchObject({ fiscalization: { client_id: /^EDGE-/ } })
  })
})

test('a certified TSE does not replace a simulated one under registers whose serial number shows the simulation', async () => {
  await ofMaker(async ({ device }) => {
    const devices = [
      { id: 'tse-1', driver: 'tse-simulator' },
      { ...device, id: 'tse-2' },
    ]
    await using bench = await Bench.open({ clock: patientClock, config: { devices, deadlineMs: 20_000 } })
    const { administration } = bench.agent
    await administration.deviceAct('tse-2', 'init')
    const { locationId } = await bench.shop()
    const id = await made(bench, locationId, { fiscal_device: 'tse-1' })
    expect((await fiscalized(bench, id)).json).toMatchObject({
      fiscalization: { client_id: expect.stringMatching(/^NC-/) },
    })
    const retired = administration.retireTse('tse-1', 'trial is over', 'tse-2')
    await expect(retired).rejects.toMatchObject({ code: 'fiscalization_conflict' })
    const fresh = await made(bench, locationId, { fiscal_device: 'tse-2' })
    expect((await fiscalized(bench, fresh)).json).toMatchObject({
      fiscalization: { client_id: expect.stringMatching(/^EDGE-/) },
    })
    await bench.office.post(`/v1/registers/${id}/decommission`, {}, 200)
    await administration.retireTse('tse-1', 'trial is over', 'tse-2')
  })
})

test('a register on a simulated card has a Kassen-ID that shows it, and its receipts do too', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const done = await sell(register, '12.00')
  expect(receiptOf(done).machine_code).toMatch(/^_R1-AT9_NC-[0-9A-Z]{26}_/)
  expect(await noticesOf(register, done)).toEqual([MARK])
  const [start] = await register.till.list(`/v1/registers/${register.id}/closings`)
  const { notices } = (await register.till.get(`/v1/operations/${String(start?.['id'])}/receipt`)) as Members
  expect(notices).toEqual(['TESTBETRIEB', MARK])
})

test('a card that was marked stays so when another certificate of its key is configured', async () => {
  await tokens.makeToken('turned', PIN)
  const plain = { module: SOFTHSM, token: 'turned', pinFile: join(tokens.folder, 'pin') }
  const maker = new Pkcs11Card({
    ...{ id: 'card-1', module: SOFTHSM, token: 'turned', vda: 'AT1', directory: tokens.folder },
    pin: async () => PIN,
    clock: systemClock,
  })
  await maker.initialise()
  const { serial, certificates } = await maker.identity()
  await maker.close()
  const config = { devices: [{ id: 'card-1', driver: 'card-pkcs11', ...plain }] }
  await using bench = await Bench.open({ config })
  const register = await austrianTill(bench)
  const before = await sell(register, '1.00')
  expect(await noticesOf(register, before)).toEqual([MARK])
  const key = createPublicKey({ key: pemOf(certificates[0]), format: 'pem' })
  const [own] = await certified(
    key.export({ type: 'spki', format: 'pem' }).toString(),
    join(tokens.folder, 'turned-ca'),
    `0x${serial}`,
  )
  const certFile = join(tokens.folder, 'turned.der')
  await writeFile(certFile, own)
  await bench.restart(async () => void Object.assign(bench.config.devices[0] ?? {}, { certFile, vda: 'AT3' }))
  await bench.untilDevice('ready')
  const after = await sell(register, '1.00')
  // Now it looks like one of a trust provider, and takes no register whose number says otherwise.
  expect(receiptOf(after)).toMatchObject({ certificate_serial: serial, security_device_failed: true })
  expect(await noticesOf(register, before)).toEqual([MARK])
  expect(await noticesOf(register, after)).toEqual([MARK, 'Sicherheitseinrichtung ausgefallen'])
})

test('a certified card signs for no register whose Kassen-ID denies certification', async () => {
  const files = await tokenWithFile('bought')
  const devices = [
    { id: 'card-1', driver: 'card-simulator' },
    { id: 'card-2', driver: 'card-pkcs11', ...files },
  ]
  const config = { devices, rksv: { fallbacks: { 'card-1': ['card-2'] } } }
  await using bench = await Bench.open({ config })
  await bench.agent.administration.deviceAct('card-2', 'init')
  const location = await austrianShop(bench)
  const register = await austrianTill(bench, location)
  await bench.faultAt('card-1', 'unplugged@sign#1+')
  const done = await sell(register, '5.00')
  expect(receiptOf(done)).toMatchObject({ security_device_failed: true })
  expect(await noticesOf(register, done)).toEqual(['Sicherheitseinrichtung ausgefallen'])
  const own = await made(bench, location, { fiscal_device: 'card-2' })
  expect((await fiscalized(bench, own)).json).toMatchObject({
    fiscalization: { client_id: expect.stringMatching(/^EDGE-/) },
  })
})

function pemOf(der: Uint8Array | undefined): string {
  const text = Buffer.from(der ?? []).toString('base64')
  return `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`
}
