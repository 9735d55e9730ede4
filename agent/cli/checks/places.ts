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
  const move = `fiskal-edge backup FILE --final, then restore FILE into another place: ${place}`
  if (kind === 'volatile')
    return [failure('state disk', `${why}: a power cut takes the journal with it`, `sell nothing more; ${move}`)]
  return kind === 'emptied'
    ? [caution('state disk', `${why}, and the journal with it (state_volatile)`, move)]
    : [caution('state disk', `${why}: a container that is removed takes the journal with it`, place)]
}

/** Folders of the state and its copies that a stop, or a power cut, empties. */
export async function emptiedPlaces(config: Config): Promise<string[]> {
  const sentences: string[] = []
  for (const { name, folder } of [{ name: '"state"', folder: config.state }, ...placesIn(config)]) {
    const volatility = await volatilityOf(existingFolder(folder))
    if (volatility !== undefined && volatility.kind !== 'unseen')
      sentences.push(`${name}: ${volatility.why} (state_volatile): name a folder on a disk`)
  }
  return sentences
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
    const { kind, why } = (state === 'gone' ? undefined : await volatilityOf(folder)) ?? {}
    if (why !== undefined && kind !== 'unseen')
      findings.push(caution('place', `${name}: ${why} (state_volatile)`, 'name a folder on another disk or a stick'))
    else if (state === 'apart') findings.push(ok('place', `${folder} (${name}) is on another disk`))
  }
  return findings
}
