// @module-tag heavy
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { RchSimulator } from '../../drivers/rt-rch/simulator.ts'
import { vendorTses } from '../contracts/vendor-tses.ts'
import { deviceStateIn } from '../device-state.ts'
import { TurningClock, turnedMs } from '../turning-clock.ts'
import { Bench } from './bench.ts'
import { FastClock } from './fast-clock.ts'
import { printerOf } from './italy/printer-beside.ts'
import { FAST_LINE } from './italy/shop.ts'

/** The machine may be busy: a second of the agent is three. */
const SLOW = 1 / 3
const EPSON_SPEED = 5

type Pluggable = { pullOut(): Promise<void>; plugIn(): Promise<void> }

function states(bench: Bench): unknown[] {
  return bench.agent.application.devices().map((device) => device['state'])
}

/** Milliseconds of the agent until the device is in that state; those of a busy machine are not among them. */
async function timeTo(bench: Bench, state: string, speed = SLOW): Promise<number> {
  const sinceMs = turnedMs()
  await bench.until(() => states(bench)[0] === state)
  return (turnedMs() - sinceMs) * speed
}

/** No till sells: only the plug events show. */
async function pulledAndPutBack(bench: Bench, unit: Pluggable): Promise<void> {
  await unit.pullOut()
  expect(await timeTo(bench, 'down')).toBeLessThan(1000)
  // Its window is over: that is an outage, and no try of the window brings it back.
  await bench.until(() =>
    bench.journal().some((event) => deviceStateIn(event) === 'down' && event.body.includes('silent_ms')),
  )
  await unit.plugIn()
  expect(await timeTo(bench, 'ready')).toBeLessThan(2000)
}

describe('an idle device', { concurrent: true }, () => {
  test.each(Object.keys(vendorTses))('%s: its unplugging shows within 1 s, its return within 2 s', async (driver) => {
    const folder = await mkdtemp(join(tmpdir(), 'p-'))
    const vendor = await vendorTses[driver]?.open(folder, 0)
    if (vendor === undefined) throw new Error(driver)
    const clock = new FastClock(SLOW, systemClock.after)
    try {
      await using bench = await Bench.open({ clock, config: { devices: [vendor.device] } })
      await bench.agent.administration.deviceAct('tse-1', 'init')
      await bench.untilDevice('ready')
      await pulledAndPutBack(bench, vendor.unit)
    } finally {
      await vendor.close()
      await rm(folder, { recursive: true, force: true })
    }
  })

  test.each(['serial', 'tcp'])('a printer on a %s line: the same', async (line) => {
    const folder = await mkdtemp(join(tmpdir(), 'p-'))
    const clock = new FastClock(SLOW, systemClock.after)
    const path = join(folder, 'tty')
    let port = 0
    let simulator: RchSimulator | undefined
    const unit: Pluggable = {
      pullOut: async () => simulator?.close(),
      plugIn: async () => {
        simulator = new RchSimulator({ directory: join(folder, 'rt'), clock: systemClock })
        simulator.open()
        if (line === 'tcp') port = await simulator.serveTcp(port)
        else await simulator.servePty(path)
      },
    }
    await unit.plugIn()
    const way = line === 'tcp' ? { tcp: { host: '127.0.0.1', port } } : { serial: { path, baudRate: 9600 } }
    try {
      const devices = [{ id: 'rt-1', driver: 'rt-rch', timeouts: FAST_LINE, ...way }]
      await using bench = await Bench.open({ clock, config: { devices } })
      await bench.untilDevice('ready')
      await pulledAndPutBack(bench, unit)
    } finally {
      await unit.pullOut()
      await rm(folder, { recursive: true, force: true })
    }
  })

  test.each(['tse-simulator', 'card-simulator'])('%s: the same', async (driver) => {
    const clock = new FastClock(SLOW, systemClock.after)
    await using bench = await Bench.open({ clock, config: { devices: [{ id: 'dev-1', driver }] } })
    await bench.untilDevice('ready')
    await pulledAndPutBack(bench, {
      pullOut: () => bench.faultAt('dev-1', 'unplugged@*'),
      plugIn: () => bench.faultAt('dev-1', 'clear'),
    })
  })
})

test('an Epson printer keeps no connection: that it is switched off shows at the next look, within 15 s', async () => {
  await using printer = await printerOf('epson')
  const clock = new TurningClock(EPSON_SPEED)
  await using bench = await Bench.open({ clock, config: { devices: [printer.device()] } })
  await bench.untilDevice('ready')
  await printer.unplug()
  // The look itself takes its time.
  expect(await timeTo(bench, 'down', EPSON_SPEED)).toBeLessThan(16_000)
  await printer.plugIn()
  expect(await timeTo(bench, 'ready', EPSON_SPEED)).toBeLessThan(3000)
})

test("after another unit the agent looks for the shop's unit at every plug, not after ten seconds", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'p-'))
  const vendor = await vendorTses['tse-cryptovision']?.open(folder, 0)
  if (vendor === undefined) throw new Error('no family')
  const clock = new FastClock(SLOW, systemClock.after)
  try {
    await using bench = await Bench.open({ clock, config: { devices: [vendor.device] } })
    await bench.agent.administration.deviceAct('tse-1', 'init')
    await bench.untilDevice('ready')
    await bench.till()
    await vendor.unit.pullOut()
    await vendor.other.plugIn()
    await bench.untilDevice('foreign')
    await vendor.other.pullOut()
    await vendor.unit.plugIn()
    expect(await timeTo(bench, 'ready')).toBeLessThan(2000)
  } finally {
    await vendor.close()
    await rm(folder, { recursive: true, force: true })
  }
})
