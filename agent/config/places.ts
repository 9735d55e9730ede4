import type { LawKeys } from '../../base/settings/law-settings.ts'
import type { Config } from './config.ts'
import { locationOf } from './targets.ts'

/** Folders that must survive the loss of the state's disk, each with the member that names it. */
export function placesIn(config: Config, keys: LawKeys): { name: string; folder: string }[] {
  const { backup, sync } = config
  const backups = backup.folder === undefined ? [] : [{ name: '"backup"', folder: backup.folder }]
  const ofLaws = Object.entries(keys).flatMap(([key, { folders }]) => [...(folders?.(Reflect.get(config, key)) ?? [])])
  const targets = sync.targets.flatMap((target) => {
    const at = locationOf(target)
    return 'folder' in at ? [{ name: `target ${target.id}`, folder: at.folder }] : []
  })
  return [...targets, ...backups, ...ofLaws]
}
