// @module-tag heavy
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Clock } from '../../../base/clock.ts'
import { TcpLink } from '../../../drivers/links/tcp.ts'
import { DieboldBox } from '../../../drivers/tse-diebold/box.ts'
import { DieboldTse } from '../../../drivers/tse-diebold/driver.ts'
import { DieboldSimulator } from '../../../drivers/tse-diebold/simulator.ts'
import {
  expectRefused,
  expectSigned,
  expectUnknown,
  PROCESS_TYPE,
  processData,
  sell,
} from '../../contracts/tse-checks.ts'
import { patientClock } from '../../patient-clock.ts'
import { PlayedUnit } from './played-unit.ts'

const secrets = { read: async (name: string) => (name === 'adminPin' ? '12345' : '54321'), provide: async () => '' }

function boxAt(port: number) {
  return new DieboldBox(new TcpLink({ host: '127.0.0.1', port, clock: patientClock }), patientClock)
}

function slotOf(box: DieboldBox, slot: number, clock: Clock = patientClock) {
  return new DieboldTse({
    ...{ id: `tse-${slot}`, box, slot, secrets, clock },
    timeouts: { replyMs: 400, longMs: 3000 },
  })
}

const told: Readonly<Record<string, readonly string[]>> = {
  '001': ['0000', '00'],
  '109': ['03', '01', '0', '1', '9', '9', '20.07.2027 23:59:59', '9', 'ecdsa-plain-SHA384'],
  '201': ['22.05.2026 11:33:02', '7', 'c2VyaWFs', '10', 'c2lnbmF0dXJl'],
  '504': ['512', '0'],
  '508': ['9'],
}

describe('on the line', () => {
  let unit: PlayedUnit
  let slots: readonly [DieboldTse, DieboldTse]
  beforeEach(async () => {
    unit = await PlayedUnit.listen(({ command }) => told[command] ?? [])
    const box = boxAt(unit.port)
    // As long as the units log: one whose time is wrong gets another one first.
    const clock = { ...patientClock, now: () => Date.parse('2026-05-22T11:33:02Z') }
    slots = [slotOf(box, 1, clock), slotOf(box, 2, clock)]
    for (const slot of slots) await slot.open()
    unit.asked.length = 0
  })
  afterEach(async () => {
    for (const slot of slots) await slot.close()
    await unit.close()
  })

  test('each slot selects its client before it signs, also if both have a client of that name', async () => {
    const [one, two] = slots
    await one.start('till-1')
    await one.start('till-1')
    await two.start('till-1')
    await one.start('till-1')
    const signing = ['200 0  0', '201']
    const anew = (slot: number) => [`109 ${slot}`, '509 till-1', ...signing]
    expect(unit.asked).toEqual([...anew(1), ...signing, ...anew(2), ...anew(1)])
  })

  test('a request without a slot is sent under a client of the slot', async () => {
    const [one, two] = slots
    await one.health()
    await two.health()
    const asked = (slot: number, client: string) => [`109 ${slot}`, `509 ${client}`, '504', '508']
    expect(unit.asked).toEqual([...asked(1, 'fiskal-edge'), ...asked(2, 'fiskal-edge-2')])
  })

  test('one act at a time on the line, and the slots alternate, with any number of registers at each', async () => {
    const [one, two] = slots
    const busy = ['a', 'b', 'c', 'd'].map((client) => one.start(client))
    await Promise.all([...busy, two.start('x'), two.start('y')])
    const signed = (client: string) => [`509 ${client}`, '200 0  0', '201']
    const named = (slot: number, client: string) => [`109 ${slot}`, ...signed(client)]
    const turns = [named(1, 'a'), named(2, 'x'), named(1, 'b'), named(2, 'y'), named(1, 'c'), signed('d')]
    expect(unit.asked).toEqual(turns.flat())
  })

  test('closing one slot cancels its waiting requests and leaves the other', async () => {
    const [one, two] = slots
    const [running, waiting] = [two.start('a'), one.start('b')]
    await one.close()
    await expectRefused(waiting, 'aborted')
    await running
    await two.start('a')
    await expectRefused(one.start('b'), 'aborted')
  })
})

