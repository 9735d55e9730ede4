import { expect, onTestFinished, test } from 'vitest'
import { Forecast } from '../../agent/devices/forecast.ts'
import { DeviceSupervisor } from '../../agent/devices/supervisor.ts'
import { PLAUSIBLE_MS } from '../../base/clock.ts'
import { DeviceError } from '../../drivers/errors.ts'
import type { OpenedDevice } from '../../drivers/ports/device.ts'
import type { RtPrinter } from '../../drivers/ports/rt-printer.ts'
import type { SignatureCard } from '../../drivers/ports/signature-card.ts'
import { ManualClock } from '../manual-clock.ts'

const DAY_MS = 86_400_000

test('a busy printer is looked at within half a minute of its last document, also if the clock was set back', async () => {
  const clock = new ManualClock()
  let looks = 0
  const unit = {
    kind: 'fiscal_printer',
    open: async () => undefined,
    close: async () => undefined,
    identity: async () => ({ serial: '72IV6000001', model: '' }),
    health: async () => {
      looks++
      return { inService: true, memory: 'ok', paper: 'ok', cover: 'closed', periodicCheck: 'ok', clockSkewMs: 0 }
    },
  } as unknown as RtPrinter
  const device: OpenedDevice = { id: 'rt-1', driver: 'rt-x', unit, load: () => ({ waiting: 0, expectedWaitMs: 0 }) }
  const supervisor = new DeviceSupervisor({
    ...{ device, clock, enrolledSerial: () => '72IV6000001', onChange: () => undefined, onHealthy: () => undefined },
  })
  onTestFinished(() => supervisor.close())
  await supervisor.connect()
  supervisor.asPrinter?.worked()
  clock.jump(-DAY_MS)
  const before = looks
  await clock.advance(60_000)
  expect(supervisor.idleMs).toBe(60_000)
  expect(looks).toBeGreaterThan(before)
})

test('an outage of a card that an unset clock found is reported again, and counts, from when the clock is right', async () => {
  const clock = new ManualClock(0)
  const unit = {
    kind: 'signature_card',
    open: async () => {
      throw new DeviceError('unavailable', 'none', 'the card is not there')
    },
    close: async () => undefined,
  } as unknown as SignatureCard
  const device: OpenedDevice = { id: 'card-1', driver: 'card-x', unit, load: () => ({ waiting: 0, expectedWaitMs: 0 }) }
  const told: string[] = []
  const onChange = ({ state }: { state: string }): void => {
    told.push(`${state} ${clock.now() >= PLAUSIBLE_MS ? 'set' : 'not set'}`)
  }
  const supervisor = new DeviceSupervisor({
    ...{ device, clock, enrolledSerial: () => undefined, onChange, onHealthy: () => undefined },
  })
  onTestFinished(() => supervisor.close())
  await supervisor.connect()
  await clock.advance(60_000)
  expect(told).toEqual(['down not set'])
  clock.jump(PLAUSIBLE_MS)
  await clock.advance(60_000)
  expect(told).toEqual(['down not set', 'down set'])
  expect(supervisor.since).toBeGreaterThan(PLAUSIBLE_MS)
})

test('a note that a clock running ahead made of a TSE is forgotten once it is right: the forecast continues', () => {
  const forecast = new Forecast()
  const startMs = Date.parse('2026-01-01T00:00:00Z')
  const note = (atMs: number, used: number): void =>
    forecast.note({ atMs, signaturesLeft: 1000 - used, memoryUsedPercent: 0 })
  note(startMs, 0)
  note(Date.parse('2040-01-01T00:00:00Z'), 100)
  note(0, 100)
  note(startMs + 10 * DAY_MS, 100)
  expect(forecast.signaturesEndAtMs).toBe(startMs + 100 * DAY_MS)
})
