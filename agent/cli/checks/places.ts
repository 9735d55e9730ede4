import type { Config } from '../../agent-config.ts'
import { placesIn } from '../../agent-config.ts'
import type { Places } from '../../state/places.ts'
import { volatilityOf } from '../../state/volatility.ts'
import type { Finding } from './finding.ts'
import { caution, failure, ok } from './finding.ts'
import { existingFolder } from './state.ts'

/** Checks that the folders keep their data when the power fails. */
export async function checkVolatility(state: string): Promise<Finding[]> {
  const volatility = await volatilityOf(existingFolder(state))
  if (volatility === undefined) return []
  const { kind, why } = volatility
  const place = 'name a folder on a disk in "state"; in a container, mount a volume there'
  return kind === 'volatile'
    ? [
        failure(
          'state disk',
          `${why}: a power cut takes the journal with it`,
          `sell nothing more; fiskal-edge backup FILE --final, then restore FILE into another place: ${place}`,
        ),
      ]
    : [caution('state disk', `${why}: a container that is removed takes the journal with it`, place)]
}

/** Checks that the copies of the journal are on another disk. The task that writes a copy reports a missing folder. */
export async function checkPlaces(config: Config, places: Pick<Places, 'stateOf'>): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const { name, folder } of placesIn(config)) {
    const state = await places.stateOf(folder)
    if (state === 'backup_disk_missing')
      findings.push(
        failure(
          'place',
          `${folder} (${name}) was on another disk before and is on the disk of the journal now: nothing is written there`,
          'plug in and mount that disk, or name another folder in the configuration',
        ),
      )
    if (state === 'shared')
      findings.push(
        caution(
          'place',
          `${folder} (${name}) is on the disk of the journal: if that disk fails, both are lost`,
          'name a folder on another disk or a stick',
        ),
      )
    if (state === 'apart') findings.push(ok('place', `${folder} (${name}) is on another disk`))
  }
  return findings
}