describe.each(['client', 'named'] as const)('a box with two units that is addressed by the %s', (slotRule) => {
  let directory: string
  let simulator: DieboldSimulator
  let box: DieboldBox
  let one: DieboldTse
  let two: DieboldTse
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tse-box-'))
    simulator = new DieboldSimulator({ directory, clock: patientClock, slots: 2, slotRule })
    box = boxAt(await simulator.serveTcp(0))
    one = slotOf(box, 1)
    two = slotOf(box, 2)
    for (const [slot, client] of [
      [one, 'till-1'],
      [two, 'till-2'],
    ] as const) {
      await slot.open()
      await slot.initialise()
      await slot.identity()
      await slot.registerClient(client)
    }
  })
  afterEach(async () => {
    for (const slot of [one, two]) await slot.close()
    await simulator.close()
    await rm(directory, { recursive: true })
  })

  test('an answer lost in one slot is found there; the other continues under its own client and serial', async () => {
    simulator.inject('1:lost-answer@start')
    const lost = one.start('till-1')
    const other = sell(two, 3, 'till-2')
    await expectUnknown(lost, 'timeout')
    await other
    expect(await one.openTransactions('till-1')).toEqual([1])
    expect(await two.openTransactions()).toEqual([])
    const recalled = await one.recall(1)
    if (recalled?.start === undefined) throw new Error('the start was expected')
    await expectSigned(one, 'Start', 'till-1', recalled.start, '', new Uint8Array())
    const signed = await two.start('till-2')
    expect(signed.transaction).toBe(4)
    await expectSigned(two, 'Start', 'till-2', signed, '', new Uint8Array())
    await one.finish(1, 'till-1', PROCESS_TYPE, processData)
    await expectRefused(one.finish(4, 'till-1', PROCESS_TYPE, processData), 'transaction_unknown')
  })

  test('an empty slot is reported as such, at an act and at a look; the other sells on the same connection', async () => {
    await simulator.pullCard(2)
    await expectRefused(two.start('till-2'), 'unavailable')
    await expectRefused(two.open(), 'unavailable')
    await expectRefused(two.start('till-2'), 'unavailable')
    await sell(one, 2, 'till-1')
    await simulator.plugIn()
    await two.open()
    await sell(two, 1, 'till-2')
    await sell(one, 1, 'till-1')
  })

  test('each slot opens a box again that was disconnected: another unit may be in it', async () => {
    await one.start('till-1')
    await two.start('till-2')
    await simulator.pullOut()
    await expect(one.start('till-1')).rejects.toMatchObject({ code: 'unavailable' })
    await simulator.plugIn()
    await one.open()
    expect((await one.start('till-1')).transaction).toBe(2)
    await expectRefused(two.start('till-2'), 'unavailable')
    await two.open()
    expect(await two.openTransactions()).toEqual([1])
    expect((await two.start('till-2')).transaction).toBe(2)
  })

  test('no remedy reaches a slot that was not opened again, so that no PIN is sent to another unit', async () => {
    await simulator.pullOut()
    await expect(one.start('till-1')).rejects.toMatchObject({ code: 'unavailable' })
    await simulator.plugIn()
    await one.open()
    await expectRefused(two.remedy('log_in_time_admin', 'till-2'), 'unavailable')
    await expectRefused(two.remedy('time', 'till-2'), 'unavailable')
    expect(await one.remedy('log_in_time_admin', 'till-1')).toBe(true)
    expect(await two.remedy('reopen', 'till-2')).toBe(false)
    await two.open()
    expect(await two.remedy('log_in_time_admin', 'till-2')).toBe(true)
  })

  test("a signature of another slot's unit, which has a client of that name, is never taken as ours", async () => {
    await one.registerClient('till-2')
    if (slotRule === 'named') {
      await sell(two, 1, 'till-2')
      expect(await one.openTransactions()).toEqual([])
      return
    }
    await expectUnknown(two.start('till-2'), 'foreign')
    expect(await two.openTransactions('till-2')).toEqual([])
    await one.deregisterClient('till-1')
    expect(await one.openTransactions('till-2')).toEqual([1])
    await one.finish(1, 'till-2', PROCESS_TYPE, processData)
    await one.deregisterClient('till-2')
    await sell(two, 1, 'till-2')
  })
})
