// @module-tag heavy
import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { Pkcs11Card } from '../../../drivers/card-pkcs11/driver.ts'
import { SOFTHSM, tokensOfFile } from '../../drivers/native/soft-token.ts'
import { execFileSync } from '../../waits.ts'
import { Bench } from '../bench.ts'
import { austrianTill, receiptOf, sell, verifiedDep } from './shop.ts'

const PIN = '74091358'
const PKCS11_TOOL = '/usr/bin/pkcs11-tool'
const tokens = tokensOfFile(async (made) => {
  await made.makeToken('kassa', PIN)
  writeFileSync(join(made.folder, 'pin'), PIN, { mode: 0o600 })
})

async function serialOfCard(bench: Bench): Promise<string> {
  const [card] = await bench.office.list('/v1/devices')
  return String(card?.['serial'])
}

function isOfUnit({ id }: { id: string }) {
  return id.startsWith('finanzonline-unit-')
}

test('a key in a PKCS#11 token signs a sale, and its certificate is in the export', async () => {
  const card = { id: 'card-1', driver: 'card-pkcs11', module: SOFTHSM, token: 'kassa', vda: 'AT3' }
  await using bench = await Bench.open({ config: { devices: [{ ...card, pinFile: join(tokens.folder, 'pin') }] } })
  expect(await bench.office.list('/v1/devices')).toMatchObject([{ state: 'down' }])
  await bench.agent.administration.deviceAct('card-1', 'init')
  const register = await austrianTill(bench)
  const sold = receiptOf(await sell(register, '12.00'))
  expect(sold.machine_code).toContain('_R1-AT3_')
  expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, signaturesVerified: 2, outageReceipts: 0 })
  expect(JSON.stringify(bench.journal()) + JSON.stringify(bench.lines)).not.toContain(PIN)
})

test('the trust provider in the code is the configured one, also if it is corrected after the card was first seen', async () => {
  await tokens.makeToken('named', PIN)
  const card = { id: 'card-1', driver: 'card-pkcs11', module: SOFTHSM, token: 'named' }
  await using bench = await Bench.open({ config: { devices: [{ ...card, pinFile: join(tokens.folder, 'pin') }] } })
  await bench.agent.administration.deviceAct('card-1', 'init')
  const register = await austrianTill(bench)
  expect(receiptOf(await sell(register, '1.00')).machine_code).toContain('_R1-AT1_')
  const { administration } = bench.agent
  const [mistaken] = (administration.listTasks() as readonly { id: string }[]).filter(isOfUnit)
  await administration.confirmTask(mistaken?.id ?? '')
  await bench.restart(async () => void Object.assign(bench.config.devices[0] ?? {}, { vda: 'AT3' }))
  await bench.untilDevice('ready')
  expect(receiptOf(await sell(register, '1.00')).machine_code).toContain('_R1-AT3_')
  const tasks = bench.agent.administration.listTasks() as readonly { id: string; instructions: readonly string[] }[]
  const [unit] = tasks.filter(isOfUnit)
  expect(unit?.instructions.join()).toContain('Vertrauensdiensteanbieter: AT3')
  expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, receipts: 3, groups: 2 })
})

test('issuers that are named after the card was first seen are in the exports from then on', async () => {
  await tokens.makeToken('issued', PIN)
  const pinFile = join(tokens.folder, 'pin')
  const options = { id: 'card-1', module: SOFTHSM, token: 'issued', vda: 'AT1', directory: tokens.folder }
  const maker = new Pkcs11Card({ ...options, pin: async () => PIN, clock: systemClock })
  await maker.initialise()
  const { certificates } = await maker.identity()
  await maker.close()
  const login = ['--module', SOFTHSM, '--token-label', 'issued', '--login', '--pin', PIN]
  for (const _authority of certificates.slice(1))
    execFileSync(PKCS11_TOOL, [...login, '--delete-object', '--type', 'cert', '--label', 'fiskal-edge authority'])

  const card = { id: 'card-1', driver: 'card-pkcs11', module: SOFTHSM, token: 'issued', pinFile }
  await using bench = await Bench.open({ config: { devices: [card] } })
  const register = await austrianTill(bench)
  await sell(register, '1.00')
  const issuers = async () => {
    const text = Buffer.from(await bench.exported('dep7', { register_id: register.id })).toString('utf8')
    const dep = JSON.parse(text) as { 'Belege-Gruppe': readonly { Zertifizierungsstellen: readonly string[] }[] }
    return dep['Belege-Gruppe'].map((group) => group.Zertifizierungsstellen.length)
  }
  expect(await issuers()).toEqual([0])
  const certFile = join(tokens.folder, 'chain.pem')
  writeFileSync(certFile, certificates.map((der) => new X509Certificate(der).toString()).join(''))
  await bench.restart(async () => void Object.assign(bench.config.devices[0] ?? {}, { certFile }))
  await bench.untilDevice('ready')
  expect(await issuers()).toEqual([2])
  expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, receipts: 2, signaturesVerified: 2 })
  await bench.restart(async () => void Object.assign(bench.config.devices[0] ?? {}, { certFile: undefined }))
  await bench.untilDevice('ready')
  expect(await issuers()).toEqual([2])
})

test('a card that must go is a duty until another one replaces it, and the DEP7 verifies over both', async () => {
  await tokens.makeToken('leaving', PIN)
  await tokens.makeToken('next', PIN)
  await tokens.fault('acos! C_GetTokenInfo')
  const pinFile = join(tokens.folder, 'pin')
  const card = { id: 'card-1', driver: 'card-pkcs11', module: tokens.faulty, token: 'leaving', vda: 'AT1', pinFile }
  await using bench = await Bench.open({ config: { devices: [card] } })
  const tasks = () =>
    bench.agent.administration.listTasks() as readonly { id: string; due: string; instructions: string[] }[]
  const exchanges = () => tasks().filter(({ id }) => id.startsWith('card-exchange-'))
  await bench.agent.administration.deviceAct('card-1', 'init')
  const register = await austrianTill(bench)
  await sell(register, '1.00')
  const leaving = await serialOfCard(bench)
  expect(exchanges()).toMatchObject([{ id: `card-exchange-${leaving}`, due: '2027-05-31' }])
  expect(exchanges()[0]?.instructions.join()).toContain('ACOS-ID 2.1')

  await bench.restart(async () => void Object.assign(bench.config.devices[0] ?? {}, { module: SOFTHSM, token: 'next' }))
  expect(exchanges()).toHaveLength(1)
  await bench.agent.administration.deviceAct('card-1', 'init')
  const next = await serialOfCard(bench)
  await bench.agent.administration.confirmTask(`finanzonline-unit-AT1-${next}`)
  await sell(register, '2.00')
  expect(exchanges()).toEqual([])
  expect(await verifiedDep(bench, register.id)).toMatchObject({
    valid: true,
    receipts: 3,
    signaturesVerified: 3,
    groups: 2,
  })
  const ofLeaving = tasks().filter(({ id }) => id.includes(leaving))
  expect(ofLeaving.map(({ id }) => id)).toEqual([
    `finanzonline-unit-AT1-${leaving}`,
    expect.stringMatching(`^finanzonline-unit-end-${leaving}-20`),
  ])
})
