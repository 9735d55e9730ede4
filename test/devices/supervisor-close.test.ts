import { expect, test, vi } from 'vitest'
import { DeviceSupervisor } from '../../agent/devices/supervisor.ts'
import type { Tse } from '../../drivers/ports/tse.ts'
import { deferred } from '../http/harness.ts'
import { ManualClock } from '../manual-clock.ts'

test('a device that cannot be closed while it is being connected is reported to the caller of close', async () => {
  const connecting = deferred()
  const broken = new Error('ENOSPC: no space left on device')
  const unit = {
    kind: 'tse',
    open: () => connecting.promise,
    close: () => Promise.reject(broken),
  } as unknown as Tse
  const supervisor = new DeviceSupervisor({
    device: { id: 'tse-1', driver: 'tse-x', unit, load: () => ({ waiting: 0, expectedWaitMs: 0 }) },
    clock: new ManualClock(),
    enrolledSerial: () => undefined,
    onChange: () => undefined,
    onHealthy: () => undefined,
  })
  const connected = supervisor.connect()
  const closed = supervisor.close()
  const heard = closed.catch((error: unknown) => error)
  // A rejection that is unhandled after one turn ends the agent.
  const unheard = vi.fn()
  process.once('unhandledRejection', unheard)
  await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', unheard)
  connecting.resolve()
  expect(unheard).not.toHaveBeenCalled()
  expect(await heard).toBe(broken)
  await connected
})
