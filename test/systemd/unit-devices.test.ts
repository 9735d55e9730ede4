// @module-tag heavy
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { escapedPath } from '../../agent/config/unit-name.ts'
import { closingTypes, receiptOf, sell as sellInAustria } from '../e2e/austria/shop.ts'
import type { Register } from '../e2e/bench.ts'
import { completion } from '../e2e/client.ts'
import { event, goods, pay, sell } from '../e2e/goods.ts'
import { movement } from '../e2e/italy/shop.ts'
import { closing, counted } from '../e2e/shift.ts'
import { done, installedMachine } from '../package/installed-machine.ts'
import { ShopInUnit } from './shop-in-unit.ts'

const ETC = '/etc/fiskal-edge'
/** Ports of the TSEs. */
const [ENROLLED, OTHER] = [9001, 9002]
const TSE = { driver: 'tse-diebold', tcp: { host: '127.0.0.1', port: 9000 }, timeouts: { replyMs: 1000 } }
const CONFIG = {
  deadlineMs: 7000,
  devices: [
    { id: 'tse-1', ...TSE, adminPinFile: `${ETC}/admin.pin`, timeAdminPinFile: `${ETC}/time.pin` },
    { id: 'tse-2', driver: 'tse-simulator' },
    { id: 'tse-3', driver: 'tse-simulator' },
    { id: 'tse-4', driver: 'tse-simulator' },
    { id: 'card-1', driver: 'card-simulator' },
    { id: 'rt-1', driver: 'rt-simulator' },
  ],
}

/** A TSE on the network, another one of the same kind, and the cable that leads to one of them. */
const SET_UP = `
umask 077
printf 12345 >${ETC}/admin.pin
printf 54321 >${ETC}/time.pin
for port in ${ENROLLED} ${OTHER}; do
  systemd-run --quiet --unit=tse-$port fiskal-edge simulate tse-diebold --port $port --state /var/lib/tse-$port
done
${plug(ENROLLED)}
`

const OUTAGE = { state: 'failed', receipt_text: 'TSE ausgefallen' }

let shop: ShopInUnit
/** The service as it was before the first test: no test but the last ones may start it again. */
let before = ''
const machine = installedMachine(async (prepared) => {
  shop = await ShopInUnit.open(prepared, CONFIG, SET_UP)
  before = await shop.start()
})

function plug(port: number): string {
  return `systemd-run --quiet --collect --unit=cable socat TCP-LISTEN:9000,fork,reuseaddr TCP:127.0.0.1:${port}`
}

function pull(): Promise<string> {
  return done(machine(), 'systemctl stop cable')
}

function plugIn(port = ENROLLED): Promise<string> {
  return done(machine(), plug(port))
}

async function warned(code: string): Promise<boolean> {
  return (await shop.warnings()).some((warning) => warning['code'] === code)
}

async function endShift(register: Register, cash: string): Promise<void> {
  await counted(register, cash)
  await register.till.create(closing(register, '0.00'))
}

function onNetwork(): void {
  let register: Register

  test('is tried again when it is unplugged, and signs after its return', async () => {
    await done(machine(), 'fiskal-edge device init tse-1')
    register = await shop.register('DEU', 'tse-1')
    expect((await sell(register, '1.00')).fiscal.state).toBe('succeeded')
    await pull()
    expect((await sell(register, '1.00')).fiscal).toMatchObject(OUTAGE)
    await shop.untilDevice('tse-1', 'down')
    await plugIn()
    await shop.untilDevice('tse-1', 'ready')
    expect((await sell(register, '1.00')).fiscal.state).toBe('succeeded')
  })

  test('is waited for while another one replaces it, which signs nothing', async () => {
    await pull()
    await shop.untilDevice('tse-1', 'down')
    await plugIn(OTHER)
    await shop.untilDevice('tse-1', 'foreign')
    expect((await sell(register, '1.00')).fiscal.state).toBe('failed')
    await pull()
    await plugIn()
    await shop.untilDevice('tse-1', 'ready')
    expect((await sell(register, '1.00')).fiscal.state).toBe('succeeded')
  })

  test('that refused its PIN is used again once the file has the right one', async () => {
    const file = join(machine().root, `${ETC}/time.pin`)
    writeFileSync(file, '11111', { mode: 0o600 })
    const copy = `/run/fiskal-edge-secrets/${escapedPath(`${ETC}/time.pin`)}`
    await done(machine(), `until test "$(cat '${copy}')" = 11111; do sleep 0.1; done`)
    // It lost its time with its power: the next one is set after a login.
    await done(machine(), `systemctl restart tse-${ENROLLED}`)
    await shop.until('the PIN to be refused', async () => {
      await sell(register, '1.00')
      return warned('device_pin_wrong')
    })
    writeFileSync(file, '54321', { mode: 0o600 })
    await shop.until('the new PIN to be taken', async () => {
      await sell(register, '1.00')
      return !(await warned('device_pin_wrong'))
    })
    await shop.untilDevice('tse-1', 'ready')
    expect((await sell(register, '1.00')).fiscal.state).toBe('succeeded')
  })
}

