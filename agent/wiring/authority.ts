import type { Authority } from '../../drivers/ports/authority.ts'
import { relayOf } from '../config/authorities.ts'
import type { Config } from '../config/config.ts'
import { fileReader, secretReader } from '../config/credentials.ts'
import type { SecretsOfDevices } from '../state/device-secrets.ts'
import type { StateDirectory } from '../state/state-directory.ts'
import type { DutyDeskOptions } from '../till/duty-desk.ts'
import { DutyDesk } from '../till/duty-desk.ts'
import type { Meters } from '../watch/meters.ts'
import type { Surroundings } from './environment.ts'

/** A name that no device can have: its folder is among theirs. */
const AUTHORITY_FOLDER = 'authority.finanzonline'

/** Loaded only if it is configured; connects nothing. */
export async function openAuthority(
  { authorities }: Config,
  { clock, credentials }: Surroundings,
  { deviceDirectory }: StateDirectory,
  secrets: SecretsOfDevices,
  meters: Pick<Meters, 'noteCall'>,
): Promise<Authority | undefined> {
  const finanzonline = authorities?.finanzonline
  if (finanzonline === undefined) return undefined
  const { openFinanzOnline } = await import('../../drivers/finanzonline/driver.ts')
  const opened = openFinanzOnline(
    { ...authorities, finanzonline },
    {
      clock,
      readSecret: secretReader(credentials),
      readFile: fileReader(credentials),
      directory: deviceDirectory(AUTHORITY_FOLDER),
      fingerprint: secrets.fingerprint,
      onCall: (operation, result) => meters.noteCall('FinanzOnline', operation, result),
    },
  )
  return { ...opened, relay: relayOf(finanzonline) }
}

const BYTE_VALUES = 256

/** The desk that does duties by a client; undefined without one in the configuration. */
export function dutyDesk(
  authority: Authority | undefined,
  { clock, log, random }: Pick<Surroundings, 'clock' | 'log' | 'random'>,
  parts: Pick<DutyDeskOptions, 'journal' | 'newId' | 'fault' | 'onError' | 'duties'>,
): DutyDesk | undefined {
  if (authority === undefined) return undefined
  const fraction = (): number => (random(1)[0] ?? 0) / BYTE_VALUES
  return new DutyDesk({ ...parts, clock, log, authority, random: fraction })
}
