import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { LawKeys } from '../../base/settings/law-settings.ts'
import type { Config } from '../config/config.ts'
import { placesIn } from '../config/places.ts'
import { PlaceWatch } from '../state/place-watch.ts'
import type { DiskLook } from '../state/places.ts'
import { Places } from '../state/places.ts'
import type { Volatility } from '../state/volatility.ts'
import type { Warning } from '../watch/warnings.ts'
import { warningOf } from '../watch/warnings.ts'
import type { Closers } from './stop-order.ts'

export type PlaceSurroundings = {
  clock: Clock
  log: Log
  /** The keys of the configuration that belong to laws. */
  lawKeys: LawKeys
  volatilityOf?: (folder: string) => Promise<Volatility | undefined>
  diskLook?: DiskLook
}

/** The watch over the disks of the state and its copies. */
export function placesOf(
  config: Config,
  { clock, log, lawKeys, volatilityOf, diskLook }: PlaceSurroundings,
  closers: Closers,
): PlaceWatch {
  const stateDirectory = config.state
  const places = new Places(stateDirectory, { look: diskLook })
  const folders = placesIn(config, lawKeys).map(({ folder }) => folder)
  const placeWatch = new PlaceWatch({ stateDirectory, folders, places, volatilityOf, clock, log })
  closers.add('state', () => placeWatch.stop())
  return placeWatch
}

export function placeWarnings(watch: PlaceWatch): Warning[] {
  const { volatile } = watch
  return [
    ...(volatile === undefined ? [] : [warningOf('state_volatile', { detail: volatile })]),
    ...watch
      .folders('backup_disk_missing')
      .map((folder) => warningOf('backup_disk_missing', { about: { kind: 'folder', id: folder }, detail: folder })),
    ...watch
      .folders('shared')
      .map((folder) => warningOf('backup_on_same_disk', { about: { kind: 'folder', id: folder }, detail: folder })),
  ]
}
