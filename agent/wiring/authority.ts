import type { Authority } from '../../drivers/ports/authority.ts'
import type { Config } from '../config/config.ts'
import { fileReader, secretReader } from '../config/credentials.ts'
import type { SecretsOfDevices } from '../state/device-secrets.ts'
import type { StateDirectory } from '../state/state-directory.ts'
import type { Surroundings } from './environment.ts'

/** A name that no device can have: its folder is among theirs. */
const AUTHORITY_FOLDER = 'authority.finanzonline'

/** Loaded only if it is configured; connects nothing. */
export async function openAuthority(
  { authorities }: Config,
  { clock, credentials }: Surroundings,
  { deviceDirectory }: StateDirectory,
  secrets: SecretsOfDevices,
): Promise<Authority | undefined> {
  const finanzonline = authorities?.finanzonline
  if (finanzonline === undefined) return undefined
  const { openFinanzOnline } = await import('../../drivers/finanzonline/driver.ts')
  return openFinanzOnline(
    { ...authorities, finanzonline },
    {
      clock,
      readSecret: secretReader(credentials),
      readFile: fileReader(credentials),
      directory: deviceDirectory(AUTHORITY_FOLDER),
      fingerprint: secrets.fingerprint,
    },
  )
}
