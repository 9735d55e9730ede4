import { randomBytes } from 'node:crypto'
import type { Clock } from '../../../base/clock.ts'
import type { DriverContext } from '../../../drivers/opened-device.ts'
import type { DeviceSecrets } from '../../../drivers/ports/secrets.ts'
import type { TimeGate } from '../../../drivers/ports/time-gate.ts'
import type { Recorder } from '../../../drivers/recording/recorder.ts'
import type { Recording } from '../../../drivers/recording/recording.ts'
import { heldBack } from '../../../drivers/recording/recording.ts'
import type { Credentials } from '../../config/credentials.ts'
import { fileReader, readingOf, secretReader } from '../../config/credentials.ts'
import { SecretsOfDevices } from '../../state/device-secrets.ts'
import type { StateDirectory } from '../../state/state-directory.ts'

/** The services for a driver that only looks: no secret, and a folder of this run. */
export function lookContext(clock: Clock, recorder: Recorder, folder: string): DriverContext {
  const refuseSecret = async (): Promise<never> => {
    throw heldBack('a look reads no PIN')
  }
  return {
    clock,
    recorder,
    directoryOf: () => folder,
    storeOf: noStore,
    readSecret: refuseSecret,
    readFile: fileReader(undefined),
    secretsOf: () => ({ read: refuseSecret, provide: refuseSecret }),
  }
}

export type TestContextParts = {
  clock: Clock
  recording: Recording
  state: StateDirectory
  credentials: Credentials
  time: TimeGate
}

/**
 * The services for a driver that logs in. It remembers refused PINs in the folder of the agent, because the unit counts
 * all tries. The recording learns each secret that is read.
 */
export function testContext({ clock, recording, state, credentials, time }: TestContextParts): DriverContext {
  const hidden = async (secret: Promise<string>): Promise<string> => {
    recording.hide(await secret)
    return secret
  }
  const read = secretReader(credentials)
  const refused = readingOf(credentials)
  const sealed = new SecretsOfDevices({ sealed: state, random: randomBytes, readFile: read, refused })
  return {
    clock,
    recorder: recording,
    timeOf: () => time,
    directoryOf: state.deviceDirectory,
    storeOf: noStore,
    readSecret: (path) => hidden(read(path)),
    readFile: fileReader(credentials),
    secretsOf: (device, files): DeviceSecrets => {
      const secrets = sealed.of(device, files)
      return {
        ...secrets,
        read: (name) => hidden(secrets.read(name)),
        provide: (name, digits) => hidden(secrets.provide(name, digits)),
      }
    },
  }
}

function noStore(): never {
  throw new Error('a recorded device has its own memory')
}
