import { join } from 'node:path'
import type { DeviceSecrets } from '../../../drivers/ports/secrets.ts'
import type { SwissbitSimulatorOptions } from '../../../drivers/tse-swissbit/simulator.ts'
import { SwissbitSimulator } from '../../../drivers/tse-swissbit/simulator.ts'
import type { SwissbitOptions } from '../../../drivers/tse-swissbit/unit.ts'
import { patientClock, patientWithProcesses } from '../../patient-clock.ts'

export const REPLY_MS = 800
const pins: Readonly<Record<string, string>> = { puk: '123456', adminPin: '12345', timeAdminPin: '54321' }
const secrets: DeviceSecrets = {
  read: async (name) => pins[name] ?? '',
  provide: async (name) => pins[name] ?? '',
}

export function optionsOn(directory: string, library: string): SwissbitOptions {
  return {
    id: 'tse-1',
    path: join(directory, 'm'),
    library,
    seed: 'SwissbitSwissbit',
    directory: join(directory, 'spool'),
    secrets,
    clock: patientWithProcesses,
    timeouts: { replyMs: REPLY_MS, longMs: 10_000 },
  }
}

/** All of them are plugged in at the same mount, one at a time. */
export function unitIn(
  place: { path: string },
  name = 'unit',
  made: Partial<SwissbitSimulatorOptions> = {},
): SwissbitSimulator {
  return new SwissbitSimulator({
    directory: join(place.path, name),
    mount: join(place.path, 'm'),
    clock: patientClock,
    ...made,
  })
}