describe('without a restart', { concurrent: true }, () => {
  // One after the other, concurrently with the other devices.
  describe('a TSE', { concurrent: true }, () => {
    describe('on the network', { concurrent: false }, onNetwork)
  })

  test('a TSE that is unplugged for a moment signs the usual receipt, and is reported after five times', async () => {
    const register = await shop.register('DEU', 'tse-2')
    for (let blips = 0; blips < 5; blips++) {
      expect(await warned('device_unsteady')).toBe(false)
      await shop.fault('tse-2', 'blip-before=400@finish')
      expect((await sell(register, '1.00')).fiscal.state).toBe('succeeded')
    }
    await shop.until('the warning', () => warned('device_unsteady'))
  })

  test('a TSE is asked for an answer that was lost, or that comes after the deadline, and the same key gets it', async () => {
    const register = await shop.register('DEU', 'tse-4')
    await shop.fault('tse-4', 'lost-answer@finish')
    expect((await sell(register, '1.00')).fiscal.state).toBe('succeeded')
    await shop.fault('tse-4', 'slow=8000@finish')
    const open = await register.till.create(goods('sale', register.id, [['2.00', '0.07']]))
    const call = completion(open, [pay('cash', '2.00')])
    expect((await register.till.call(call)).json['fiscal']).toMatchObject({
      state: 'pending',
      receipt_text: expect.stringContaining('TSE'),
    })
    await shop.until('the finish', async () => (await register.till.read(open.id)).fiscal.state === 'succeeded')
    expect((await register.till.call(call)).json['fiscal']).toMatchObject({ state: 'succeeded' })
  })

  test('signatures of a TSE are read back after each close of a session, and a good reading ends the alarm', async () => {
    const register = await shop.register('DEU', 'tse-3')
    await shop.fault('tse-3', 'no-data@*#*')
    await sell(register, '1.00')
    await endShift(register, '51.00')
    await shop.until('the alarm', () => warned('tse_unreadable'))
    await shop.fault('tse-3', 'clear')
    await register.till.create(event('session_open', register.id, { opening_balance_amount: '0.00' }))
    await sell(register, '1.00')
    await endShift(register, '1.00')
    await shop.until('the end of the alarm', async () => !(await warned('tse_unreadable')))
  })

  test('a card that is put back is found, and the Sammelbeleg is made before the next sale', async () => {
    const register = await shop.register('AUT', 'card-1')
    await shop.fault('card-1', 'unplugged@*')
    const lost = await sellInAustria(register, '5.00')
    expect(lost).toMatchObject({ fiscal: { receipt_text: 'Sicherheitseinrichtung ausgefallen' } })
    expect(receiptOf(lost).security_device_failed).toBe(true)
    await shop.untilDevice('card-1', 'down')
    await shop.fault('card-1', 'clear')
    await shop.untilDevice('card-1', 'ready')
    await shop.until('the Sammelbeleg', async () => (await closingTypes(register)).includes('collective'))
    expect(receiptOf(await sellInAustria(register, '5.00')).security_device_failed).toBe(false)
  })

  test('a printer that is unplugged is looked for, prints the slips that were noted, and completes the sale by its key', async () => {
    const register = await shop.register('ITA', 'rt-1')
    const { till, id } = register
    const open = await till.create(movement('sale', register, [{ title: 'Torta', amount: '12.50' }]))
    const call = completion(open, [pay('cash', '12.50')])
    await shop.fault('rt-1', 'unplugged-before=4000@<</?N')
    expect(await till.refused(call)).toMatchObject({ code: 'fiscal_device_unavailable', fiscal_effect: 'none' })
    const slip = await till.create(event('session_cash_adjustment', id, { cash_amount: '30.00' }))
    expect(slip.fiscal.state).toBe('pending')
    await shop.answered(till, call, 200)
    await shop.until('the slip', async () => (await till.read(slip.id)).fiscal.state === 'succeeded')

    // It prints, and its answer does not come in time.
    await shop.fault('rt-1', 'unplugged=9000@=T')
    const next = await till.create(movement('sale', register, [{ title: 'Torta', amount: '12.50' }]))
    const again = completion(next, [pay('cash', '12.50')])
    expect(await till.refused(again)).toMatchObject({ code: 'reconciling', fiscal_effect: 'unknown' })
    await shop.answered(till, again, 200)
    expect(await shop.start()).toBe(before)
  })
})

test('none of it has started the service again', async () => {
  expect(await shop.start()).toBe(before)
})
