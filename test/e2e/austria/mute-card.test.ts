// @module-tag heavy
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { deviceStateIn } from '../../device-state.ts'
import { tokenBench } from '../../drivers/native/soft-token.ts'
import { Bench } from '../bench.ts'
import { FastClock } from '../fast-clock.ts'
import { LeapClock } from '../leap-clock.ts'
import { austrianTill, closingTypes, ONE_CARD, receiptOf, sell, TWO_CARDS, verifiedDep } from './shop.ts'

/** The journal's events of the card and of receipts that could not be made. */
function turns(bench: Bench): readonly string[] {
  return bench
    .journal()
    .filter(({ kind }) => kind.startsWith('device.') || kind === 'closing.refused')
    .map((event) => deviceStateIn(event) ?? event.kind)
}

test.each(['wrong-signature@sign#1-4', 'slow=60000@sign#1-3'])(
  'a card that answers and does not sign is down until it signs, in one outage: %s',
  async (fault) => {
    await using bench = await Bench.open({ config: ONE_CARD, clock: new FastClock(20) })
    const register = await austrianTill(bench)
    await bench.faultAt('card-1', fault)
    expect(receiptOf(await sell(register, '1.00')).security_device_failed).toBe(true)
    await bench.until(async () => (await closingTypes(register)).includes('collective'))
    expect(turns(bench)).toEqual(['ready', 'down', 'ready'])
    expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, receipts: 3, outageReceipts: 1 })
  },
)

test('a card that refuses to sign is down, and makes the Sammelbeleg automatically when it signs again', async () => {
  const tokens = await tokenBench()
  try {
    await tokens.makeToken('kassa', '74091358')
    writeFileSync(join(tokens.folder, 'pin'), '74091358', { mode: 0o600 })
    const card = { id: 'card-1', driver: 'card-pkcs11', module: tokens.faulty, token: 'kassa' }
    const config = { devices: [{ ...card, pinFile: join(tokens.folder, 'pin') }] }
    await using bench = await Bench.open({ config, clock: new FastClock(5) })
    await bench.agent.administration.deviceAct('card-1', 'init')
    const register = await austrianTill(bench)
    await tokens.fault('mute! C_Sign')
    expect(receiptOf(await sell(register, '1.00')).security_device_failed).toBe(true)
    const [listed] = await bench.office.list('/v1/devices')
    expect(listed?.['state']).toBe('down')
    await tokens.repair()
    await bench.until(async () => (await closingTypes(register)).includes('collective'))
    expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, receipts: 3, outageReceipts: 1 })
  } finally {
    await tokens.remove()
  }
})

test('an outage of a card that was only too busy to sign ends at the next look at it, with no sale', async () => {
  await using bench = await Bench.open({ config: ONE_CARD, clock: new FastClock(20) })
  const register = await austrianTill(bench)
  await bench.faultAt('card-1', 'busy@sign#1')
  expect(receiptOf(await sell(register, '1.00')).security_device_failed).toBe(true)
  await bench.until(async () => (await closingTypes(register)).includes('collective'))
  expect(turns(bench)).toEqual(['ready'])
  expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, receipts: 3, outageReceipts: 1 })
})

test('a sale whose time the first card used up is answered with the marker, though the second could sign', async () => {
  const clock = new LeapClock()
  let tries = Number.NEGATIVE_INFINITY
  const atPoint = (point: string): void => {
    if (point !== 'device.after-sign') return
    tries += 1
    if (tries === 1) clock.leap(5000)
  }
  await using bench = await Bench.open({ config: TWO_CARDS, clock, atPoint })
  const register = await austrianTill(bench)
  await bench.faultAt('card-1', 'busy@sign#1')
  tries = 0
  expect(receiptOf(await sell(register, '1.00')).security_device_failed).toBe(true)
  expect(receiptOf(await sell(register, '2.00')).security_device_failed).toBe(false)
  expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, receipts: 4, outageReceipts: 1 })
})
