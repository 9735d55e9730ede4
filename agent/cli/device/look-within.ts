import { makeDevice } from '../../../drivers/catalog.ts'
import { DeviceError } from '../../../drivers/errors.ts'
import type { DriverContext } from '../../../drivers/opened-device.ts'
import type { Look } from '../../../drivers/recording/look.ts'
import { lookAt } from '../../../drivers/recording/look.ts'
import type { Say } from '../../../drivers/recording/step.ts'
import type { DeviceConfig } from '../../config/config.ts'

/** Limit for a look: one piece that a unit refuses in silence waits for the longest limit of its driver. */
const LOOK_MS = 180_000

/** A look, or the reason why it ended before its last question. */
export type LookResult = Look | { kind: 'ended'; reason: string }

/** Looks at a device, and leaves its line closed. `stop` ends the running question. */
export async function lookWithin(
  device: DeviceConfig,
  context: DriverContext,
  say: Say,
  stop?: AbortSignal,
): Promise<LookResult> {
  const { unit } = await makeDevice(device, context)
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= unit.close()
    return closing
  }
  const onStop = (): void => void close()
  stop?.addEventListener('abort', onStop)
  let isLate = false
  const cancel = context.clock.after(LOOK_MS, () => {
    isLate = true
    onStop()
  })
  try {
    return await lookAt(unit, say)
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error
    const reason = isLate ? `not finished within ${LOOK_MS / 1000} s` : error.message
    say(`ended: ${reason}`)
    return { kind: 'ended', reason }
  } finally {
    cancel()
    stop?.removeEventListener('abort', onStop)
    await close()
  }
}
