import { expect, test } from 'vitest'
import { DeviceSupervisor } from '../../agent/devices/supervisor.ts'
import { TseActs } from '../../agent/laws/germany/acts.ts'
import { DeviceError } from '../../drivers/errors.ts'
import type { Tse } from '../../drivers/ports/tse.ts'
import { CommandQueue } from '../../drivers/queue.ts'
import { ManualClock } from '../manual-clock.ts'

const identity = {
  serial: 'ab'.repeat(32),
  publicKey: Buffer.alloc(65),
  algorithm: '',
  timeFormat: '',
  certificates: [],
}
const health = {
  ...{ memoryUsedPercent: 1, signaturesLeft: 1_000_000, openTransactions: 0, maxOpenTransactions: 512 },
  ...{ certificateExpiresAtMs: 4e12, clockSkewMs: 0, initialised: true, disabled: false, description: 'a unit' },
}
const start = { device: 'tse-1', name: 'start', client: 'till-1' } as const

/** A TSE whose questions and starts go through a queue, in which another command may be running. */
async function scene() {
  const clock = new ManualClock()
  const queue = new CommandQueue(clock)
  let starts = 0
  let refusal: DeviceError | undefined
  const ask = <T>(answer: () => T): Promise<T> =>
    queue.run({ deadlineMs: 5000 }, async () => {
      if (refusal !== undefined) throw refusal
      return answer()
    })
  const unit = {
    kind: 'tse',
    open: () => ask(() => undefined),
    close: () => queue.close(),
    identity: () => ask(() => identity),
    health: () => ask(() => health),
    start: () =>
      ask(() => {
        starts += 1
        throw new DeviceError('refused', 'none', 'signs nothing in this test')
      }),
  } as unknown as Tse
  const supervisor = new DeviceSupervisor({
    device: { id: 'tse-1', driver: 'tse-x', unit, load: () => queue.load() },
    clock,
    enrolledSerial: () => undefined,
    onChange: () => undefined,
    onHealthy: () => undefined,
  })
  const connected = supervisor.connect()
  await clock.advance(100)
  await connected
  const acts = new TseActs({ tseOf: () => supervisor.asTse, journalledOpen: () => [], clock })
  const work = (ms: number): Promise<void> =>
    queue.run({ client: 'export', deadlineMs: ms + 1000 }, () => new Promise((resolve) => clock.after(ms, resolve)))
  const refuse = (error: DeviceError): void => {
    refusal = error
  }
  return { clock, supervisor, acts, work, refuse, starts: () => starts }
}

test('a TSE that is at a long archive is not down: what waited in vain did nothing and is not queued again', async () => {
  const { clock, supervisor, acts, work, starts } = await scene()
  const archive = work(120_000)
  const waiting = acts.perform(start)
  const asked = supervisor.connect()
  await clock.advance(60_000)
  expect(await waiting).toMatchObject({ kind: 'failed', code: 'busy' })
  await asked
  expect([supervisor.state, starts()]).toEqual(['ready', 0])
  await clock.advance(59_000)
  expect(supervisor.usable).toBe(true)
  const next = acts.perform(start)
  await clock.advance(1000)
  await archive
  expect(await next).toMatchObject({ kind: 'failed', code: 'refused' })
  expect(starts()).toBe(1)
  await clock.advance(60_000)
  expect(supervisor.state).toBe('ready')
  await supervisor.close()
})

test('a TSE that reports that it accepts nothing is down', async () => {
  const { clock, supervisor, refuse } = await scene()
  refuse(new DeviceError('busy', 'none', 'another host holds the TSE', 'ERROR_DEVICE_BUSY'))
  await clock.advance(30_000)
  expect([supervisor.state, supervisor.trouble?.code]).toEqual(['down', 'busy'])
  await supervisor.close()
})
