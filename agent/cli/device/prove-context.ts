import type { Clock } from '../../../base/clock.ts'
import type { DriverContext } from '../../../drivers/opened-device.ts'
import type { Recorder } from '../../../drivers/recording/recorder.ts'
import { heldBack } from '../../../drivers/recording/recording.ts'

/** The services for a driver that only looks: no secret, and a folder of this run. */
export function lookContext(clock: Clock, recorder: Recorder, folder: string): DriverContext {
  return {
    clock,
    recorder,
    directoryOf: () => folder,
    storeOf: () => {
      throw new Error('a recorded device has its own memory')
    },
    readSecret: refuseSecret,
    secretsOf: () => ({ read: refuseSecret, provide: refuseSecret }),
  }
}

async function refuseSecret(): Promise<never> {
  throw heldBack('a look reads no PIN')
}
